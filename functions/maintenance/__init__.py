"""Takes in planned maintenance, sets it and ends it (P6.1)."""
