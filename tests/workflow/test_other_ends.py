"""The other ends that the plan knows: silence, standing down, revision, crashes, and what calls for no response."""

from __future__ import annotations

from pathlib import Path

from tests.support.events import alarm
from tests.workflow.rehearsing import rehearsed


def test_when_nobody_ever_answers_the_plan_decides_at_every_turn(app: Path, tmp_path: Path) -> None:
    """SEV2 declares that silence on the orders activates; teams that stay silent don't hold the incident open."""
    with rehearsed(app, tmp_path, alarm(), answers={"default": "silent"}, time_scale=60_000) as done:
        assert done.summary["outcome"] == "closed"
        orders = done.decision("orders")
        assert orders["answer"]["outcome"] == "activate"
        assert not orders["answer"]["by"]
        asked = [who["level"] for who in orders["asked"]]
        assert asked == sorted(asked)
        assert len(set(asked)) == len(orders["rungs"]) * (orders["start_over"] + 1)
        assert "decision_reminded" in done.facts()
        pages = [page.subject for page in done.stack.mailbox.pages]
        of_clocks = [subject for subject in pages if subject.startswith("Missed: updates")]
        assert of_clocks
        assert done.facts().count("leadership_paged") == len(pages) - len(of_clocks) > 0
        assert "update_late" in done.facts()
        assert done.decision("review-1")["answer"]["outcome"] == "not_reviewed"
        assert "decision_lapsed" in done.facts()
        assert "decision_unanswered" in done.facts()


def test_a_mild_incident_that_nobody_answers_stands_down(app: Path, tmp_path: Path) -> None:
    """SEV4 declares that silence on the orders stands down."""
    mild = alarm("estimated-charges-high", namespace="AWS/Billing", metric="EstimatedCharges")
    with rehearsed(app, tmp_path, mild, answers={"default": "silent"}, time_scale=20_000) as done:
        assert done.summary["severity"] == "SEV4"
        assert done.summary["outcome"] == "stood_down"
        assert not done.decision("orders")["answer"]["by"]
        assert done.result.is_as_planned


def test_standing_down_is_a_proper_end(app: Path, tmp_path: Path) -> None:
    answers = {"answers": [{"kind": "orders", "press": "stand_down", "fields": {"comment": "A drill at the bank."}}]}
    with rehearsed(app, tmp_path, alarm(), answers=answers) as done:
        assert done.summary["outcome"] == "stood_down"
        assert done.result.is_as_planned
        assert done.facts()[-1] == "stood_down"
        assert done.summary["mails"] == 2  # the question and its code
        assert done.json("incident.json")["incident"]["orders"]["comment"] == "A drill at the bank."
        assert done.status_of(done.summary["incident_id"]) == "SUCCEEDED"


def test_a_report_that_is_returned_once_comes_again_and_is_accepted(app: Path, tmp_path: Path) -> None:
    returned = {"kind": "review", "press": "returned", "fields": {"comment": "Name the cause."}, "times": 1}
    with rehearsed(app, tmp_path, alarm(), answers={"answers": [returned]}) as done:
        assert done.summary["outcome"] == "closed"
        assert done.decision("review-1")["answer"]["outcome"] == "returned"
        assert done.decision("review-2")["answer"]["outcome"] == "accepted"
        assert done.facts().count("report_written") == 2
        assert "Name the cause." in (done.out / "report.html").read_text()


def test_a_function_that_crashes_twice_is_tried_again(app: Path, tmp_path: Path) -> None:
    """Once before it has seen its event, once after its work is done."""
    faults = [f"{name}:{kind}:1" for name in ("triage", "decision_request", "report") for kind in ("refuse", "crash")]
    with rehearsed(app, tmp_path, alarm(), faults=faults) as done:
        assert done.summary["outcome"] == "closed"
        facts = done.facts()
        for fact in ("severity_assessed", "plan_activated", "record_assembled", "report_written", "incident_closed"):
            assert facts.count(fact) == 1


def test_when_a_function_never_works_the_leadership_group_is_paged_and_the_execution_fails(
    app: Path, tmp_path: Path
) -> None:
    with rehearsed(app, tmp_path, alarm(), faults=["triage:crash:50"]) as done:
        assert done.summary["outcome"] == "needs_attention"
        assert not done.result.is_as_planned
        assert done.status_of(done.summary["incident_id"]) == "FAILED"
        assert done.facts()[-1] == "needs_attention"
        (page,) = done.stack.mailbox.pages
        assert done.summary["incident_id"] in page.text
        broke_off = done.json("incident.json")["timeline"][-1]
        assert broke_off["step"] == "incident_report"
        assert broke_off["place"] == {"execution": done.summary["incident_id"], "state": "1. Incident report"}
        (register,) = [item for item in done.stack.records.scan()["Items"] if item["pk"] == "OPEN"]
        assert not register["incidents"]


def test_a_hotline_that_cannot_be_opened_is_paged_and_the_team_goes_on(app: Path, tmp_path: Path) -> None:
    with rehearsed(app, tmp_path, alarm(), faults=["customer_hotline:refuse:5"]) as done:
        assert done.summary["outcome"] == "closed"
        assert "hotline_opened" not in done.facts()
        assert done.decision("complete-customer_service")["answer"]["outcome"] == "completed"
        (page,) = done.stack.mailbox.pages
        assert "hotline" in page.text


def test_teams_that_cannot_be_led_are_paged_one_by_one_and_the_rest_of_the_response_goes_on(
    app: Path, tmp_path: Path
) -> None:
    with rehearsed(app, tmp_path, alarm(), faults=["team_assignment:refuse:99"]) as done:
        assert done.summary["outcome"] == "needs_attention"
        assert "resource_lent" in done.facts()
        broke_off = done.json("incident.json")["timeline"][-1]
        assert (broke_off["fact"], broke_off["step"]) == ("needs_attention", "emergency_response")
        assert broke_off["place"]["state"] == "3. Emergency response and 4. Rear support"
        assert len(done.stack.mailbox.pages) == len(done.summary["teams"]) + 1


def test_recovery_before_anyone_answers_is_noted_and_the_incident_is_still_worked(app: Path, tmp_path: Path) -> None:
    ok = alarm(state="OK", event_id="2", at="2026-11-22T03:39:41.683+0000")
    with rehearsed(app, tmp_path, alarm(), ok) as done:
        assert done.summary["outcome"] == "cleared"
        assert done.result.is_as_planned
        assert done.facts().count("signal_cleared") == 1
        assert done.json("incident.json")["incident"]["status"] == "closed"


def test_r14_the_same_event_twice_and_a_second_alarm_of_the_cause_are_one_incident(app: Path, tmp_path: Path) -> None:
    again = alarm(event_id="2", at="2026-11-22T03:14:41.683+0000")
    answers = {"answers": [{"kind": "orders", "press": "stand_down"}]}
    with rehearsed(app, tmp_path, alarm(), alarm(), again, answers=answers) as done:
        assert done.summary["outcome"] == "joined"
        assert [event["disposition"] for event in done.summary["events"]] == ["opened", "joined", "joined"]
        assert len({event["incident_id"] for event in done.summary["events"]}) == 1
        assert done.json("incident.json")["tally"]["signals"] == 2


def test_what_calls_for_no_response_starts_none(app: Path, tmp_path: Path) -> None:
    broken = alarm(event_id="broken", state="ALARM")
    del broken["detail"]["alarmName"]
    events = [
        alarm(event_id="ok", state="OK"),
        alarm(event_id="little", state="INSUFFICIENT_DATA"),
        {**alarm(event_id="contributor"), "detail-type": "CloudWatch Alarm Contributor State Change"},
        {**alarm(event_id="configuration"), "detail-type": "CloudWatch Alarm Configuration Change"},
        broken,
    ]
    with rehearsed(app, tmp_path, *events) as done:
        found = [event["disposition"] for event in done.summary["events"]]
        assert found == ["ignored", "ignored", "ignored", "ignored", "rejected"]
        assert done.summary["outcome"] == "rejected"
        assert not done.result.is_as_planned
        assert "alarmName" in done.summary["events"][-1]["reason"]
        assert done.summary["incident_id"] is None
        assert not done.json("executions.json")
        assert done.stack.dead_letters() == 1
