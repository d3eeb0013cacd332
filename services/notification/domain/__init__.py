"""Which messages a person is to get, when, and whether one that is due may still leave. Rules without I/O.

`planning` says what is wanted; `sending` asks it again when a message is due. The others hold what
these are about.

Times with `real` in their name are of the real clock (leases and retries); all others are the platform's.
"""
