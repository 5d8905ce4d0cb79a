"""Sees to what must follow once an incident, or something on its timeline, stands on record."""
