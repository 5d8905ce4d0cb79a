"""Opens and closes the dedicated hotline (P6.3, P6.5)."""
