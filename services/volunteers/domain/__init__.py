"""The rules of the volunteers service, without I/O."""
