"""A team asks for resources or funds beyond its share; somebody else decides (P6.4, P7; R9)."""

from __future__ import annotations

from dataclasses import dataclass

from emergency.domain.answer import Form, read_amount, read_choice, read_required
from emergency.domain.decision import Decision, Request
from emergency.domain.errors import DecisionSettled, TooManyRequests, UnusableAnswer
from emergency.domain.plan import FUNDS, Plan
from emergency.domain.terms import DecisionKind
from emergency.domain.timeline import Detail, Fact
from emergency.use_cases.open_link import Opened, check_answerer, form_id
from emergency.use_cases.pass_along import REASON
from emergency.use_cases.put_request import PutRequest

MOST_REQUESTS = 20
"""How many requests one incident takes: more is a mistake, or somebody else's link."""

_ASKING = frozenset({DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE})
"""The questions on whose pages a team asks for more."""


@dataclass(frozen=True, kw_only=True)
class RequestRelease:
    """Puts a team's request on record and to the leadership group; the same form posted twice is one request."""

    plan: Plan
    put: PutRequest

    def __call__(self, opened: Opened, form: Form) -> Decision:
        """The question that decides about the request. Its own execution was started.

        Raises ForgedForm, NotYours, UnusableAnswer, TooManyRequests, DecisionSettled where the team's task is over.
        """
        check_answerer(opened, form)
        if not opened.decision.is_open or opened.record.incident.returning_at is not None:
            raise DecisionSettled(opened.decision.id)
        request = self._request(opened, form)
        said = (request.resource, str(request.quantity), request.reason)
        id_ = f"{DecisionKind.RELEASE}-{form_id(opened, form, *said)[:8]}"
        open_requests = {d.id for d in opened.record.decisions.values() if d.request} | {id_}
        if len(open_requests) > MOST_REQUESTS:
            raise TooManyRequests(opened.link.incident_id)
        question = self.put.question(opened, DecisionKind.RELEASE, request.team, id_, request=request)
        asked: dict[str, Detail] = {
            "resource": request.resource,
            "quantity": request.quantity,
            "text": request.reason,
        }
        return self.put(question, Fact.RELEASE_REQUESTED, "requested", asked)

    def _request(self, opened: Opened, form: Form) -> Request:
        if opened.decision.team is None or opened.decision.kind not in _ASKING:
            raise UnusableAnswer("resource", "unknown")
        resource = self.plan.resources[read_choice(form, "resource", tuple(self.plan.resources))]
        quantity = read_amount(form, "quantity", is_money=resource.kind == FUNDS)
        if quantity > resource.stock:
            raise UnusableAnswer("quantity", "too_much")
        reason = read_required(form, REASON)
        return Request(
            by=opened.link.contact,
            team=opened.decision.team,
            resource=resource.id,
            quantity=quantity,
            reason=reason,
        )
