"""Forms the complete record and the post-incident report, and closes the incident (P6.5, P6.6)."""
