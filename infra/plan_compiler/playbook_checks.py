"""What a plan says about its teams' work: tasks and clean-up, whose they are, what waits for what, what is lent."""

from __future__ import annotations


def task_name(team: str, name: str) -> str:
    """A task as `after` names it, with its team: one without is of the same team."""
    return name if "/" in name else f"{team}/{name}"
