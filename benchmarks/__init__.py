"""Measurements of the whole system on the local engine, as ratios within one run."""
