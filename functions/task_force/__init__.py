"""Introduces the task force and starts the clocks (P6.2)."""
