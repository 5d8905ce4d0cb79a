"""Publishing over AWS: what is stored, what is served, who is mailed, and that nothing unapproved gets out (P6.3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.ses.models import ses_backends

from emergency.aws.clocks import DynamoDeadlines
from emergency.aws.records import DynamoAssignments, DynamoDecisions, DynamoIncidents
from emergency.aws.services import StepFunctionsWorkflow
from emergency.aws.signals import DynamoSignals
from emergency.aws.statements import KEPT_FOR, DynamoStatements
from emergency.aws.status_site import S3StatusSite
from emergency.aws.table import RecordsTable
from emergency.compiled import compiled_plan
from emergency.domain.assignment import assignment_for
from emergency.domain.classification import incident_from, rule_for
from emergency.domain.deadline import Deadline, Watched
from emergency.domain.decision import Answer, Decision, prepared
from emergency.domain.errors import DecisionStillOpen, NotApproved, RecordChanged
from emergency.domain.event import read_signal
from emergency.domain.incident import IncidentStatus, proposed
from emergency.domain.plan import Plan
from emergency.domain.signal import Disposition, SignalRecord
from emergency.domain.statement import Draft, SiteFile, Statement, Wording
from emergency.domain.terms import DecisionKind, Outcome, Phase, Risk, Step, Team
from emergency.domain.timeline import SYSTEM, Fact, Place, TimelineEntry
from statement import handler as module
from tests.functions.conftest import create_table
from tests.support.events import alarm
from tests.support.memory import MemoryDeadlines, MemoryIncidents, MemoryStatements, MemoryStore
from tests.support.opening import open_incident

NOW = datetime.now(UTC).replace(microsecond=0)
PLACE = Place(execution="INC-1-statement-1", state="Publish the statement")
AUTHOR, HEAD, LEGAL = "head-of-marketing", "chief-executive", "head-of-legal"
TEXTS = {
    "zh-Hant": Wording(title="部分訂單無法送出", text="我們正在處理。"),
    "en": Wording(title="Some orders fail", text="We are working on it.\n\nMore soon."),
}
Run = Callable[..., dict[str, Any]]


def statement(id_: str = "statement-1", after: int = 0) -> Statement:
    return Statement(
        incident_id="INC-1",
        id=id_,
        risk=Risk.SYSTEM_FAILURE,
        phase=Phase.FIRST_NOTICE,
        texts=TEXTS,
        by=AUTHOR,
        approved_by=(HEAD, LEGAL),
        began_at=NOW,
        published_at=NOW + timedelta(minutes=after),
    )


def fact(key: str = "statement-1/published") -> TimelineEntry:
    return TimelineEntry(
        key=key,
        at=NOW,
        step=Step.EMERGENCY_RESPONSE,
        fact=Fact.STATEMENT_PUBLISHED,
        actor=AUTHOR,
        place=PLACE,
        details={"who": AUTHOR, "people": (HEAD,), "text": "x"},
    )


CLOCK = Deadline(incident_id="INC-1", id=Watched.UPDATES, began_at=NOW, due_at=NOW + timedelta(minutes=5))


@pytest.fixture(params=["memory", "dynamodb"])
def ports(request: pytest.FixtureRequest, table: RecordsTable) -> tuple[Any, Any, Any]:
    """Statements, clocks and incidents: in memory and in DynamoDB alike."""
    if request.param == "memory":
        store = MemoryStore()
        return MemoryStatements(store), MemoryDeadlines(store), MemoryIncidents(store)
    return DynamoStatements(table), DynamoDeadlines(table), DynamoIncidents(table)


class TestRecords:
    def test_a_statement_comes_back_as_it_was_published_with_its_fact_and_the_clock(
        self, ports: tuple[Any, Any, Any]
    ) -> None:
        statements, deadlines, incidents = ports
        deadlines.create(CLOCK)
        moved = replace(CLOCK, beat=1, given="statement-1")
        statements.publish(statement(), [fact()], moved)
        assert statements.history() == (statement(),)
        assert deadlines.get("INC-1", Watched.UPDATES) == replace(moved, version=1)
        assert incidents.timeline("INC-1") == (fact(),)

    def test_it_is_published_once(self, ports: tuple[Any, Any, Any]) -> None:
        statements, _, incidents = ports
        statements.publish(statement(), [fact()])
        with pytest.raises(RecordChanged):
            statements.publish(statement(after=1), [fact("again")])
        assert statements.history() == (statement(),)
        assert incidents.timeline("INC-1") == (fact(),)

    def test_where_the_clock_moved_nothing_is_published(self, ports: tuple[Any, Any, Any]) -> None:
        statements, deadlines, incidents = ports
        deadlines.create(CLOCK)
        deadlines.save(CLOCK)
        with pytest.raises(RecordChanged):
            statements.publish(statement(), [fact()], replace(CLOCK, beat=1))
        assert statements.history() == ()
        assert incidents.timeline("INC-1") == ()

    def test_the_history_is_in_order_of_time(self, ports: tuple[Any, Any, Any]) -> None:
        statements, _, _ = ports
        for id_, after in (("statement-b", 1), ("statement-a", 9), ("statement-c", 4)):
            statements.publish(statement(id_, after), [fact(id_)])
        assert [one.id for one in statements.history()] == ["statement-b", "statement-c", "statement-a"]

    def test_the_history_forgets_and_the_record_does_not(self, table: RecordsTable) -> None:
        DynamoStatements(table).publish(statement(), [fact()])
        listed, recorded = (
            table.get("STATUS", "INC-1#statement-1"),
            table.get("INCIDENT#INC-1", "STATEMENT#statement-1"),
        )
        assert listed
        assert listed["expires_at"]["N"] == str(int((NOW + KEPT_FOR).timestamp()))
        assert recorded
        assert "expires_at" not in recorded


def test_a_file_is_served_as_what_it_is_and_cached_for_moments_alone() -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="status", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    S3StatusSite("status").put(SiteFile(path="en/index.html", content="狀態", content_type="text/html; charset=utf-8"))
    found = s3.get_object(Bucket="status", Key="en/index.html")
    assert found["Body"].read().decode() == "狀態"
    assert found["ContentType"] == "text/html; charset=utf-8"
    assert "max-age=30" in found["CacheControl"]
    assert "stale-if-error=86400" in found["CacheControl"]


@pytest.fixture
def run(table: RecordsTable, example: None, context: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls the function, with an incident whose first statement has been drafted and approved."""
    create_table("subscribers")
    for bucket in ("status", "archive"):
        boto3.client("s3").create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
        )
    boto3.client("sesv2").create_email_identity(EmailIdentity="banyan-market.example")
    settings = {
        "RECORDS_TABLE": "records",
        "SUBSCRIBERS_TABLE": "subscribers",
        "STATUS_BUCKET": "status",
        "ARCHIVE_BUCKET": "archive",
        "CONFIGURATION_SET": "mail",
        "STATUS_URL": "https://status.example",
        "PAGES_URL": "https://pages.example",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    for part in vars(module).values():
        if hasattr(part, "cache_clear"):
            part.cache_clear()
    _open_incident(table, compiled_plan())

    def call(operation: str, **payload: object) -> dict[str, Any]:
        place = {"execution": PLACE.execution, "state": PLACE.state}
        event = {
            "operation": operation,
            "incident_id": "INC-1",
            "decision_id": "statement-1",
            "place": place,
            **payload,
        }
        answer: dict[str, Any] = module.handler(event, context)
        return answer

    return call


def _open_incident(table: RecordsTable, plan: Plan) -> None:
    signal = read_signal(alarm("checkout"))
    incident = proposed(incident_from(signal, rule_for(signal, plan), plan, incident_id="INC-1", now=NOW), plan)
    incident = replace(incident, status=IncidentStatus.ACTIVE, teams=tuple(Team))
    record = SignalRecord(id="s", disposition=Disposition.OPENED, at=NOW, received_at=NOW, incident_id="INC-1")
    opened = TimelineEntry(
        key="s", at=NOW, step=Step.INCIDENT_REPORT, fact=Fact.SIGNAL_OPENED, actor=SYSTEM, place=PLACE, details={}
    )
    open_incident(DynamoSignals(table), incident, record, opened)
    relations = assignment_for(incident, Team.PUBLIC_RELATIONS, plan, NOW)
    DynamoAssignments(table).create(relations, replace(opened, key="assigned"))
    DynamoDeadlines(table).create(replace(CLOCK, task_token="clock-token"))
    question = prepared(
        incident,
        plan,
        kind=DecisionKind.STATEMENT,
        team=Team.PUBLIC_RELATIONS,
        form_key="form-key",
        place=PLACE,
        now=NOW,
        statement=Draft(by=AUTHOR, phase=Phase.FIRST_NOTICE, texts=TEXTS),
        id_="statement-1",
    )
    DynamoDecisions(table).create(question)


def answered(
    table: RecordsTable, outcome: Outcome = Outcome.APPROVED, voters: tuple[str, ...] = (HEAD, LEGAL)
) -> Decision:
    decisions = DynamoDecisions(table)
    decision = decisions.get("INC-1", "statement-1")
    return decisions.save(replace(decision, answer=Answer(outcome=outcome, by=HEAD, at=NOW, voters=voters)))


def served() -> dict[str, str]:
    s3 = boto3.client("s3")
    listed = s3.list_objects_v2(Bucket="status").get("Contents", [])
    return {one["Key"]: s3.get_object(Bucket="status", Key=one["Key"])["Body"].read().decode() for one in listed}


def archived() -> set[str]:
    return {one["Key"] for one in boto3.client("s3").list_objects_v2(Bucket="archive").get("Contents", [])}


def facts(table: RecordsTable) -> list[str]:
    return [entry.fact.value for entry in DynamoIncidents(table).timeline("INC-1")]


def mails() -> list[Any]:
    return list(ses_backends["123456789012"]["ap-northeast-1"].sent_messages)


class TestFunction:
    @pytest.fixture(autouse=True)
    def moved(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        tokens: list[str] = []
        monkeypatch.setattr(StepFunctionsWorkflow, "move_clock", lambda _self, token, _clock: tokens.append(token))
        return tokens

    def test_an_approved_statement_is_served_recorded_and_filed(
        self, run: Run, table: RecordsTable, moved: list[str]
    ) -> None:
        answered(table)
        for _ in range(2):
            assert run("publish") == {"number": 1}
        files = served()
        assert "Some orders fail" in files["en/index.html"]
        assert "部分訂單無法送出" in files["index.html"]
        assert json.loads(files["status.json"])["state"] == "incident"
        assert "Some orders fail" in files["en/feed.atom"]
        assert facts(table).count("statement_published") == 1
        folder = "INC-1/status-page/1-statement-1"
        assert {f"{folder}/{name}" for name in ("index.html", "en/incidents/INC-1.html", "files.json")} <= archived()
        record = DynamoIncidents(table).record("INC-1")
        assert [one.approved_by for one in record.statements] == [(HEAD, LEGAL)]
        assert record.deadlines["updates"].beat == 1
        assert set(moved) == {"clock-token"}

    @pytest.mark.parametrize("operation", ["publish", "media", "subscribers"])
    def test_nothing_happens_before_it_was_approved(self, run: Run, table: RecordsTable, operation: str) -> None:
        with pytest.raises((DecisionStillOpen, NotApproved)):
            run(operation)
        answered(table, Outcome.RETURNED)
        with pytest.raises(NotApproved):
            run(operation)
        assert not served()
        assert not mails()

    def test_r9_one_voice_is_not_enough_where_two_are_needed(self, run: Run, table: RecordsTable) -> None:
        question = answered(table, voters=(HEAD,))
        assert question.needed > 1
        with pytest.raises(NotApproved):
            run("publish")
        assert not served()

    def test_newsrooms_and_teams_are_mailed_once(self, run: Run, table: RecordsTable) -> None:
        answered(table)
        run("publish")
        newsrooms = len(compiled_plan().communications.media)
        for _ in range(2):
            assert run("media") == {"newsrooms": newsrooms}
        sent = mails()
        media = [one for one in sent if "strait-daily" in str(one.destinations)]
        assert len(media) == 1
        assert "SEV" not in media[0].raw_data
        assert len(sent) == len({str(one.destinations) for one in sent})
        assert facts(table).count("media_told") == 1

    def test_who_subscribed_is_told_page_by_page(self, run: Run, table: RecordsTable) -> None:
        answered(table)
        run("publish")
        assert run("subscribers", cursor="") == {"cursor": ""}
        assert facts(table).count("subscribers_told") == 1

    def test_the_page_is_written_anew_without_an_incident(self, run: Run, context: Any) -> None:
        found: Any = module.handler({"operation": "refresh"}, context)
        assert found == {"files": len(served())}
        assert "目前沒有已知的問題" in served()["index.html"]
