"""Watches the clocks that somebody must beat (P6.3, P8.1)."""
