"""What tests share: a small plan, in-memory ports, sample events."""
