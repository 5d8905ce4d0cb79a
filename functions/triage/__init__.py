"""Assesses the incident's severity by the risk matrix (P6.1, P3)."""
