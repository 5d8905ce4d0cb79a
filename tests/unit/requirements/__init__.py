"""Requirements R1 to R24 of decisions, one test or more for each, named for it."""
