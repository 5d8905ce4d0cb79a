"""What SES tells of a mail, read (R19); whatever else comes is refused by name, without an address in the message."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.errors import UnusableFeedback
from emergency.domain.mail_feedback import Feedback, read_feedback

EVENT: dict[str, Any] = {
    "version": "0",
    "id": "12345678-1234-1234-1234-123456789012",
    "detail-type": "Email Bounced",
    "source": "aws.ses",
    "account": "123456789012",
    "time": "2026-11-22T03:14:00Z",
    "region": "ap-northeast-1",
    "resources": ["arn:aws:ses:ap-northeast-1:123456789012:configuration-set/mail"],
    "detail": {
        "eventType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": "chief@island-shop.example", "action": "failed", "status": "5.1.1"}],
            "timestamp": "2026-11-22T03:14:00.000Z",
            "feedbackId": "0106",
        },
        "mail": {
            "timestamp": "2026-11-22T03:13:58.000Z",
            "messageId": "0106-message",
            "source": "emergency@island-shop.example",
            "destination": ["chief@island-shop.example"],
            "tags": {
                "ses:configuration-set": ["mail"],
                "incident": ["INC-20261122-7F3K"],
                "decision": ["orders"],
                "contact": ["chief-executive"],
                "level": ["1"],
                "purpose": ["reminder"],
            },
        },
    },
}


def event(**detail: Any) -> dict[str, Any]:
    changed = deepcopy(EVENT)
    changed["detail"].update(detail)
    return changed


def test_a_bounce_names_mail_question_person_and_level() -> None:
    feedback = read_feedback(EVENT)
    assert feedback is not None
    assert (feedback.id, feedback.incident_id, feedback.decision_id) == ("0106-message", "INC-20261122-7F3K", "orders")
    assert (feedback.contact, feedback.level, feedback.purpose) == ("chief-executive", 1, "reminder")
    assert (feedback.kind, feedback.reason, feedback.is_lasting) == (Feedback.BOUNCE, "bounce.permanent", True)


@pytest.mark.parametrize(
    ("detail", "reason", "lasting"),
    [
        ({"bounce": {"bounceType": "Transient"}}, "bounce.transient", False),
        ({"bounce": {"bounceType": "Undetermined"}}, "bounce.transient", False),
        ({"eventType": "Complaint"}, "complaint", True),
        ({"eventType": "Reject"}, "reject", False),
        ({"eventType": "DeliveryDelay"}, "delay", False),
    ],
)
def test_only_what_lies_with_the_address_lasts(detail: dict[str, Any], reason: str, *, lasting: bool) -> None:
    feedback = read_feedback(event(**detail))
    assert feedback is not None
    assert (feedback.reason, feedback.is_lasting) == (reason, lasting)


def test_a_mail_that_asked_nothing_names_its_incident_and_person() -> None:
    told = event()
    del told["detail"]["mail"]["tags"]["decision"], told["detail"]["mail"]["tags"]["level"]
    feedback = read_feedback(told)
    assert feedback is not None
    assert (feedback.incident_id, feedback.decision_id, feedback.contact) == (
        "INC-20261122-7F3K",
        "",
        "chief-executive",
    )


def test_somebody_elses_mail_is_let_be() -> None:
    other = deepcopy(EVENT)
    other["detail"]["mail"]["tags"] = {"ses:configuration-set": ["mail"]}
    assert read_feedback(other) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda e: e.pop("detail"),
        lambda e: e["detail"].pop("mail"),
        lambda e: e["detail"]["mail"].pop("messageId"),
        lambda e: e["detail"].update(eventType="Open"),
        lambda e: e["detail"].pop("bounce"),
        lambda e: e["detail"]["mail"]["tags"].update(level=["high"]),
        lambda e: e["detail"]["mail"]["tags"].update(contact=[]),
        lambda e: e.update(time="yesterday"),
    ],
)
def test_what_cannot_be_read_is_refused_without_an_address(damage: Any) -> None:
    damaged = deepcopy(EVENT)
    damage(damaged)
    with pytest.raises(UnusableFeedback) as caught:
        read_feedback(damaged)
    assert "@" not in str(caught.value)


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner), max_leaves=9)
)
def test_nothing_makes_the_reader_stumble(detail: object) -> None:
    try:
        read_feedback({"detail": detail, "time": "2026-11-22T03:14:00Z"})
    except UnusableFeedback:
        return
