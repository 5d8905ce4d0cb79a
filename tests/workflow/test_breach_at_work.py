"""A data breach, rehearsed: the law's clocks asked about, warned of, missed and answered; evidence on record."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.support.events import finding
from tests.workflow.course import (
    DEPUTY_HEADS,
    FUNDS,
    TOLD_TWICE,
    Course,
    assert_closed,
    assert_everything_is_back,
    assert_funds_settled,
    assert_hotline_was_there,
    assert_late_and_escalated,
    assert_public_was_told,
    assert_real_tasks,
    assert_sealed,
)
from tests.workflow.rehearsing import rehearsed

CRITICAL, ARTICLE_57 = "notice-china-incident-critical", "notice-china-personal-information-article-57"

DATA_BREACH = {
    "answers": [
        {
            "kind": "orders",
            "fields": {"severity": "SEV2", "teams": ["technical_support", "customer_service", "public_relations"]},
        },
        TOLD_TWICE,
        {
            "kind": "duties",
            "fields": {
                "notices": [
                    "china-incident-critical",
                    "china-personal-information-article-57",
                    "gdpr-article-33",
                    "nis2-notification",
                    "nis2-final-report",
                ]
            },
        },
        # Legal oversees the first notice altogether, and sends the second when it is warned.
        {"decision": CRITICAL, "who": "head-of-legal", "silent": True},
        {"decision": CRITICAL, "press": "sent", "fields": {"reference": "CII-2026-18", "comment": "Sent late."}},
        {"decision": ARTICLE_57, "silent": True, "times": 1},
        {"decision": ARTICLE_57, "press": "sent", "fields": {"reference": "PI-2026-57"}},
        {
            "kind": "help",
            "who": "security-engineer",
            "after": 300,
            "times": 1,
            "press": ["file", {"press": "tasks", "after": 3000, "fields": {"tasks": "cut-off"}}],
            "fields": {"file": ""},
        },
        {
            "kind": "complete",
            "team": "technical_support",
            "after": 300,
            "press": [
                {
                    "press": "spend",
                    "fields": {
                        "allocation": f"{FUNDS}#*",
                        "quantity": "180,000",
                        "reason": "Forensics by a laboratory.",
                    },
                },
                {"press": "note", "fields": {"note": "The bucket's policy let anybody read."}},
                {"press": "completed", "after": 3000},
            ],
        },
    ]
}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as an engineer would add it."""
    file = tmp_path_factory.mktemp("evidence") / "access log.txt"
    file.write_text("03:09:12 GetObject customers/2026-11.csv 203.0.113.7\n" * 200)
    return file


@pytest.fixture(scope="module")
def data_breach(app: Path, log: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    answers = json.loads(json.dumps(DATA_BREACH).replace('"file": ""', f'"file": {json.dumps(str(log))}'))
    folder = tmp_path_factory.mktemp("breach")
    with rehearsed(app, folder, finding(), answers=answers, time_scale=130, now=True) as done:
        return Course(done)


def test_a_breach_is_worked_on_task_by_task(data_breach: Course) -> None:
    assert_closed(data_breach)
    assert_real_tasks(data_breach)
    assert_late_and_escalated(data_breach, "technical_support", "cut-off")
    assert data_breach.tasks("technical_support")["cut-off"]["done_by"] == "security-engineer"
    assert_everything_is_back(data_breach)
    assert_funds_settled(data_breach, requested=60_000_000, approved=60_000_000, spent=18_000_000)


def test_legal_says_which_duties_of_a_breach_apply(data_breach: Course) -> None:
    (duties,) = [one for one in data_breach.record["decisions"] if one["kind"] == "duties"]
    assert duties["answer"]["by"] == "head-of-legal"
    started = {entry["details"]["notice"] for entry in data_breach.entries("deadline_started")}
    assert started == set(duties["answer"]["fields"]["notices"].split(","))
    assert "taiwan-digital-economy-article-8" not in started


def test_clocks_of_a_breach_are_warned_of_missed_and_answered(data_breach: Course) -> None:
    warned, missed = data_breach.entries("deadline_warned"), data_breach.entries("deadline_missed")
    assert "china-personal-information-article-57" in {entry["details"]["notice"] for entry in warned}
    assert [entry["details"]["notice"] for entry in missed] == ["china-incident-critical"]
    late = data_breach.entries("deadline_met", reference="CII-2026-18")[0]
    assert (late["details"]["late"], late["actor"] in {"chief-executive", *DEPUTY_HEADS}) == (1, True)
    (article,) = data_breach.entries("deadline_met", notice="china-personal-information-article-57")
    assert (article["actor"], article["details"]["late"], article["details"]["reference"]) == (
        "head-of-legal",
        0,
        "PI-2026-57",
    )
    assert any("china-incident-critical" in page.subject for page in data_breach.pages)


def test_the_final_report_of_a_breach_has_its_time_from_the_notification(data_breach: Course) -> None:
    decisions = {one["id"]: one for one in data_breach.record["decisions"]}
    sent = decisions["notice-nis2-notification"]["answer"]
    assert decisions["notice-nis2-final-report"]["clock"]["began_at"] == sent["at"]
    assert decisions["notice-nis2-final-report"]["answer"]["outcome"] == "sent"


def test_a_file_of_a_breach_is_in_the_archive_as_it_was_sent(data_breach: Course, log: Path) -> None:
    (added,) = data_breach.entries("file_added")
    content = log.read_bytes()
    assert (added["actor"], added["details"]["size"]) == ("security-engineer", len(content))
    assert added["details"]["sha256"] == hashlib.sha256(content).hexdigest()
    archived = str(added["details"]["archived"]).removeprefix(f"{data_breach.id}/")
    assert (data_breach.done.out / "archive" / archived).read_bytes() == content


def test_customers_are_told_of_a_breach_and_answered(data_breach: Course) -> None:
    assert_public_was_told(data_breach, "first_notice", "resolved")
    assert_hotline_was_there(data_breach)


def test_the_record_of_a_breach_is_sealed_with_what_came_after_its_end(data_breach: Course) -> None:
    assert_sealed(data_breach)
