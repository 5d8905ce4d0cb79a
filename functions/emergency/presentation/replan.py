"""The page on which deliveries are planned anew: the proposal, what a list of orders says, what was ordered (P6.3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from emergency.domain.answer import Form
from emergency.domain.attachment import Uploaded, UploadForm
from emergency.domain.briefing import Briefing
from emergency.domain.decision import Decision, answered_orders
from emergency.domain.deliveries import (
    Draft,
    Replan,
    RowFinding,
    field_of_move,
    field_of_region,
    parcels_in,
)
from emergency.domain.errors import UnusableAnswer, UnusableFile
from emergency.domain.order_list import MOST_BYTES, MOST_ROWS
from emergency.presentation.asking import Asking
from emergency.presentation.controls import LINE_SHOWN
from emergency.presentation.deliveries import DeliveryTeller
from emergency.presentation.plain import cut, one_line

_VALUE_LIMIT = 60
_COMMENT_LIMIT = 300
_MEGABYTES = MOST_BYTES // (1024 * 1024)


def offers_replan(briefing: Briefing) -> bool:
    """Whether the question's page leads to the one on which deliveries are planned anew."""
    return briefing.decision.plans_deliveries and not briefing.helps


@dataclass(frozen=True, kw_only=True)
class Replanning:
    """What the page is about: the draft, the form that sends a list, and what there is already.

    `waiting` are lists that the company's own systems have put there, `posted` is the form that could not be used.
    """

    draft: Draft
    form: UploadForm
    waiting: Sequence[Uploaded] = ()
    replans: Sequence[Replan] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    posted: Form | None = None


@dataclass(frozen=True, kw_only=True)
class MoveField:
    """The field for what goes from a region to a carrier, with what there is to know of it."""

    id: str
    name: str
    carrier: str
    hint: str
    value: str
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class RegionFields:
    """A region with its affected parcels, and the carriers that go there."""

    id: str
    name: str
    label: str
    value: str
    parcels: str
    moves: Sequence[MoveField]
    hint: str = ""
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderedReplan:
    """A re-plan that was ordered: by whom and when, and what each carrier has said of it."""

    told: str
    orders: Sequence[tuple[str, str]]
    left: str


class ReplanPage:
    """What the page shows: the proposal, or what was posted and has to be corrected."""

    def __init__(
        self, asking: Asking, replanning: Replanning, error: UnusableAnswer | UnusableFile | None = None
    ) -> None:
        self._replanning = replanning
        self._draft = replanning.draft
        self._teller = DeliveryTeller(asking.plan, asking.words)
        self._words = asking.words
        self._plan = asking.plan
        self._error = error

    # What has to be corrected

    @cached_property
    def problem(self) -> str:
        """What can't be used, and what to do about it; empty where all is well."""
        error, words = self._error, self._words
        if isinstance(error, UnusableFile):
            return words(f"page.invalid.list_{error.problem}", megabytes=_MEGABYTES, rows=f"{MOST_ROWS:,}")
        if error is None:
            return ""
        key = f"page.invalid.{error.field.partition('.')[0]}_{error.problem}"
        return words(key, most=self._room(error.field)) if key in words else words("page.invalid.unusable")

    @property
    def target(self) -> str:
        """The id of the field to correct."""
        if isinstance(self._error, UnusableFile):
            return "file"
        if self._error is None:
            return ""
        known = {"carrier", "moves", *(move.name for region in self.affected for move in region.moves)}
        known |= {region.name for region in self.regions}
        return self._error.field if self._error.field in known else "moves"

    def error_at(self, name: str) -> str:
        """What to correct in a field; empty where nothing is wrong there."""
        return self.problem if self._is_at(name) else ""

    def _is_at(self, name: str) -> bool:
        if isinstance(self._error, UnusableFile):
            return name == "file"
        return self._error is not None and self._error.field == name

    @property
    def is_count_wrong(self) -> bool:
        """Whether one of the affected parcels' fields has to be corrected."""
        return any(region.error for region in self.regions)

    def _room(self, name: str) -> str:
        """How much there is of what too much was written of."""
        region, _, carrier = name.removeprefix("move.").partition(".")
        is_over = isinstance(self._error, UnusableAnswer) and self._error.problem == "capacity"
        most = self._draft.spare.get(carrier, 0) if is_over else self._draft.parcels.get(region, 0)
        return self._teller.parcels(most)

    # Lists

    @property
    def form(self) -> UploadForm:
        """The form that sends a list."""
        return self._replanning.form

    @property
    def list_hint(self) -> str:
        """What can be sent."""
        return self._words("page.replan.list_hint", megabytes=_MEGABYTES)

    @property
    def waiting(self) -> Sequence[tuple[str, str, str]]:
        """The lists that wait: key, name, and when they came."""
        return [
            (
                one.key,
                one_line(one.name, _VALUE_LIMIT),
                self._words.short_moment(one.uploaded_at, self._plan),
            )
            for one in self._replanning.waiting
        ]

    # What was ordered before

    @property
    def earlier(self) -> Sequence[OrderedReplan]:
        """The re-plans that were ordered so far."""
        return ordered_replans(self._replanning.replans, self._replanning.decisions.values(), self._teller)

    # The proposal

    @property
    def carrier(self) -> str:
        """The id of the carrier that fails."""
        return self._draft.carrier

    @property
    def key(self) -> str:
        """Where the list waits that the proposal rests on; empty without one."""
        return self._draft.key

    @property
    def carriers(self) -> Sequence[tuple[str, str]]:
        """The carriers to choose from."""
        return [(id_, self._teller.names.carrier(id_)) for id_ in self._plan.carriers]

    @property
    def regions(self) -> Sequence[RegionFields]:
        """Every region that has affected parcels, or could have."""
        served = self._plan.carriers[self.carrier].lanes if self.carrier in self._plan.carriers else {}
        return [
            self._region(region) for region in self._plan.regions if region in served or region in self._draft.parcels
        ]

    @property
    def affected(self) -> Sequence[RegionFields]:
        """The regions with affected parcels."""
        return [region for region in self.regions if region.id in self._draft.parcels]

    def _region(self, region: str) -> RegionFields:
        count, name = self._draft.parcels.get(region, 0), self._teller.region(region)
        name_of_field = field_of_region(region)
        return RegionFields(
            id=region,
            name=name_of_field,
            label=name,
            value=str(count),
            parcels=self._teller.parcels(count),
            moves=[self._move(region, to) for to in self._draft.spare if region in self._plan.carriers[to].lanes],
            error=self.error_at(name_of_field),
        )

    def _move(self, region: str, to: str) -> MoveField:
        name, carrier = field_of_move(region, to), self._plan.carriers[to]
        proposed = parcels_in(one for one in self._draft.moves if (one.region, one.carrier) == (region, to))
        hint = self._words(
            "page.replan.room",
            cost=self._words.money(carrier.lanes[region].cost, self._plan),
            parcels=self._teller.parcels(self._draft.spare[to]),
        )
        return MoveField(
            id=name,
            name=name,
            carrier=self._teller.names.carrier(to),
            hint=hint,
            value=self._entered(name, str(proposed or "")),
            error=self.error_at(name),
        )

    def _entered(self, name: str, proposed: str) -> str:
        posted = self._replanning.posted
        return proposed if posted is None else cut("".join(posted.get(name, ())), LINE_SHOWN)

    @property
    def total(self) -> str:
        """How much the proposal moves, at what cost."""
        return self._words("page.replan.total", total=self._teller.total(self._draft.moves))

    @property
    def left(self) -> str:
        """What the proposal can't move; empty where it moves everything."""
        return self._teller.left(self._draft.left)

    @property
    def listed(self) -> str:
        """What the list says; empty without one."""
        listed, words = self._draft.listed, self._words
        if listed is None:
            return ""
        good = sum(listed.parcels.values())
        told = words.plural("page.replan.listed", good, number=f"{good:,}", file=one_line(listed.name, _VALUE_LIMIT))
        bad = words.plural("page.replan.bad_rows", listed.bad_rows, number=f"{listed.bad_rows:,}")
        return words.paragraph(told, bad if listed.bad_rows else "")

    @property
    def promised(self) -> Sequence[tuple[str, str]]:
        """By when each region's first parcel was promised, and what they weigh, where the list says so."""
        listed = self._draft.listed
        if listed is None:
            return []
        told = []
        for region in listed.parcels:
            day, grams = listed.promised.get(region), listed.grams.get(region, 0)
            parts = [
                self._words("page.replan.promised", date=self._teller.day(day)) if day else "",
                self._words("page.replan.weight", weight=f"{grams / 1000:,.1f}") if grams else "",
            ]
            told.append((self._teller.region(region), self._words.paragraph(*parts)))
        return [(region, text) for region, text in told if text]

    @property
    def findings(self) -> Sequence[str]:
        """The rows that can't be used, one by one."""
        return [self._finding(one) for one in self._draft.listed.findings] if self._draft.listed else []

    @property
    def not_told(self) -> str:
        """How many bad rows there are beside those; empty for none."""
        listed = self._draft.listed
        more = listed.bad_rows - len(listed.findings) if listed else 0
        return self._words.plural("page.replan.more_rows", more, number=f"{more:,}") if more else ""

    def _finding(self, finding: RowFinding) -> str:
        what = self._words(
            f"page.replan.row.{finding.column or 'row'}_{finding.problem}",
            value=one_line(finding.value, _VALUE_LIMIT),
        )
        return self._words("page.replan.finding", line=f"{finding.line:,}", what=what)


def ordered_replans(
    replans: Iterable[Replan], decisions: Collection[Decision], teller: DeliveryTeller
) -> list[OrderedReplan]:
    """The re-plans that were ordered so far, and what the carriers have said."""
    told = []
    for replan in replans:
        if replan.ordered_at is None:
            continue
        words, names = teller.words, teller.names
        orders = []
        for order, answer in answered_orders(replan, decisions):
            became = words(f"outcome.{answer.outcome}") if answer else words("page.replan.asked")
            written = one_line(answer.fields.get("comment", ""), _COMMENT_LIMIT) if answer else ""
            label = words("quantity.named", name=names.carrier(order.carrier), quantity=teller.parcels(order.parcels))
            orders.append((label, words.labelled(became, written) if written else became))
        told.append(
            OrderedReplan(
                told=words(
                    "page.replan.ordered",
                    carrier=names.carrier(replan.carrier),
                    who=names.contact(replan.by),
                    time=words.moment(replan.ordered_at, teller.plan),
                ),
                orders=orders,
                left=teller.left(replan.left),
            )
        )
    return told
