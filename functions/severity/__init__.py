"""Raises an incident to a higher severity, as it was decided."""
