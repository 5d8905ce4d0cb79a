"""The status page: static files that say what was published, and nothing else (P6.3)."""
