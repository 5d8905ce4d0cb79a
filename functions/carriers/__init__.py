"""Proposes where a failing carrier's parcels go, and notes what the others answer (P6.3, P7)."""
