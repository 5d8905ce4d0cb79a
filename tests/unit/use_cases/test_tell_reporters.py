"""Reporters are told: the reference and each news once, to contacts who reported, and to nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from emergency.domain.incident_report import PersonReport, event_of
from emergency.domain.notification import NotificationKind
from emergency.domain.terms import Risk
from emergency.domain.timeline import SYSTEM, Fact
from emergency.use_cases.notify import Notify
from emergency.use_cases.tell_reporters import NEWS, TellReporters, reporters
from tests.support.crashes import Crashing, every_crash
from tests.support.events import alarm
from tests.support.house import House, PlainMails
from tests.support.memory import EPOCH, Faults, MemoryPost, MemorySentMails
from tests.support.plans import working_plan


class Desk:
    """A house with one incident that two contacts and others have reported, one of them twice."""

    def __init__(self) -> None:
        self.house = House(working_plan())
        self.post = MemoryPost()
        self.first, self.second, *_ = self.house.plan.contacts
        people = (self.first, self.second, "", self.first, "somebody-who-left")
        (self.incident_id,) = {self._report(number, who) for number, who in enumerate(people)}

    def _report(self, number: int, who: str) -> str:
        report = PersonReport(
            noticed_at=EPOCH,
            place="",
            words="the gate",
            risk=Risk.SYSTEM_FAILURE,
            first_impact=f"It is shut ({number}).",
        )
        return self.house.report(event_of(report, id_=f"report-{number}", now=EPOCH, by=who))

    def tell(self, fact: Fact, faults: Faults | None = None) -> tuple[str, ...]:
        def port(of: Any) -> Any:
            return Crashing(of, faults or Faults())

        notify = Notify(
            sent=port(MemorySentMails(self.house.store)),
            post=port(self.post),
            mails=PlainMails(),
            clock=self.house.clock,
        )
        tell = TellReporters(plan=self.house.plan, incidents=port(self.house.incidents), notify=notify)
        return tell(self.incident_id, fact)

    def told(self) -> list[tuple[str, str]]:
        return [(mail.to.id, mail.subject) for mail in self.post.sent]


def test_each_report_of_a_person_stands_on_the_timeline_with_who_said_what_of_where() -> None:
    desk = Desk()
    told = [one for one in desk.house.incidents.timeline(desk.incident_id) if one.fact is Fact.INCIDENT_REPORTED]
    assert [one.actor for one in told] == [desk.first, desk.second, SYSTEM, desk.first, "somebody-who-left"]
    assert told[0].details == {
        "who": desk.first,
        "where": "the gate",
        "nature": "system_failure",
        "text": "It is shut (0).",
    }
    assert reporters(told, desk.house.plan) == (desk.first, desk.second)


@pytest.mark.parametrize("fact", NEWS)
def test_each_contact_who_reported_is_told_once(fact: Fact) -> None:
    desk = Desk()
    assert desk.tell(fact) == (desk.first, desk.second)
    assert desk.tell(fact) == (desk.first, desk.second)
    assert desk.told() == [(desk.first, NEWS[fact]), (desk.second, NEWS[fact])]


def test_nobody_is_told_of_anything_else_or_of_what_an_alarm_reported() -> None:
    desk = Desk()
    assert {desk.tell(fact) for fact in set(Fact) - set(NEWS)} == {()}
    desk.incident_id = desk.house.report(alarm())
    assert desk.tell(Fact.PLAN_ACTIVATED) == ()
    assert desk.told() == []


def test_every_kind_of_news_is_a_mail_of_its_own() -> None:
    kinds = [kind for kind in NotificationKind if kind.startswith("report_")]
    assert sorted(NEWS.values()) == sorted(kinds)


def test_whatever_call_dies_everybody_has_been_told_in_the_end() -> None:
    state: list[Desk] = []

    def reset() -> None:
        state[:] = [Desk()]

    def run(faults: Faults) -> None:
        state[0].tell(Fact.STOOD_DOWN, faults)

    def check() -> None:
        assert set(state[0].told()) == {(who, "report_stood_down") for who in (state[0].first, state[0].second)}

    assert every_crash(run, check, reset) >= 10
