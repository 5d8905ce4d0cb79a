"""What the shop's own monitoring and people put on the event bus comes to be what is expected of it (P6.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from local.stack import LocalStack
from tests.support.events import checked, person


def disposition(stack: LocalStack, event: dict[str, Any]) -> str:
    """What became of the event; empty before it was taken."""
    found = stack.records.get_item(Key={"pk": f"SIGNAL#{event['id']}", "sk": "SIGNAL"}, ConsistentRead=True)
    return str(found.get("Item", {}).get("disposition", ""))


def taken(stack: LocalStack, event: dict[str, Any]) -> str:
    stack.put_event(event)
    stack.wait_until(lambda: bool(disposition(stack, event)), 60, event["detail-type"])
    return disposition(stack, event)


def test_a_mapped_event_opens_an_incident_that_a_persons_report_of_the_place_joins(app: Path) -> None:
    with LocalStack(app) as stack:
        incomplete = {**person(place=None), "id": "9d2f1a60-0000-0000-0000-000000000000"}

        assert taken(stack, checked(value=40, limit=4.0)) == "opened"
        assert taken(stack, person()) == "joined"
        assert taken(stack, incomplete) == "rejected"
        assert stack.dead_letters() == 1
