"""Sets and ends planned maintenance."""
