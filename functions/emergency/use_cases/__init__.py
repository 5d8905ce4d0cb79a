"""What the system does, one module a verb. A use case is built from ports and called with plain values."""
