"""The records in DynamoDB: incidents, decisions, assignments.

Layout (one table): `INCIDENT#<id>` holds `INCIDENT`, `TIMELINE#<key>`, `DECISION#<id>`, `ASSIGNMENT#<team>`,
`ALLOCATION#…`, `EXPENSE#<id>`, `DEADLINE#<id>`, `MAIL#<name>`, `CALLS#<id>`, `STATEMENT#<id>`, `REPLAN#<id>`,
`ORDERED-REPLAN#<number>`, `TALLY` and `HOTLINE`; beside it stand `LINK#<digest>`, the index `INCIDENTS`, what was
published under `STATUS`, what proves who somebody is (`emergency.aws.identity`), and signals (`emergency.aws.signals`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from emergency.aws.codec import Item, from_item, to_item
from emergency.aws.identity import put_challenge
from emergency.aws.signals import kept_signals, released
from emergency.aws.statements import by_time
from emergency.aws.table import TIMELINE, ConditionFailed, RecordsTable, incident_key
from emergency.domain.assignment import Assignment
from emergency.domain.correlation import Tally
from emergency.domain.deadline import Deadline
from emergency.domain.decision import Decision
from emergency.domain.deliveries import Replan
from emergency.domain.errors import DecisionNotFound, IncidentNotFound, UnknownLink
from emergency.domain.incident import Incident
from emergency.domain.inventory import Allocation, CallCount, Expense, OpenHotline
from emergency.domain.link import Link
from emergency.domain.notification import SentMail
from emergency.domain.report import Record
from emergency.domain.second_factor import Challenge
from emergency.domain.signal import KeptSignal
from emergency.domain.statement import Statement
from emergency.domain.terms import Team
from emergency.domain.timeline import TimelineEntry


@dataclass(frozen=True)
class DynamoIncidents:
    """Incident records and timelines."""

    table: RecordsTable

    def get(self, incident_id: str) -> Incident:
        """See the port."""
        item = self.table.get(incident_key(incident_id), "INCIDENT")
        if item is None:
            raise IncidentNotFound(incident_id)
        return from_item(item, Incident)

    def save(self, incident: Incident, entries: Sequence[TimelineEntry] = (), *, release_cause: bool = False) -> None:
        """See the port."""
        new = replace(incident, version=incident.version + 1)
        writes = [self.table.put_at(to_item(new, incident_key(incident.id), "INCIDENT"), incident.version)]
        writes += [self.table.entry(incident.id, entry) for entry in entries]
        if release_cause:
            writes += released(self.table, incident)
        self.table.write(writes)

    def add(self, incident_id: str, entries: Sequence[TimelineEntry]) -> None:
        """See the port."""
        for entry in entries:
            try:
                self.table.write([self.table.entry(incident_id, entry)])
            except ConditionFailed:
                continue

    def entry(self, incident_id: str, key: str) -> TimelineEntry | None:
        """See the port."""
        item = self.table.get(incident_key(incident_id), f"{TIMELINE}{key}")
        return from_item(item, TimelineEntry) if item else None

    def timeline(self, incident_id: str) -> tuple[TimelineEntry, ...]:
        """See the port."""
        items = self.table.query(incident_key(incident_id), TIMELINE)
        return _in_order(from_item(item, TimelineEntry) for item in items)

    def record(self, incident_id: str) -> Record:
        """See the port."""
        items = {item["sk"]["S"]: item for item in self.table.query(incident_key(incident_id))}
        if "INCIDENT" not in items:
            raise IncidentNotFound(incident_id)

        def of(prefix: str) -> list[Item]:
            return [item for key, item in items.items() if key.startswith(prefix)]

        decisions = [from_item(item, Decision) for item in of("DECISION#")]
        assignments = [from_item(item, Assignment) for item in of("ASSIGNMENT#")]
        hotline = items.get("HOTLINE")
        return Record(
            incident=from_item(items["INCIDENT"], Incident),
            timeline=_in_order(from_item(item, TimelineEntry) for item in of(TIMELINE)),
            decisions={d.id: d for d in sorted(decisions, key=lambda d: (d.opened_at, d.id))},
            assignments={a.team: a for a in assignments},
            allocations=tuple(from_item(item, Allocation) for item in of("ALLOCATION#")),
            hotline=from_item(hotline, OpenHotline) if hotline else None,
            expenses=tuple(from_item(item, Expense) for item in of("EXPENSE#")),
            deadlines={clock.id: clock for clock in (from_item(item, Deadline) for item in of("DEADLINE#"))},
            sent=tuple(from_item(item, SentMail) for item in of("MAIL#")),
            calls=tuple(sorted((from_item(item, CallCount) for item in of("CALLS#")), key=lambda one: one.at)),
            replans=tuple(sorted((from_item(item, Replan) for item in of("REPLAN#")), key=lambda one: one.proposed_at)),
            tally=from_item(items["TALLY"], Tally) if "TALLY" in items else None,
            statements=by_time(from_item(item, Statement) for item in of("STATEMENT#")),
        )

    def signals(self, incident_id: str) -> Iterable[KeptSignal]:
        """See the port."""
        return kept_signals(self.table, incident_id)

    def ids(self) -> tuple[str, ...]:
        """The ids of all incidents, by date of their opening."""
        return tuple(item["incident_id"]["S"] for item in self.table.query("INCIDENTS"))


def _in_order(entries: Iterable[TimelineEntry]) -> tuple[TimelineEntry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.at, entry.key)))


@dataclass(frozen=True)
class DynamoDecisions:
    """Decisions and links."""

    table: RecordsTable

    def create(self, decision: Decision, entries: Sequence[TimelineEntry] = ()) -> Decision:
        """See the port."""
        item = to_item(decision, incident_key(decision.incident_id), f"DECISION#{decision.id}")
        noted = [self.table.entry(decision.incident_id, entry) for entry in entries]
        try:
            self.table.write([self.table.put_new(item), *noted])
        except ConditionFailed as failed:
            try:
                return self.get(decision.incident_id, decision.id)
            except DecisionNotFound:
                # Another transaction was at the item, and has not ended or not written.
                raise failed from None
        return decision

    def get(self, incident_id: str, decision_id: str) -> Decision:
        """See the port."""
        item = self.table.get(incident_key(incident_id), f"DECISION#{decision_id}")
        if item is None:
            raise DecisionNotFound(decision_id)
        return from_item(item, Decision)

    def save(
        self,
        decision: Decision,
        entries: Sequence[TimelineEntry] = (),
        links: Sequence[Link] = (),
        challenge: Challenge | None = None,
    ) -> Decision:
        """See the port."""
        new = replace(decision, version=decision.version + 1)
        item = to_item(new, incident_key(new.incident_id), f"DECISION#{new.id}")
        self.table.write(
            [
                self.table.put_at(item, decision.version),
                *(self.table.entry(new.incident_id, entry) for entry in entries),
                *(self.table.put_new(to_item(link, f"LINK#{link.digest}", "LINK")) for link in links),
                *([put_challenge(self.table, challenge)] if challenge else []),
            ]
        )
        return new

    def link(self, digest: str) -> Link:
        """See the port."""
        item = self.table.get(f"LINK#{digest}", "LINK")
        if item is None:
            raise UnknownLink
        return from_item(item, Link)


@dataclass(frozen=True)
class DynamoAssignments:
    """The teams' assignments."""

    table: RecordsTable

    def create(self, assignment: Assignment, entry: TimelineEntry) -> Assignment:
        """See the port."""
        item = to_item(assignment, incident_key(assignment.incident_id), f"ASSIGNMENT#{assignment.team}")
        try:
            self.table.write([self.table.put_new(item), self.table.entry(assignment.incident_id, entry)])
        except ConditionFailed:
            stored = self.get(assignment.incident_id, assignment.team)
            if stored is None:
                # Another transaction was at the item, and has not ended or not written.
                raise
            return stored
        return assignment

    def get(self, incident_id: str, team: Team) -> Assignment | None:
        """See the port."""
        item = self.table.get(incident_key(incident_id), f"ASSIGNMENT#{team}")
        return from_item(item, Assignment) if item else None

    def save(self, assignment: Assignment, entries: Sequence[TimelineEntry]) -> Assignment:
        """See the port."""
        new = replace(assignment, version=assignment.version + 1)
        item = to_item(new, incident_key(new.incident_id), f"ASSIGNMENT#{new.team}")
        noted = [self.table.entry(new.incident_id, entry) for entry in entries]
        self.table.write([self.table.put_at(item, assignment.version), *noted])
        return new
