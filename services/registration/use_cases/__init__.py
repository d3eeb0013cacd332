"""What can be done: planning programmes, registering and cancelling, holding sessions.

Each function runs in one transaction and is safe to run again.
"""
