"""Carries out the leadership group's orders on the record (P6.2)."""
