"""Two carriers late at once, rehearsed: what both need isn't there twice, and who must know it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.events import alarm
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
    parsed,
)
from tests.workflow.rehearsing import rehearsed

RESOURCE = "standby-handlers"

TEAMS = ["customer_service", "logistics_support", "public_relations"]
DECLINED = "No vans are left."
PARCELS = {"新界": 5000, "香港島": 3}
"""More than the cheapest carrier has room for."""

LOGISTICS_DELAY = {
    "answers": [
        # The first incident keeps what it has on loan until the second has asked for the same.
        {"kind": "orders", "incident": 1, "fields": {"severity": "SEV2", "teams": ["logistics_support"]}},
        {"kind": "orders", "fields": {"severity": "SEV2", "teams": TEAMS}},
        {"kind": "carrier", "who": "carrier-victoria-freight", "press": "declined", "fields": {"comment": DECLINED}},
        {
            "kind": "complete",
            "team": "logistics_support",
            "after": 100,
            "press": [
                {"press": "replan", "on": "replan", "fields": {"file": ""}},
                {"press": "skip", "fields": {"task": "warehouse-shift", "reason": "The staff on standby are enough."}},
                {
                    "press": "spend",
                    "fields": {"allocation": f"{FUNDS}#*", "quantity": "250,000", "reason": "Vans of another carrier."},
                },
                {"press": "completed", "after": 3000},
            ],
        },
        {**TOLD_TWICE, "after": 1200},
    ]
}


def late(carrier: str, event_id: str) -> dict[str, Any]:
    return alarm(
        f"carrier-sla-{carrier}",
        event_id=event_id,
        namespace="Shop/Logistics",
        metric="ParcelsPastDeliverySla",
        dimensions={"Carrier": carrier},
    )


def answers(orders: Path) -> dict[str, Any]:
    """What people do, with a list of affected orders as an old warehouse system exports it: two rows can't be used."""
    rows = [
        f"{region[0]}{number},{region},1.5,2026-11-24" for region, count in PARCELS.items() for number in range(count)
    ]
    bad = ["X1,火星,1,2026-11-24", "新0,新界,1.5,2026-11-24"]
    orders.write_bytes("\r\n".join(["訂單編號,配送區域,重量,承諾日期", *rows, *bad, ""]).encode("big5"))
    given: dict[str, Any] = json.loads(
        json.dumps(LOGISTICS_DELAY).replace('"file": ""', f'"file": {json.dumps(str(orders))}')
    )
    return given


@pytest.fixture(scope="module")
def course(app: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    events = [late("harbour-express", "d-1"), late("lion-rock-courier", "d-2")]
    script = answers(tmp_path_factory.mktemp("orders") / "affected.csv")
    with rehearsed(app, tmp_path_factory.mktemp("delay"), *events, answers=script, time_scale=80) as done:
        return Course(done)


def both(course: Course, prefix: str) -> list[dict[str, Any]]:
    """Items of both incidents by the beginning of their keys."""
    return [item for item in course.items if item["sk"].startswith(prefix) and item["pk"].startswith("INCIDENT#")]


def test_a_delay_is_worked_on_task_by_task(course: Course) -> None:
    assert_closed(course)
    assert_real_tasks(course)
    assert_late_and_escalated(course, "public_relations", "first-statement")
    assert course.tasks("logistics_support")["warehouse-shift"]["reason"] == "The staff on standby are enough."
    assert {item["status"] for item in both(course, "INCIDENT")} == {"closed"}


def test_two_delays_never_get_the_same_people(course: Course) -> None:
    """Ten people are in reserve, and each incident wants six."""
    loans = [loan for loan in both(course, "ALLOCATION#") if loan["resource"] == RESOURCE]
    assert sorted(int(loan["quantity"]) for loan in loans) == [4, 6]
    people = [person for loan in loans for person in loan["people"]]
    assert len(set(people)) == len(people) == len(course.plan["resources"][RESOURCE]["reserve"])


def test_the_shortage_of_a_delay_is_named_and_told(course: Course) -> None:
    short = [entry for entry in both(course, "TIMELINE#") if entry["fact"] == "resource_short"]
    assert [
        (entry["details"]["resource"], entry["details"]["wanted"], entry["details"]["quantity"]) for entry in short
    ] == [(RESOURCE, 6, 4)]
    told = [entry for entry in both(course, "TIMELINE#") if entry["fact"] == "shortage_told"]
    assert [set(entry["details"]["people"]) for entry in told] == [DEPUTY_HEADS]
    assert {entry["pk"] for entry in told} == {entry["pk"] for entry in short}


def test_funds_and_people_of_a_delay_are_back(course: Course) -> None:
    """Both incidents spent as much: what is gone of the stock is twice that."""
    assert_everything_is_back(course)
    assert_funds_settled(course, requested=80_000_000, approved=80_000_000, spent=25_000_000)
    assert not [item for item in course.items if item["pk"].startswith("RESERVE#")]


def test_the_public_is_told_of_a_delay_after_the_clock_ran_out(course: Course) -> None:
    told = course.at("statement_published")
    assert [entry for entry in course.entries("update_late") if parsed(entry["at"]) < told]
    assert "chief-executive" in course.told("update_late")
    assert_public_was_told(course, "first_notice", "resolved")
    assert_hotline_was_there(course)


def test_a_list_of_orders_in_an_old_encoding_is_read_and_its_bad_rows_are_left_out(course: Course) -> None:
    (listed,) = course.entries("parcels_listed", parcels=sum(PARCELS.values()), bad_rows=2)
    archived = course.done.out / "archive" / str(listed["details"]["archived"]).removeprefix(f"{course.id}/")
    assert archived.read_bytes().decode("big5").count("新界") == PARCELS["新界"] + 1
    (replan,) = [one for one in course.record["replans"] if one.get("ordered_at")]
    assert replan["parcels"] == {"new-territories": PARCELS["新界"], "hong-kong": PARCELS["香港島"]}


def test_a_carrier_takes_over_by_its_own_link_and_what_another_declines_is_named(course: Course) -> None:
    """The second incident's carrier is Lion Rock Courier: the others in Hong Kong are asked."""
    asked = {one["order"]["carrier"]: one for one in course.record["decisions"] if one["kind"] == "carrier"}
    assert asked.keys() == {"harbour-express", "victoria-freight"}
    confirmed, declined = asked["harbour-express"], asked["victoria-freight"]
    assert (confirmed["answer"]["outcome"], confirmed["answer"]["by"]) == ("confirmed", "carrier-harbour-express")
    assert (declined["answer"]["outcome"], declined["answer"]["by"]) == ("declined", "carrier-victoria-freight")
    (replan,) = [one for one in course.record["replans"] if one.get("ordered_at")]
    moved = {id_: sum(move["parcels"] for move in one["order"]["moves"]) for id_, one in asked.items()}
    assert sum(moved.values()) == sum(replan["parcels"].values())
    assert course.entries("carrier_confirmed", carrier="harbour-express", parcels=moved["harbour-express"])
    assert course.entries("carrier_declined", carrier="victoria-freight", text=DECLINED)
    (left,) = course.entries("parcels_left")
    assert left["details"]["parcels"] == moved["victoria-freight"]
    assert {"head-of-logistics"} <= course.told("carrier_confirmed") & course.told("carrier_declined")


def test_a_carrier_is_told_of_its_parcels_alone(course: Course) -> None:
    """Nothing of the incident stands in what leaves the company."""
    address = course.plan["carriers"]["harbour-express"]["contact_email"]
    mails = [mail for mail in course.mails if address in mail.to]
    assert mails
    internal = [course.record["incident"]["signal_name"], "chief-executive", *course.told("update_late")]
    assert not [word for mail in mails for word in internal if word in mail.text or word in mail.html]


def test_the_record_of_a_delay_is_sealed(course: Course) -> None:
    assert_sealed(course)
