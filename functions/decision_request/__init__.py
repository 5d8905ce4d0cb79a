"""Puts a question to people by mail, rung by rung (P6.2 to P6.6)."""
