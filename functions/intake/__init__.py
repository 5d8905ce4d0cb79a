"""Signals come in; incidents open, are joined, or nothing happens (P6.1)."""
