"""The domain: pure values and rules. No AWS, no environment, no clock of its own."""
