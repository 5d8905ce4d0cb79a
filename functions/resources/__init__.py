"""Lends and takes back what P7 keeps in stock (P6.4, P6.5)."""
