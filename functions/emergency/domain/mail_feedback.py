"""What became of a mail, as the mail provider tells it afterwards (R19).

Source: Amazon SES, "Contents of event data that Amazon SES publishes"; the tags are those that our mails carry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from enum import StrEnum

from emergency.domain.errors import UnusableFeedback
from emergency.domain.subscription import PURPOSE


class Feedback(StrEnum):
    """What can become of a mail that was accepted. The values are SES's own."""

    BOUNCE = "Bounce"
    COMPLAINT = "Complaint"
    REJECT = "Reject"
    DELIVERY_DELAY = "DeliveryDelay"


@dataclass(frozen=True, kw_only=True)
class MailFeedback:
    """One mail that did not arrive, or not yet.

    `reason` is a slug such as `bounce.permanent` or `delay.mailbox_full`; `is_lasting` says that the address itself is
    at fault, so that the next mail will hardly arrive either. `purpose` is what the mail was for; one that belongs to
    no question has no `decision_id`.
    """

    id: str
    kind: Feedback
    reason: str
    is_lasting: bool
    incident_id: str
    decision_id: str
    contact: str
    level: int
    purpose: str
    at: datetime


def read_feedback(event: Mapping[str, object]) -> MailFeedback | None:
    """Reads an SES event from the event bus; None for a mail that isn't ours.

    Raises UnusableFeedback naming what is missing or wrong; never quotes an address.
    """
    detail = _mapping(event, "detail")
    mail = _mapping(detail, "mail")
    tags = _mapping(mail, "tags")
    if not {"incident", "contact", "purpose"} <= tags.keys():
        return None
    is_about_a_question = "decision" in tags
    kind = _kind(detail)
    reason, is_lasting = _reason(kind, detail)
    return MailFeedback(
        id=_text(mail, "messageId"),
        kind=kind,
        reason=reason,
        is_lasting=is_lasting,
        incident_id=_tag(tags, "incident"),
        decision_id=_tag(tags, "decision") if is_about_a_question else "",
        contact=_tag(tags, "contact"),
        level=_level(_tag(tags, "level")) if is_about_a_question else 0,
        purpose=_tag(tags, "purpose"),
        at=_time(event),
    )


def lost_addresses(event: Mapping[str, object]) -> tuple[str, ...] | None:
    """The addresses of subscribers to whom nothing must be sent any more: it came back for good, or they complained.

    Empty for what will pass, None for a mail to somebody else. Raises UnusableFeedback, which never quotes an address.
    """
    detail = _mapping(event, "detail")
    mail = _mapping(detail, "mail")
    if _mapping(mail, "tags").get("purpose") != [PURPOSE]:
        return None
    _, is_lasting = _reason(_kind(detail), detail)
    return _destinations(mail) if is_lasting else ()


def _destinations(mail: Mapping[str, object]) -> tuple[str, ...]:
    listed = mail.get("destination")
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise UnusableFeedback("mail.destination is missing or no list of texts")
    return tuple(address for _, address in map(parseaddr, listed) if address)


def _kind(detail: Mapping[str, object]) -> Feedback:
    kind = _text(detail, "eventType")
    if kind not in set(Feedback):
        raise UnusableFeedback("detail.eventType is none of those that were asked for")
    return Feedback(kind)


def _reason(kind: Feedback, detail: Mapping[str, object]) -> tuple[str, bool]:
    if kind is Feedback.BOUNCE:
        bounce = _mapping(detail, "bounce")
        is_lasting = _text(bounce, "bounceType") == "Permanent"
        return f"bounce.{'permanent' if is_lasting else 'transient'}", is_lasting
    if kind is Feedback.COMPLAINT:
        return "complaint", True
    return ("reject", False) if kind is Feedback.REJECT else ("delay", False)


def _mapping(parent: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = parent.get(name)
    if not isinstance(value, dict):
        raise UnusableFeedback(f"{name} is missing or no object")
    return value


def _text(parent: Mapping[str, object], name: str) -> str:
    value = parent.get(name)
    if not isinstance(value, str) or not value:
        raise UnusableFeedback(f"{name} is missing or no text")
    return value


def _tag(tags: Mapping[str, object], name: str) -> str:
    values = tags.get(name)
    if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
        raise UnusableFeedback(f"the tag {name} is not one text")
    return values[0]


def _level(text: str) -> int:
    if not text.isdecimal():
        raise UnusableFeedback("the tag level is no number")
    return int(text)


def _time(event: Mapping[str, object]) -> datetime:
    try:
        return datetime.fromisoformat(_text(event, "time"))
    except ValueError:
        raise UnusableFeedback("time is no ISO 8601 time") from None
