"""Evaluation owns instruments, surveys, answers, measures and result posters."""
