"""What follows an incident on record, by its handlers over DynamoDB: begun, asked about, raised (P3, P6.1; R13, R14)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from emergency.aws.codec import to_item
from emergency.aws.records import DynamoDecisions, DynamoIncidents
from emergency.aws.services import SesPost, StepFunctionsWorkflow
from emergency.aws.table import RecordsTable, incident_key
from emergency.compiled import compiled_plan
from emergency.domain.decision import Vote, voted
from emergency.domain.incident import Incident, IncidentStatus, Orders, ordered
from emergency.domain.terms import DecisionKind, Outcome, Severity, Step, Team
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from emergency.ports import Mail
from incident_follow_up import handler as module
from severity import handler as raising
from tests.support.telling import the_incident

NOW = datetime(2026, 11, 22, 3, 20, tzinfo=UTC)
MACHINE = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:m"


@dataclass
class Site:
    """An incident on record, and what was started and mailed."""

    table: RecordsTable
    context: Any
    started: list[tuple[str, str]] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)

    @property
    def incidents(self) -> DynamoIncidents:
        return DynamoIncidents(self.table)

    def put(self, incident: Incident) -> None:
        self.table.write([self.table.put(to_item(incident, incident_key(incident.id), "INCIDENT"))])

    def tell(self, incident_id: str, key: str, fact: Fact) -> str:
        place = Place(execution=incident_id, state="1. Incident report")
        told = {"name": "aurora-cluster-unavailable", "region": "ap-northeast-1", "reason": "No connections"}
        entry = TimelineEntry(
            key=key, at=NOW, step=Step.INCIDENT_REPORT, fact=fact, actor=SYSTEM, place=place, details=told
        )
        self.incidents.add(incident_id, [entry])
        return f"TIMELINE#{key}"

    def stream(self, incident_id: str, *sort_keys: str) -> dict[str, Any]:
        records = [
            {
                "eventID": sort_key,
                "eventName": "INSERT",
                "eventSource": "aws:dynamodb",
                "dynamodb": {
                    "Keys": {"pk": {"S": incident_key(incident_id)}, "sk": {"S": sort_key}},
                    "SequenceNumber": str(number),
                    "StreamViewType": "KEYS_ONLY",
                },
            }
            for number, sort_key in enumerate(sort_keys)
        ]
        return {**module.handler({"Records": records}, self.context)}


@pytest.fixture
def site(table: RecordsTable, example: None, monkeypatch: pytest.MonkeyPatch, context: Any) -> Site:
    for name, value in {
        "RECORDS_TABLE": table.name,
        "CONFIGURATION_SET": "mail",
        "RESPONSE_STATE_MACHINE": MACHINE,
        "SEVERITY_STATE_MACHINE": MACHINE,
        "DEADLINE_STATE_MACHINE": MACHINE,
    }.items():
        monkeypatch.setenv(name, value)
    module._follow.cache_clear()
    raising._raise_severity.cache_clear()
    here = Site(table, context)

    def start(_self: object, _machine: str, name: str, _about: object) -> None:
        here.started.append(("execution", name))

    def send(_self: object, mail: Mail) -> str:
        here.mails.append(mail.to.id)
        return f"mail-{len(here.mails)}"

    monkeypatch.setattr(StepFunctionsWorkflow, "_start", start)
    monkeypatch.setattr(SesPost, "send", send)
    return here


def active(**changes: Any) -> Incident:
    plan, incident = compiled_plan(), the_incident()
    orders = Orders(
        decision_id="orders",
        outcome=Outcome.ACTIVATE,
        severity=Severity.SEV2,
        teams=(Team.TECHNICAL_SUPPORT, Team.PUBLIC_RELATIONS),
        task_force=(),
        by=plan.leadership.head,
        at=NOW,
    )
    return replace(ordered(incident, orders), **changes)


def test_r14_a_new_incident_s_execution_is_begun(site: Site) -> None:
    site.put(the_incident())
    assert site.stream(the_incident().id, "INCIDENT") == {"batchItemFailures": []}
    assert site.started == [("execution", the_incident().id)]


@pytest.mark.parametrize(
    "changes", [{"status": IncidentStatus.ACTIVE}, {"execution_name": "by-hand"}, {"status": IncidentStatus.CLOSED}]
)
def test_r14_one_that_runs_is_not_begun_again(site: Site, changes: dict[str, Any]) -> None:
    site.put(replace(the_incident(), **changes))
    site.stream(the_incident().id, "INCIDENT")
    assert site.started == []


def test_what_is_worse_is_asked_and_what_is_decided_done(site: Site) -> None:
    incident = active()
    site.put(incident)
    site.stream(incident.id, site.tell(incident.id, "worse/SEV1", Fact.SEVERITY_WORSENED))
    assert site.started == [("execution", f"{incident.id}-severity-SEV1")]
    decisions, head = DynamoDecisions(site.table), compiled_plan().leadership.head
    question = decisions.get(incident.id, "severity-SEV1")
    assert (question.kind, question.on_silence) == (DecisionKind.SEVERITY, Outcome.NOT_RAISED)
    decisions.save(voted(question, Vote(by=head, outcome=Outcome.RAISED, at=NOW)))

    payload = {
        "incident_id": incident.id,
        "decision_id": "severity-SEV1",
        "place": {"execution": "e", "state": "Raise the severity"},
    }
    for _ in range(2):
        assert raising.handler(payload, site.context) == {"severity": "SEV1"}
    assert site.incidents.get(incident.id).severity is Severity.SEV1
    entry = site.incidents.entry(incident.id, "severity-SEV1/severity_raised")
    assert entry
    assert (entry.fact, entry.actor, entry.details["before"]) == (Fact.SEVERITY_RAISED, head, "SEV2")
    leads = [compiled_plan().teams[team].lead for team in incident.teams]
    assert site.mails == leads
    assert ("execution", f"{incident.id}-clock-updates") in site.started


def test_an_alarm_that_went_off_is_told(site: Site) -> None:
    incident = active()
    site.put(incident)
    key = site.tell(incident.id, "cleared/one", Fact.SIGNAL_CLEARED)
    for _ in range(2):
        site.stream(incident.id, key)
    assert site.mails == [compiled_plan().teams[Team.TECHNICAL_SUPPORT].lead]


def test_what_fails_comes_again_and_keeps_nothing_else(site: Site) -> None:
    site.put(the_incident())
    answer = site.stream("INC-20261122-NONE", "INCIDENT")
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}


def test_what_is_no_incident_is_let_be(site: Site) -> None:
    assert site.stream("INC-20261122-7F3K", "DECISION#orders", "TALLY") == {"batchItemFailures": []}
