"""Which messages a person is to get, when, and whether one that is due may still leave. Rules without I/O.

Times with `real` in their name are of the real clock (leases and retries); all others are the platform's.
"""
