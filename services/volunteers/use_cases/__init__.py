"""What can be done: applying and enrolling, offering, answering, completing.

Each function runs in one transaction and is safe to run again.
"""
