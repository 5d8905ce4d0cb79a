"""Publishes approved statements, and writes the status page."""
