"""Every sentence of the words files is said somewhere, and only those: nothing dead is left to translate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import product

import pytest

from emergency.domain.answer import QUESTIONS
from emergency.domain.assessment import Reason, ReasonKind
from emergency.domain.attachment import Uploaded, UploadForm
from emergency.domain.briefing import Briefing
from emergency.domain.decision import CutShort, Undelivered
from emergency.domain.errors import UnusableAnswer, UnusableFile, WrongCode
from emergency.domain.incident import IncidentStatus
from emergency.domain.incident_report import FIELDS as REPORT_FIELDS
from emergency.domain.notification import NotificationKind
from emergency.domain.plan import Absence, Plan
from emergency.domain.report import Finding, Proposal, write_report
from emergency.domain.report_event import REPORT_TYPE
from emergency.domain.terms import AutomaticStep, DecisionKind, Factor, Outcome, Phase, Risk, Role, Severity, Step, Team
from emergency.domain.timeline import SYSTEM, Detail, Fact, TimelineEntry
from emergency.presentation import page
from emergency.presentation.mail import MailWriter
from emergency.presentation.maintaining import MaintenancePages
from emergency.presentation.naming import Names
from emergency.presentation.narrate import sentence
from emergency.presentation.page import PageWriter
from emergency.presentation.reasons import ReasonTeller
from emergency.presentation.report import ReportWriter
from emergency.presentation.reporting import ReportForm
from emergency.presentation.words import Words
from infra.plan_compiler.catalogue import CATALOGUE
from tests.browser import reporting as reports_of_people
from tests.browser.gallery import LETTERS, PAGES_SHOWN, REPORT
from tests.browser.maintaining import maintenance_form
from tests.browser.publishing import NO_SUCH_PAGE, STATUS_PAGE, WRITING, drafted
from tests.browser.subscribing import ALIKE, NOBODYS, SUBSCRIBERS_LETTERS, SUBSCRIBING
from tests.support.calling import the_counts, the_record_so_far
from tests.support.moving import lead_page, replanning, the_carrier_answered, the_list, the_replans
from tests.support.publicly import the_site
from tests.support.team_page import loans, team_briefing, the_updates, with_clocks
from tests.support.teams_at_work import (
    NOTICE,
    plan_at_work,
    the_course,
    the_notification,
    the_whole_report,
)
from tests.support.telling import (
    ALL_KINDS,
    LINK,
    LOCALES,
    PLACE,
    active_incident,
    briefing,
    company,
    minutes,
    settled_decision,
    shown,
    the_challenge,
    the_decision,
    the_hotline,
    the_incident,
    the_record,
    the_report,
    the_statement,
    the_timeline,
    the_vote,
)

COMPILED, WORDS = company()
PLAN = with_clocks(COMPILED)
WORKING = plan_at_work(PLAN)
HEAD, (FIRST_DEPUTY, SECOND_DEPUTY) = PLAN.leadership.head, PLAN.leadership.deputy_heads
REASONS = ("refused", "bounce.permanent", "bounce.transient", "complaint", "reject", "")
WRONG = ("missing", "unknown", "unusable", "too_long", "too_much", "closed", "waits", "switched", "unreachable")
FIELDS = {
    "": (
        *("outcome", "severity", "teams", "task_force", "budget", "comment", "measures", "record"),
        *("notices", "reference", "tasks"),
    ),
    "tasks": ("tasks",),
    "add_task": ("task_text", "owner", "within"),
    "reassign": ("task", "owner"),
    "skip": ("task", "reason"),
    "spend": ("allocation", "quantity", "reason"),
    "calls": ("calls", "complaints"),
    "note": ("note",),
    "request": ("resource", "quantity", "reason"),
}


def reasons(locale: str) -> None:
    """Every reason of a severity, and what a figure can add."""
    figures: dict[str, Detail] = {
        "value": "1",
        "threshold": "2",
        "times": "2",
        "users": 3,
        "score": "4",
        "likelihood": 1,
        "impact": 1,
    }
    told = tuple(Reason(kind=kind, details={"rule": "checkout", **figures}) for kind in ReasonKind)
    teller = ReasonTeller(the_incident(reasons=told), Names(PLAN, WORDS[locale]))
    assert teller.because
    assert teller.reasons


@contextmanager
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The keys that are said while it is open."""
    said: set[str] = set()
    filled = Words._filled

    def listening(self: Words, key: str, text: str, values: Mapping[str, object]) -> str:
        said.add(key)
        return filled(self, key, text, values)

    with monkeypatch.context() as patched:
        patched.setattr(Words, "_filled", listening)
        yield said


def gallery(locale: str) -> None:
    public = {**WRITING, **STATUS_PAGE, **NO_SUCH_PAGE, **SUBSCRIBING, **ALIKE, **NOBODYS, **SUBSCRIBERS_LETTERS}
    told = reports_of_people
    public |= {**told.REPORTING, **told.REPORTING_ALIKE, **told.REPORTING_NOBODYS, **told.REPORTERS_LETTERS}
    for sight in {**PAGES_SHOWN, **LETTERS, **REPORT, **public}.values():
        sight.of(locale)


def reporting(locale: str) -> None:
    """Every field of a report that has to be corrected, and incidents that people have reported."""
    usual = ReportForm(now=minutes(4), once="1", locale=locale)
    for problem in (*WRONG, "future"):
        reports_of_people.PAGES.form(replace(usual, problems=dict.fromkeys(REPORT_FIELDS, problem)))
    reports_of_people.PAGES.lost(locale, error=UnusableAnswer("address", "missing"))
    told = briefing(PLAN, the_decision(PLAN, DecisionKind.ORDERS), locale)
    by_somebody = replace(told.incident, signal_name=REPORT_TYPE)
    for incident in (by_somebody, replace(by_somebody, reporter=HEAD)):
        MailWriter(PLAN, WORDS).question(replace(told, incident=incident), LINK, minutes(4))


def questions(locale: str) -> None:
    """Every question on every level, with every way in which it can go on or end."""
    pages, mails = PageWriter(PLAN, WORDS), MailWriter(PLAN, WORDS)
    for kind in ALL_KINDS:
        usual = the_decision(PLAN, kind)
        for level, needed in product(range(usual.levels), (1, 2)):
            told = briefing(PLAN, the_decision(PLAN, kind, level=level, needed=needed), locale)
            pages.question(shown(told, after=level * 2_000))
            mails.question(told, LINK, minutes(4))
        if kind is not DecisionKind.CARRIER:
            pages.question(shown(briefing(PLAN, replace(usual, on_silence=Outcome.STAND_DOWN), locale)))
        last = the_decision(PLAN, kind, level=len(usual.rungs) - 1, cut_short=CutShort.HANDED_OVER)
        for cut in (last, replace(usual, cut_short=CutShort.HANDED_OVER)):
            pages.question(shown(briefing(PLAN, cut, locale)))
        for outcome in QUESTIONS[kind].outcomes:
            vote = replace(the_vote(PLAN, kind, HEAD), outcome=outcome)
            pages.question(shown(briefing(PLAN, replace(usual, votes=(vote,)), locale)))
            answered = settled_decision(PLAN, kind)
            assert answered.answer is not None
            answered = replace(answered, answer=replace(answered.answer, outcome=outcome))
            pages.recorded(briefing(PLAN, answered, locale), minutes(13))
    last = the_decision(PLAN, DecisionKind.ORDERS, level=5, on_silence=Outcome.STAND_DOWN)
    pages.question(shown(briefing(PLAN, last, locale)))
    incident = active_incident(PLAN)
    for status in IncidentStatus:
        settled = settled_decision(PLAN, DecisionKind.ORDERS)
        pages.settled(briefing(PLAN, settled, locale, incident=replace(incident, status=status)), minutes(13))
        pages.recorded(briefing(PLAN, settled, locale, incident=replace(incident, status=status)), minutes(13))


def planned(locale: str) -> None:
    """Every mail about planned maintenance: it is called otherwise than an incident."""
    mails, kind = MailWriter(PLAN, WORDS), DecisionKind.MAINTENANCE
    told = briefing(PLAN, the_decision(PLAN, kind), locale)
    mails.question(told, LINK, minutes(6), reminder=True)
    mails.code(told, "284913", the_challenge(PLAN, kind, told.contact.id), minutes(6))
    mails.settled(briefing(PLAN, settled_decision(PLAN, kind), locale), minutes(13))
    pages, form = MaintenancePages(PLAN, WORDS), maintenance_form(locale)
    pages.maintenance(form)
    for done in ("sent", "ended", "too_many"):
        pages.maintenance(replace(form, done=done))
    problems = ("missing", "unknown", "unusable", "too_many", "too_wide", "too_far", "before_first", "over", "too_long")
    for name, problem in product(("components", "alarms", "first", "last", "reason"), problems):
        pages.maintenance(replace(form, error=UnusableAnswer(name, problem)))


def ladders(locale: str) -> None:
    """People who are away, mails that came back, questions that were passed on, and requests in every state."""
    away = (Absence(first=minutes(0).date(), last=minutes(2_000).date()),)
    absent = replace(PLAN.contact(HEAD), delegate=FIRST_DEPUTY, absences=away)
    plan: Plan = replace(PLAN, contacts={**PLAN.contacts, HEAD: absent})
    came_back = Undelivered(contact=SECOND_DEPUTY, level=1, reason="refused", at=minutes(14))
    decision = the_decision(PLAN, DecisionKind.ORDERS, level=2, undelivered=(came_back,), handed_over=(FIRST_DEPUTY,))
    first, *rest = decision.asked
    decision = replace(decision, asked=(replace(first, contact=FIRST_DEPUTY, instead_of=HEAD), *rest))
    for contact in (HEAD, FIRST_DEPUTY):
        told = briefing(plan, decision, locale, contact)
        PageWriter(plan, WORDS).question(shown(told))
        MailWriter(plan, WORDS).question(told, LINK, minutes(24))
    fresh = the_decision(PLAN, DecisionKind.ORDERS, asked=())
    MailWriter(plan, WORDS).question(briefing(plan, fresh, locale, FIRST_DEPUTY), LINK, minutes(4))
    outcomes = (Outcome.RELEASED, Outcome.DECLINED, Outcome.NOT_RELEASED)
    settled = settled_decision(PLAN, DecisionKind.RELEASE)
    assert settled.answer is not None
    became = {o.value: replace(settled, answer=replace(settled.answer, outcome=o)) for o in outcomes}
    at_work = shown(briefing(PLAN, the_decision(PLAN, DecisionKind.ACKNOWLEDGE), locale))
    PageWriter(PLAN, WORDS).question(replace(at_work, decisions=became))


def mistakes(locale: str) -> None:
    pages = PageWriter(PLAN, WORDS)
    for action, fields in FIELDS.items():
        form = {"action": [action], "resource": ["radios"]} if action else {}
        for kind, name, problem in product(ALL_KINDS, fields, WRONG):
            asked = shown(briefing(PLAN, the_decision(PLAN, kind), locale))
            pages.unusable(asked, form, UnusableAnswer(name, problem))
    asked = shown(briefing(PLAN, the_decision(PLAN, DecisionKind.COMPLETE), locale))
    for problem in ("missing", "too_large", "too_many", "type"):
        pages.upload(asked, UploadForm(url="https://uploads.example/"), UnusableFile(problem))
    pages.question(replace(asked, timeline=the_timeline(PLAN) * 5))
    for done in page.DONE:
        pages.question(replace(asked, done=done))
    draftless = replace(the_challenge(PLAN, DecisionKind.ORDERS, HEAD), draft={})
    pages.code(shown(briefing(PLAN, the_decision(PLAN, DecisionKind.ORDERS), locale)), draftless)
    challenge = the_challenge(PLAN, DecisionKind.COMPLETE, HEAD, Factor.TOTP)
    pages.code(asked, replace(challenge, tries=4), WrongCode(1))


def to_publish(told: Briefing) -> Briefing:
    """The same, with a task that is done once a statement is published."""
    assert told.assignment is not None
    task = replace(told.assignment.tasks[0], automatic=AutomaticStep.PUBLISH_STATEMENT, done_at=None, skipped_at=None)
    return replace(told, assignment=replace(told.assignment, tasks=(task,)))


def at_work(locale: str) -> None:
    """What a team has or had on loan, tasks that wait for another team's, updates in time, and notices that are gone."""
    pages = PageWriter(PLAN, WORDS)
    funds, radios = loans()
    back = replace(radios, spent=2, returned_at=minutes(30))
    told = team_briefing(PLAN, DecisionKind.COMPLETE, locale)
    for allocations in ((replace(funds, quantity=0, spent=0), back), (back,)):
        pages.question(shown(replace(told, allocations=allocations), after=60))
    speaking = team_briefing(PLAN, DecisionKind.COMPLETE, locale, team=Team.PUBLIC_RELATIONS)
    pages.question(shown(speaking, after=36))
    pages.question(shown(to_publish(speaking), after=36))
    pages.uploaded(shown(told), Uploaded(key="uploads/x.png", size=2_000, uploaded_at=minutes(30)))
    bare = replace(PLAN, deadlines=replace(PLAN.deadlines, notices={}))
    for kind in (DecisionKind.DUTIES, DecisionKind.NOTICE):
        PageWriter(bare, WORDS).question(shown(briefing(PLAN, the_decision(PLAN, kind), locale)))
    overdue = briefing(PLAN, the_decision(PLAN, DecisionKind.NOTICE), locale)
    pages.question(shown(overdue, after=100 * 60))
    for role in Role:
        if role not in {Role.OWNER, Role.CARRIER}:
            Names(PLAN, WORDS[locale])._role(role, 1, Team.CUSTOMER_SERVICE)
    settled = settled_decision(PLAN, DecisionKind.DUTIES)
    assert settled.answer is not None
    nothing = replace(settled, answer=replace(settled.answer, fields={}))
    pages.recorded(briefing(PLAN, nothing, locale), minutes(30))


def calling(locale: str) -> None:
    """The hotline in every state, calls as they were counted, and answers with and without a statement."""
    pages = PageWriter(PLAN, WORDS)
    waiting = replace(the_hotline(), phone_number="n", flow="f")
    hotlines = (replace(waiting, connected_at=minutes(18)), waiting, replace(the_hotline(), by_hand=True))
    for hotline, kind in product(hotlines, (DecisionKind.COMPLETE, DecisionKind.CLEAN_UP)):
        told = team_briefing(PLAN, kind, locale)
        pages.question(shown(replace(told, hotline=hotline, calls=the_counts(PLAN)), after=102))
        report = replace(the_report(PLAN), hotline=hotline, calls=the_counts(PLAN))
        ReportWriter(PLAN, WORDS).html(report, locale)
    for record in (the_record_so_far(PLAN), replace(the_record_so_far(PLAN), hotline=None, deadlines={})):
        pages.answers(shown(told), record)


def deliveries(locale: str) -> None:
    """Re-plans as they are proposed, corrected, ordered and reported, and carriers' questions to everybody."""
    pages, mails = PageWriter(PLAN, WORDS), MailWriter(PLAN, WORDS)
    at_work = lead_page(PLAN, locale)
    everywhere = replace(the_list(), parcels={"hong-kong": 1, "taiwan-islands": 90_000})
    for listed in (None, the_list(), everywhere, replace(the_list(), bad_rows=1, findings=())):
        pages.replan(
            at_work, replanning(PLAN, listed, the_carrier_answered(PLAN), the_decision(PLAN, DecisionKind.CARRIER))
        )
    for field, problem in product(
        ("carrier", "moves", "move.kowloon.lion-rock-courier", "parcels.kowloon", "replan"), WRONG
    ):
        pages.replan(at_work, replanning(PLAN), UnusableAnswer(field, problem))
    pages.replan(at_work, replanning(PLAN), UnusableAnswer("move.kowloon.lion-rock-courier", "capacity"))
    pages.replan(at_work, replanning(PLAN), UnusableAnswer("replan", "too_many"))
    for problem in ("missing", "too_large", "too_many_rows", "encoding", "header", "rows", "type"):
        pages.replan(at_work, replanning(PLAN), UnusableFile(problem))
    stranded = replanning(PLAN)
    islands = replace(stranded.draft, parcels={"taiwan-islands": 800}, spare={}, moves=())
    pages.replan(at_work, replace(stranded, draft=islands))
    rungs = (("carrier-lion-rock-courier",), ("head-of-logistics",), (HEAD,))
    pages.question(shown(briefing(PLAN, the_decision(PLAN, DecisionKind.CARRIER, level=1, rungs=rungs), locale)))
    for contact in ("", "head-of-logistics"):
        asked = the_decision(PLAN, DecisionKind.CARRIER, level=1 if contact else 0)
        told = briefing(PLAN, asked, locale, contact or "carrier-lion-rock-courier")
        pages.question(shown(told))
        for reminder in (True, False):
            mails.question(told, LINK, minutes(5), reminder=reminder)
        mails.code(told, "284913", the_challenge(PLAN, DecisionKind.CARRIER, told.contact.id), minutes(6))
        for outcome, by in product(
            (Outcome.CONFIRMED, Outcome.DECLINED, Outcome.NOT_CONFIRMED), ("head-of-logistics", "")
        ):
            answered = briefing(PLAN, the_carrier_answered(PLAN, outcome, by), locale, told.contact.id)
            mails.settled(answered, minutes(40))
            pages.settled(answered, minutes(40))
            if outcome is not Outcome.NOT_CONFIRMED:
                pages.recorded(answered, minutes(40))
    for decisions in ({}, {"carrier": the_carrier_answered(PLAN)}):
        record = replace(the_record(PLAN), replans=the_replans(PLAN), decisions=decisions)
        ReportWriter(PLAN, WORDS).html(write_report(record, round_=1, now=minutes(900)), locale)
    regions: dict[str, Detail] = {
        "carrier": "x",
        "to": ("y", "z"),
        "parcels": 3,
        "regions": ("kowloon:3", "mars:1", "x"),
    }
    for fact in Fact:
        entry = TimelineEntry(
            key="k", at=minutes(0), step=Step.EMERGENCY_RESPONSE, fact=fact, actor=SYSTEM, place=PLACE, details=regions
        )
        sentence(entry, PLAN, WORDS[locale])


def courses(locale: str) -> None:
    """Every fact about every question with every outcome, reason and factor."""
    details: dict[str, Detail] = {"team": "customer_service", "who": HEAD, "text": "x"}
    details |= {"instead_of": FIRST_DEPUTY, "voters": (HEAD, "x")}
    variants: list[dict[str, Detail]] = [
        {"kind": kind, "outcome": outcome} for kind, outcome in product((*DecisionKind, "none"), (*Outcome, "none"))
    ]
    variants += [{"reason": reason} for reason in REASONS]
    variants += [{"factor": factor} for factor in Factor]
    variants += [{"late": 1}, {"late": 0}, {"who": ""}, {"notice": NOTICE}]
    for entry in the_course(WORKING):
        sentence(entry, WORKING, WORDS[locale], Risk.SYSTEM_FAILURE)
    for fact, variant in product(Fact, variants):
        entry = TimelineEntry(
            key="k",
            at=minutes(0),
            step=Step.ORDERS,
            fact=fact,
            actor=SYSTEM,
            place=PLACE,
            details={**details, **variant},
        )
        sentence(entry, WORKING, WORDS[locale])


def notifications(locale: str) -> None:
    """Every mail that asks nothing: to those who lead, help and watch, with and without a link."""
    mails = MailWriter(WORKING, WORDS)
    lead, helper = "head-of-customer-service", "contact-centre-manager-taipei"
    for kind, contact in product(NotificationKind, ("", lead, helper, "head-of-marketing", HEAD)):
        told = the_notification(WORKING, kind, locale, contact)
        for changed in (told, replace(told, tasks=told.tasks[:1], people=()), replace(told, link_url="")):
            for after in (20, 90):
                mails.notification(changed, minutes(after))
    told = the_notification(WORKING, NotificationKind.TASK_FORCE, locale)
    mails.notification(replace(told, incident=replace(told.incident, orders=None)), minutes(20))
    last = the_notification(WORKING, NotificationKind.ALARM_CLEARED, locale)
    assert last.cleared
    mails.notification(replace(last, cleared=replace(last.cleared, on=0)), minutes(20))
    over = the_notification(WORKING, NotificationKind.MAINTENANCE_OVER, locale)
    mails.notification(replace(over, still_on=()), minutes(20))
    declined = the_notification(WORKING, NotificationKind.MAINTENANCE_DECLINED, locale)
    mails.notification(replace(declined, people=(HEAD,)), minutes(20))


def reports(locale: str) -> None:
    report = the_report(PLAN)
    details: dict[str, Detail] = {"team": "customer_service", "resource": "radios", "wanted": 2, "quantity": 1}
    details |= {"notice": NOTICE, "count": 2}
    proposals = tuple(Proposal(finding=finding, details=details) for finding in Finding)
    orders, hotline = report.incident.orders, report.hotline
    assert orders is not None
    assert hotline is not None
    undecided = tuple(entry for entry in report.timeline if entry.details.get("outcome") != "released")
    teams = tuple(
        replace(work, assignment=None, acknowledged=None, completed=None, handed_in=None) for work in report.teams
    )
    for changed in (
        replace(report, proposals=proposals, hotline=replace(hotline, closed_at=None), teams=teams),
        replace(report, timeline=undecided, incident=replace(report.incident, orders=replace(orders, budget=1))),
        replace(report, incident=replace(report.incident, orders=replace(orders, by=""), former="INC-0")),
        replace(report, tally=replace(report.tally, on=2, cleared_at=None)),
        replace(report, tally=replace(report.tally, on=1, cleared_at=None)),
        replace(report, incident=replace(report.incident, orders=replace(orders, outcome=Outcome.STAND_DOWN))),
        replace(report, times=replace(report.times, resolved=None)),
        replace(report, timeline=(*report.timeline, replace(report.timeline[0], fact=Fact.SEVERITY_RAISED))),
    ):
        ReportWriter(PLAN, WORDS).html(changed, locale)
    whole = the_whole_report(WORKING)
    unanswered = tuple(replace(notice, answer=None) for notice in whole.notices)
    assert whole.duties is not None
    nobody = replace(whole.duties, outcome=Outcome.NOT_CONFIRMED, by="")
    for changed in (whole, replace(whole, notices=unanswered, duties=nobody)):
        ReportWriter(WORKING, WORDS).html(changed, locale)


def statements(locale: str) -> None:
    """Statements that are drafted where little is known, corrected, and published in every phase."""
    pages = PageWriter(PLAN, WORDS)
    told = team_briefing(PLAN, DecisionKind.COMPLETE, locale, team=Team.PUBLIC_RELATIONS, updates=None)
    public = replace(PLAN.communications, locales=LOCALES)
    bare = replace(PLAN, deadlines=replace(PLAN.deadlines, updates=None), communications=public)
    PageWriter(bare, WORDS).statement(shown(replace(told, hotline=None)), Phase.FIRST_NOTICE)
    pages.question(shown(told))
    pages.question(shown(replace(told, updates=the_updates(1))))
    for part, problem in product(("title-en", "text-zh-Hant", "phase"), ("missing", "too_long", "markup", "unknown")):
        pages.statement_unusable(shown(told), Phase.UPDATE, {}, UnusableAnswer(part, problem))
    for phase in Phase:
        pages.question(shown(briefing(PLAN, drafted(phase=phase), locale)))
        the_site(the_statement(PLAN, phase=phase), locale=locale)
    later = [the_statement(PLAN, id=f"statement-{n}", published_at=minutes(26 + n)) for n in range(5)]
    the_site(*later, locale=locale)
    the_site(*later, now=minutes(60 * 24 * 60), locale=locale)
    the_site(later[0], replace(later[1], incident_id="INC-2"), locale=locale)
    for month in range(1, 13):
        began = minutes(0).replace(year=2025, month=month)
        the_site(replace(later[0], began_at=began, published_at=began), now=began, locale=locale)


def formats(locale: str) -> None:
    words = WORDS[locale]
    for month in range(1, 13):
        words.date(minutes(0).replace(month=month), PLAN)
    for seconds in (0, 1, 60, 3_600, 90_000):
        words.duration(seconds)
    for severity in Severity:
        words(f"severity.level.{severity}")
    words.join(["a", "b", "c"])


def test_every_sentence_is_said_and_every_said_sentence_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for locale in LOCALES:
        with heard(monkeypatch) as said:
            for tell in (
                gallery,
                reporting,
                questions,
                planned,
                ladders,
                mistakes,
                at_work,
                calling,
                deliveries,
                notifications,
                courses,
                reports,
                reasons,
                statements,
                formats,
            ):
                tell(locale)
        assert " ".join(sorted(CATALOGUE.keys() - said)) == ""
        assert " ".join(sorted(said - CATALOGUE.keys())) == ""
