"""Owns volunteers and how to reach them, and the assignments that they are offered, accept and complete."""
