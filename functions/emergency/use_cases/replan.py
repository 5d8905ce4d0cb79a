"""Deliveries are planned anew when a carrier fails: proposed by the system, ordered by the lead, taken over by others.

The lead orders on a page (P6.3). The re-plan and one question to each carrier are one transaction; each question is put
by an execution of its own, and what a carrier says of it is noted by `SettleCarrier`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from emergency.domain.answer import Form, read_choice, read_count
from emergency.domain.attachment import Attachment, Uploaded, attachment, check_upload
from emergency.domain.decision import Decision
from emergency.domain.deliveries import (
    MOST_PARCELS,
    CarrierOrder,
    Draft,
    OrderList,
    Replan,
    by_region,
    check_moves,
    failing_carrier,
    field_of_move,
    field_of_region,
    orders_of,
    proposal,
    spare,
    usual_parcels,
)
from emergency.domain.errors import (
    DecisionSettled,
    DecisionStillOpen,
    NotYours,
    TooManyRequests,
    UnknownLink,
    UnusableFile,
)
from emergency.domain.link import digest_of
from emergency.domain.notification import Notification, NotificationKind
from emergency.domain.order_list import MOST_BYTES, ORDERS_FOLDER, read_order_list
from emergency.domain.plan import Plan
from emergency.domain.terms import DecisionKind, Outcome, Step, Team
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.ports import (
    Archive,
    Clock,
    Decisions,
    Incidents,
    Replans,
    Uploads,
)
from emergency.use_cases.do_by_system import DoBySystem
from emergency.use_cases.notify import Notify
from emergency.use_cases.open_link import Opened, check_answerer, form_id
from emergency.use_cases.put_request import PutRequest
from emergency.use_cases.telling import fact_of

PROPOSED = "proposed"
"""The id of the re-plan that the system proposes by itself; those that were ordered have ids of their own."""

MOST_REPLANS = 20
"""How many re-plans one incident takes: more is a mistake, or somebody else's link."""

CARRIER, KEY = "carrier", "key"

_TEAM = Team.LOGISTICS_SUPPORT
_NAME_LIMIT = 24


@dataclass(frozen=True, kw_only=True)
class ProposeReplan:
    """Puts a proposal on record as soon as the team is called, where the incident names the carrier that fails."""

    plan: Plan
    incidents: Incidents
    replans: Replans
    do_by_system: DoBySystem
    clock: Clock

    def __call__(self, incident_id: str, place: Place) -> Replan | None:
        """The proposal, or None where no carrier is named; a second run gives the first one's.

        Raises IncidentNotFound.
        """
        carrier = failing_carrier(self.incidents.get(incident_id).component, self.plan)
        if not carrier:
            return None
        now, parcels = self.clock(), usual_parcels(self.plan, carrier)
        fresh = Replan(
            incident_id=incident_id,
            id=PROPOSED,
            carrier=carrier,
            parcels=parcels,
            moves=proposal(self.plan, carrier, parcels, now),
            proposed_at=now,
        )
        entry = TimelineEntry(
            key=Fact.REPLAN_PROPOSED.value,
            at=now,
            step=Step.EMERGENCY_RESPONSE,
            fact=Fact.REPLAN_PROPOSED,
            actor=SYSTEM,
            place=place,
            details=_about(fresh),
        )
        stored = self.replans.store(fresh, [entry])
        self.do_by_system(incident_id)
        return stored


@dataclass(frozen=True, kw_only=True)
class _SentList:
    """A list of orders that somebody sent: where it waits, what it holds, and that read."""

    key: str
    content: bytes
    orders: OrderList


@dataclass(frozen=True, kw_only=True)
class PlanDeliveries:
    """What the logistics lead does on the page: looks at a proposal, changes it, orders it."""

    plan: Plan
    replans: Replans
    uploads: Uploads
    archive: Archive
    put: PutRequest
    do_by_system: DoBySystem
    clock: Clock

    def lists(self, opened: Opened) -> tuple[Uploaded, ...]:
        """The lists of orders that the company's own systems have put there for this incident, the newest first."""
        _check_page(opened)
        return self.uploads.listed(f"{ORDERS_FOLDER}/{opened.link.incident_id}/")

    def draft(self, opened: Opened, form: Form) -> Draft:
        """What is proposed; changes nothing.

        `carrier` and `parcels.<region>` may stand in the form, and the `key` of a list. Raises UnknownLink where the
        link leads to no page of the team's lead, UnusableFile for a list that can't be read, UnusableAnswer.
        """
        _check_page(opened)
        carrier = self._failing(opened, form)
        found = self._sent(opened, form)
        parcels = self._parcels(carrier, form, found)
        now, standing = self.clock(), tuple(_standing(opened))
        return Draft(
            carrier=carrier,
            parcels=parcels,
            moves=proposal(self.plan, carrier, parcels, now, orders=standing, without=_unwilling(opened)),
            spare=spare(self.plan, carrier, standing, now),
            listed=found.orders if found else None,
            key=found.key if found else "",
        )

    def __call__(self, opened: Opened, form: Form) -> Replan:
        """The re-plan as it was ordered; the carriers are being asked. The same form posted twice is one re-plan.

        Raises ForgedForm, NotYours, UnknownLink, UnusableAnswer, UnusableFile, TooManyRequests, DecisionSettled where
        the team's task is over, and RecordChanged where another was ordered since the link was opened.
        """
        _check_page(opened)
        check_answerer(opened, form)
        if not opened.decision.is_open or opened.record.incident.returning_at is not None:
            raise DecisionSettled(opened.decision.id)
        carrier = read_choice(form, CARRIER, tuple(self.plan.carriers))
        found = self._sent(opened, form)
        key = found.key if found else ""
        parcels, wanted = self._parcels(carrier, form, found), self._wanted(carrier, form)
        id_ = f"replan-{form_id(opened, form, carrier, key, _said(parcels), _said(wanted))[:8]}"
        stored = self.replans.get(opened.link.incident_id, id_)
        if stored is None:
            stored = self._order(opened, id_, carrier, parcels, wanted, found)
        self._put_to_carriers(stored)
        self.do_by_system(stored.incident_id)
        return stored

    def _order(
        self,
        opened: Opened,
        id_: str,
        carrier: str,
        parcels: Mapping[str, int],
        wanted: Mapping[tuple[str, str], int],
        found: _SentList | None,
    ) -> Replan:
        before = sum(replan.is_ordered for replan in opened.record.replans)
        if before >= MOST_REPLANS:
            raise TooManyRequests(opened.link.incident_id)
        now = self.clock()
        replan = Replan(
            incident_id=opened.link.incident_id,
            id=id_,
            carrier=carrier,
            parcels=parcels,
            moves=check_moves(self.plan, carrier, parcels, wanted, now, _standing(opened)),
            proposed_at=now,
            orders=found.orders.name if found else "",
            by=opened.link.contact,
            ordered_at=now,
            number=before + 1,
        )
        entries = [*self._entries_of(opened, replan), *(self._filed(opened, replan, found) if found else ())]
        return self.replans.store(replan, entries, [self._question(opened, order) for order in orders_of(replan)])

    def _entries_of(self, opened: Opened, replan: Replan) -> Iterable[TimelineEntry]:
        about: dict[str, Detail] = {"who": replan.by, **_about(replan)}
        at = replan.proposed_at
        yield fact_of(opened.decision, Fact.REPLAN_ORDERED, key=replan.id, now=at, actor=replan.by, details=about)
        if replan.left:
            key, details = f"left/{replan.id}", _left(replan.left)
            yield fact_of(opened.decision, Fact.PARCELS_LEFT, key=key, now=at, details=details)

    def _filed(self, opened: Opened, replan: Replan, found: _SentList) -> Iterable[TimelineEntry]:
        """The list goes on record with the re-plan that rests on it."""
        listed = found.orders
        file = _as_file(listed.name, found.content)
        name = file.key(replan.incident_id)
        self.archive.put(name, file.content, file.content_type)
        details: dict[str, Detail] = {
            "who": replan.by,
            "file": file.name,
            "archived": name,
            "sha256": file.digest,
            "size": len(file.content),
            "parcels": sum(listed.parcels.values()),
            "bad_rows": listed.bad_rows,
        }
        yield fact_of(
            opened.decision,
            Fact.PARCELS_LISTED,
            key=f"listed/{replan.id}",
            now=replan.proposed_at,
            actor=replan.by,
            details=details,
        )

    def _question(self, opened: Opened, order: CarrierOrder) -> Decision:
        return self.put.question(opened, DecisionKind.CARRIER, _TEAM, _question_id(order), order=order)

    def _put_to_carriers(self, replan: Replan) -> None:
        for order in orders_of(replan):
            self.put.start(replan.incident_id, _question_id(order), DecisionKind.CARRIER)

    def _failing(self, opened: Opened, form: Form) -> str:
        """The carrier that was chosen; else the one that was last spoken of, or that the incident names."""
        if any(form.get(CARRIER, ())):
            return read_choice(form, CARRIER, tuple(self.plan.carriers))
        before = [replan.carrier for replan in opened.record.replans if replan.carrier in self.plan.carriers]
        named = failing_carrier(opened.record.incident.component, self.plan)
        return named or next(reversed(before), next(iter(self.plan.carriers), ""))

    def _sent(self, opened: Opened, form: Form) -> _SentList | None:
        key = "".join(form.get(KEY, ()))
        if not key:
            return None
        if not key.startswith(f"{ORDERS_FOLDER}/{opened.link.incident_id}/"):
            check_upload(opened.link, key)
        found = self.uploads.look(key)
        if found is None:
            raise UnusableFile("missing")
        if found.size > MOST_BYTES:
            raise UnusableFile("too_large")
        content = self.uploads.read(key) or b""
        return _SentList(key=key, content=content, orders=read_order_list(found.name, content, self.plan))

    def _parcels(self, carrier: str, form: Form, sent: _SentList | None) -> Mapping[str, int]:
        """The affected parcels by region: what was written, else what the list says, else the carrier's usual day."""
        if not carrier:
            return {}
        found = sent.orders.parcels if sent else usual_parcels(self.plan, carrier)
        parcels = dict[str, int]()
        for region in self.plan.regions:
            written = read_count(form, field_of_region(region), MOST_PARCELS)
            count = found.get(region, 0) if written is None else written
            if count:
                parcels[region] = count
        return parcels

    def _wanted(self, carrier: str, form: Form) -> Mapping[tuple[str, str], int]:
        """What was written, for every way that there is; and what was posted for ways that there are not."""
        names = {
            field_of_move(region, id_): (region, id_)
            for id_, other in self.plan.carriers.items()
            for region in other.lanes
            if id_ != carrier
        }
        posted = [name for name in form if name.startswith("move.")]
        ways = {**names, **{name: _way_of(name) for name in posted if name not in names}}
        read = {way: read_count(form, name, MOST_PARCELS) for name, way in ways.items()}
        return {way: count for way, count in read.items() if count}


@dataclass(frozen=True, kw_only=True)
class SettleCarrier:
    """Notes what came of a carrier's question, and tells the team's lead; a second run changes nothing."""

    plan: Plan
    incidents: Incidents
    decisions: Decisions
    notify: Notify
    clock: Clock

    def __call__(self, incident_id: str, decision_id: str, place: Place) -> Outcome:
        """The outcome. Raises DecisionNotFound, DecisionStillOpen, and PostUnavailable to be called again."""
        decision = self.decisions.get(incident_id, decision_id)
        if decision.order is None or decision.answer is None:
            raise DecisionStillOpen(decision_id)
        self.incidents.add(incident_id, list(self._entries(decision, decision.order, place)))
        self._tell(decision)
        return decision.answer.outcome

    def _entries(self, decision: Decision, order: CarrierOrder, place: Place) -> Iterable[TimelineEntry]:
        answer = decision.answer
        if answer is None:
            return
        is_confirmed = answer.outcome is Outcome.CONFIRMED
        text = answer.fields.get("comment", "")
        details: dict[str, Detail] = {
            "carrier": order.carrier,
            "parcels": order.parcels,
            **({"who": answer.by} if answer.by else {}),
            **({"text": text} if text else {}),
        }
        fact = Fact.CARRIER_CONFIRMED if is_confirmed else Fact.CARRIER_DECLINED
        now = self.clock()
        actor = answer.by or SYSTEM
        yield fact_of(decision, fact, key=fact.value, now=now, actor=actor, details=details, place=place)
        if not is_confirmed:
            left = _left(by_region(order.moves))
            yield fact_of(decision, Fact.PARCELS_LEFT, key=Fact.PARCELS_LEFT.value, now=now, details=left, place=place)

    def _tell(self, decision: Decision) -> None:
        """To the team's lead, unless it was they who answered for the carrier."""
        lead = self.plan.stand_in(self.plan.teams[_TEAM].lead, self.clock())
        if decision.answer is None or decision.answer.by == lead:
            return
        is_confirmed = decision.answer.outcome is Outcome.CONFIRMED
        self.notify(
            Notification(
                kind=NotificationKind.CARRIER_CONFIRMED if is_confirmed else NotificationKind.CARRIER_DECLINED,
                incident=self.incidents.get(decision.incident_id),
                to=self.plan.contact(lead),
                about=decision.id,
                team=_TEAM,
                order=decision.order,
                text=decision.answer.fields.get("comment", ""),
            )
        )


def _question_id(order: CarrierOrder) -> str:
    """Names a carrier's question by its re-plan. Its execution's name holds the incident's id too, in 80 characters."""
    name = order.carrier
    if len(name) > _NAME_LIMIT:
        name = f"{name[: _NAME_LIMIT - 9]}-{digest_of(name)[:8]}"
    return f"{DecisionKind.CARRIER}-{name}-{order.replan.removeprefix('replan-')}"


def _check_page(opened: Opened) -> None:
    """Raises UnknownLink where the link is none of the team's lead or their stand-ins, NotYours for who helps alone."""
    if opened.outside or not opened.decision.plans_deliveries:
        raise UnknownLink
    if opened.link.help:
        raise NotYours(opened.decision.id)


def _standing(opened: Opened) -> Iterable[CarrierOrder]:
    """The orders that a carrier has confirmed, or may still."""
    for decision in opened.record.decisions.values():
        is_on = decision.answer is None or decision.answer.outcome is Outcome.CONFIRMED
        if decision.order and is_on:
            yield decision.order


def _unwilling(opened: Opened) -> frozenset[str]:
    """The carriers that have declined an order of this incident, or not answered it in time."""
    return frozenset(
        decision.order.carrier
        for decision in opened.record.decisions.values()
        if decision.order and decision.answer and decision.answer.outcome is not Outcome.CONFIRMED
    )


def _way_of(name: str) -> tuple[str, str]:
    region, _, carrier = name.removeprefix("move.").partition(".")
    return region, carrier


def _said(counts: Mapping[str, int] | Mapping[tuple[str, str], int]) -> str:
    return ",".join(f"{key}={count}" for key, count in sorted(counts.items(), key=str))


def _about(replan: Replan) -> dict[str, Detail]:
    return {
        "carrier": replan.carrier,
        "parcels": replan.moved,
        "to": tuple(order.carrier for order in orders_of(replan)),
    }


def _left(parcels: Mapping[str, int]) -> dict[str, Detail]:
    return {
        "parcels": sum(parcels.values()),
        "regions": tuple(f"{region}:{count}" for region, count in parcels.items()),
    }


def _as_file(name: str, content: bytes) -> Attachment:
    """The list as a file of the record, under its own name where that says what it is."""
    try:
        return attachment(name, content)
    except UnusableFile:
        return replace(attachment("orders.csv", b"-"), content=content)
