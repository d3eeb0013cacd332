"""Owns programmes, sessions, places and queues, attendance, and participants with how to reach them."""
