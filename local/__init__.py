"""The whole system on one machine: the synthesised app, run on a loopback AWS. `python -m local --help` says how."""
