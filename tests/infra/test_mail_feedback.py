"""What SES tells of mails that did not arrive, on its way in (R19)."""

from __future__ import annotations

from typing import Any

import pytest

from emergency.domain.mail_feedback import Feedback
from tests.infra.template import Template

DETAIL_TYPES = {
    Feedback.BOUNCE: "Email Bounced",
    Feedback.COMPLAINT: "Email Complaint Received",
    Feedback.REJECT: "Email Rejected",
    Feedback.DELIVERY_DELAY: "Email Delivery Delayed",
}
OURS = "our configuration set"
"""Stands for the stack's own configuration set."""


def event(detail_type: str, kind: str, configuration_set: str | None = OURS, source: str = "aws.ses") -> dict[str, Any]:
    """An event as SES sends it to the default event bus."""
    tags = {"ses:configuration-set": [configuration_set], "incident": ["INC-20261122-7F3K"]}
    mail = {"messageId": "0100-a", **({"tags": tags} if configuration_set else {})}
    return {
        "version": "0",
        "id": "0ff9bb51-0944-4e0c-9dfb-369bab13dfae",
        "detail-type": detail_type,
        "source": source,
        "account": "111122223333",
        "time": "2026-11-22T03:12:41Z",
        "region": "ap-northeast-1",
        "resources": [],
        "detail": {"eventType": kind, "mail": mail},
    }


PASSED_BY = {
    "delivered": event("Email Delivered", "Delivery"),
    "sent": event("Email Sent", "Send"),
    "another system's mail": event("Email Bounced", "Bounce", "newsletter"),
    "feedback without tags, as identities give it": event("Email Bounced", "Bounce", None),
    "somebody else's event of that name": event("Email Bounced", "Bounce", source="shop.custom"),
    "a call of the SES API": event("AWS API Call via CloudTrail", "SendEmail"),
}


@pytest.mark.parametrize("kind", Feedback)
def test_takes_all_that_its_function_can_read(template: Template, kind: Feedback) -> None:
    (rule,) = template.rules_that_match(_of_stack(template, event(DETAIL_TYPES[kind], kind)))
    (target,) = template.resources[rule]["Properties"]["Targets"]
    assert target["Arn"] == template.mapping_of("mail_feedback")["EventSourceArn"]


@pytest.mark.parametrize("name", PASSED_BY)
def test_passes_by(template: Template, name: str) -> None:
    assert not template.rules_that_match(_of_stack(template, PASSED_BY[name]))


def test_signals_and_feedback_have_queues_of_their_own(template: Template) -> None:
    sources = [template.mapping_of(name)["EventSourceArn"]["Fn::GetAtt"][0] for name in ("intake", "mail_feedback")]
    assert len(set(sources)) == 2


def test_few_read_it_at_once(template: Template) -> None:
    assert template.mapping_of("mail_feedback")["ScalingConfig"] == {"MaximumConcurrency": 2}


def _of_stack(template: Template, sent: dict[str, Any]) -> dict[str, Any]:
    """The event with the stack's configuration set, as patterns spell it."""
    (own,) = template.of_type("AWS::SES::ConfigurationSet")
    tags = sent["detail"]["mail"].get("tags", {})
    if tags.get("ses:configuration-set") != [OURS]:
        return sent
    mail = {**sent["detail"]["mail"], "tags": {**tags, "ses:configuration-set": [f"<{own}>"]}}
    return {**sent, "detail": {**sent["detail"], "mail": mail}}
