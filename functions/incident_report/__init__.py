"""People report incidents on pages of their own (P6.1)."""
