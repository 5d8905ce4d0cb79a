"""What a plan says about its inventory: stock, reserve lists, and what its playbooks lend of both."""

from __future__ import annotations

PEOPLE = "people"
"""The kind of resource that is a list of names."""
