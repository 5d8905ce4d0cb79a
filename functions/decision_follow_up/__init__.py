"""Sees to what must follow once a decision stands on record."""
