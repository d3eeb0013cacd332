"""What can be done: enrolling and training volunteers, asking them, and finding somebody for what a unit asks.

Each function runs in one transaction and is safe to run again.
"""
