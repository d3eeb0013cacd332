"""The rules of registration, without I/O."""
