"""Gives a team its tasks from the playbook (P6.3, P5)."""
