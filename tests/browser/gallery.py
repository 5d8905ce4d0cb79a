"""Every page and mail in every state, with one believable incident: what the browser tests open and the pictures show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from emergency.domain.attachment import Uploaded, UploadForm
from emergency.domain.briefing import Briefing
from emergency.domain.decision import CutShort, Decision, Undelivered, Vote
from emergency.domain.errors import (
    CannotPassOn,
    NoMoreTime,
    TooManyRequests,
    UnusableAnswer,
    UnusableFile,
    WrongCode,
)
from emergency.domain.incident import IncidentStatus
from emergency.domain.notification import NotificationKind
from emergency.domain.plan import Locale
from emergency.domain.terms import DecisionKind, Factor, Outcome, Team
from emergency.ports import Mail
from emergency.presentation.mail import MailWriter
from emergency.presentation.page import Page, PageWriter, Shown
from emergency.presentation.report import ReportWriter
from tests.support.calling import the_counts, the_first_notice, the_record_so_far
from tests.support.moving import lead_page, replanning, the_carrier_answered, the_list
from tests.support.team_page import team_briefing, the_updates, with_clocks
from tests.support.teams_at_work import the_notification
from tests.support.telling import (
    LINK,
    active_incident,
    briefing,
    company,
    decision_put_at,
    empty_report,
    minutes,
    settled_decision,
    shown,
    the_challenge,
    the_decision,
    the_draft,
    the_hotline,
    the_report,
    the_timeline,
    the_vote,
)

_COMPILED, WORDS = company()
PLAN = with_clocks(_COMPILED)
PAGES, MAILS, REPORTS = PageWriter(PLAN, WORDS), MailWriter(PLAN, WORDS), ReportWriter(PLAN, WORDS)
HEAD, (FIRST_DEPUTY, SECOND_DEPUTY) = PLAN.leadership.head, PLAN.leadership.deputy_heads
_CARRIER = "carrier-lion-rock-courier"
_OPENED = {
    DecisionKind.ORDERS: 4,
    DecisionKind.ACKNOWLEDGE: 18.6,
    DecisionKind.COMPLETE: 21.8,
    DecisionKind.RELEASE: 30.1,
    DecisionKind.CARRIER: 25.1,
    DecisionKind.CLEAN_UP: 101.5,
    DecisionKind.REVIEW: 802.5,
    DecisionKind.DUTIES: 18.2,
    DecisionKind.NOTICE: 40,
    DecisionKind.STATEMENT: 24,
    DecisionKind.SEVERITY: 24.1,
}
"""Minutes after the trouble began when each question is put."""


@dataclass(frozen=True)
class Sight:
    """One page or mail in one state: what it shows, and the document by locale."""

    told: str
    of: Callable[[Locale], Page]
    is_multilingual: bool = False
    worth: int = 0
    """How many pixels of it, from the top, are worth a picture: of a page that differs from another there alone."""


def _asked(kind: DecisionKind, locale: Locale, *, level: int = 0, after: float = 0, **changes: object) -> Shown:
    """The page of an open question, as the first person of a level sees it soon after, or at another minute."""
    told = briefing(PLAN, decision_put_at(_OPENED[kind], PLAN, kind, level=level, **changes), locale)
    now = after or _OPENED[kind] + 1.5
    before = [entry for entry in the_timeline(PLAN) if entry.at <= minutes(now)]
    return shown(told, after=now, timeline=before)


def _orders(locale: Locale) -> Shown:
    """The orders on their second rung, after the first one stayed silent and one of two mails came back."""
    asked = _asked(DecisionKind.ORDERS, locale, level=1, after=15.5)
    decision = asked.briefing.decision
    came_back = Undelivered(contact=SECOND_DEPUTY, level=1, reason="bounce.permanent", at=minutes(14.5))
    decision = replace(decision, undelivered=(came_back,))
    return replace(asked, briefing=replace(asked.briefing, decision=decision))


def _two_must_agree(locale: Locale, *votes: Vote) -> Shown:
    """The orders where two people must agree."""
    people = ((HEAD, FIRST_DEPUTY, SECOND_DEPUTY),)
    decision = the_decision(PLAN, DecisionKind.ORDERS, rungs=people, needed=2, votes=votes)
    return shown(briefing(PLAN, decision, locale), after=13)


def _at_work(locale: Locale, **changes: object) -> Shown:
    """A team's page while it works: a dozen tasks, money spent, one request decided and one open."""
    asked = _on_page(team_briefing(PLAN, DecisionKind.COMPLETE, locale), 36)
    released = settled_decision(PLAN, DecisionKind.RELEASE, FIRST_DEPUTY)
    waiting = decision_put_at(35, PLAN, DecisionKind.RELEASE, id="release-2")
    assert waiting.request is not None
    request = replace(waiting.request, resource="emergency-funds", quantity=8_000_000)
    waiting = replace(waiting, request=request)
    decisions = {decision.id: decision for decision in (released, waiting)}
    return replace(asked, decisions=decisions, **changes)  # type: ignore[arg-type]


def _on_page(told: Briefing, after: float) -> Shown:
    """What a page shows so many minutes after the trouble began, with the course so far."""
    before = [entry for entry in the_timeline(PLAN) if entry.at <= minutes(after)]
    return shown(told, after=after, timeline=before)


def _helping(locale: Locale) -> Shown:
    """A deputy's page: the team's tasks, and no answer."""
    deputy = PLAN.teams[Team.CUSTOMER_SERVICE].deputies[0]
    told = team_briefing(PLAN, DecisionKind.COMPLETE, locale, deputy, helps=True)
    return _on_page(told, 36)


def _counting(locale: Locale) -> Shown:
    """The page of customer service, who switched the hotline by hand and counted before."""
    asked = _at_work(locale)
    hotline = replace(the_hotline(), by_hand=True)
    return replace(asked, briefing=replace(asked.briefing, hotline=hotline, calls=the_counts(PLAN)))


def _speaking(locale: Locale) -> Shown:
    """The page of public relations, whose next update is late."""
    told = team_briefing(PLAN, DecisionKind.COMPLETE, locale, team=Team.PUBLIC_RELATIONS, updates=the_updates(34))
    return _on_page(told, 36)


def _cleaning(locale: Locale) -> Shown:
    """A team's page at clean-up: something is still switched for the incident."""
    return _on_page(team_briefing(PLAN, DecisionKind.CLEAN_UP, locale), 103)


_UPLOAD = UploadForm(
    url="https://uploads.example/",
    fields={"key": "uploads/INC-20261122-7F3K/complete-customer_service/x/${filename}", "policy": "eyJ4IjogMX0="},
)
_UPLOADED = Uploaded(key="uploads/INC-20261122-7F3K/x/queue-0335.png", size=1_258_000, uploaded_at=minutes(36))


def _handed_over(locale: Locale) -> Page:
    asked = _asked(DecisionKind.ACKNOWLEDGE, locale)
    decision = replace(
        asked.briefing.decision, handed_over=(asked.briefing.contact.id,), cut_short=CutShort.HANDED_OVER
    )
    return PAGES.handed_over(replace(asked.briefing, decision=decision), asked.now)


def _voted(locale: Locale) -> Page:
    asked = _two_must_agree(locale, the_vote(PLAN, DecisionKind.ORDERS, HEAD))
    return PAGES.voted(asked.briefing, asked.now)


def _settled_orders(by: str) -> Decision:
    """The orders once a deputy has given them, or once nobody had, to the end of the ladder."""
    level, at = (1, 17.1) if by else (5, 44)
    settled = settled_decision(PLAN, DecisionKind.ORDERS, by)
    assert settled.answer is not None
    asked = the_decision(PLAN, DecisionKind.ORDERS, level=level).asked
    return replace(settled, asked=asked, level=level, answer=replace(settled.answer, at=minutes(at)))


def _settled(by: str, locale: Locale, *, posted: bool = False) -> Page:
    told = briefing(PLAN, _settled_orders(by), locale, SECOND_DEPUTY, active_incident(PLAN))
    return PAGES.settled(told, minutes(50), posted=posted)


def _over(locale: Locale, page: Callable[..., Page], kind: DecisionKind) -> Page:
    incident = replace(active_incident(PLAN), status=IncidentStatus.CLOSED)
    return page(briefing(PLAN, the_decision(PLAN, kind), locale, incident=incident), minutes(30))


def _code(locale: Locale, *, factor: Factor = Factor.CODE, wrong: WrongCode | None = None) -> Page:
    asked = _orders(locale)
    challenge = the_challenge(PLAN, DecisionKind.ORDERS, asked.briefing.contact.id, factor)
    challenge = replace(challenge, opened_at=asked.now, tries=5 - wrong.tries_left if wrong else 0)
    return PAGES.code(replace(asked, now=asked.now + timedelta(minutes=1)), challenge, wrong)


def _mail(mail: Mail) -> Page:
    return Page(status=200, html=mail.html)


def _settled_mail(locale: Locale) -> Page:
    return _mail(MAILS.settled(briefing(PLAN, _settled_orders(FIRST_DEPUTY), locale, HEAD), minutes(17.2)))


def _code_mail(locale: Locale) -> Page:
    asked = _orders(locale)
    challenge = the_challenge(PLAN, DecisionKind.ORDERS, asked.briefing.contact.id)
    return _mail(MAILS.code(asked.briefing, "284913", replace(challenge, opened_at=asked.now), asked.now))


def _unusable(asked: Shown, form: Mapping[str, list[str]], field: str, problem: str) -> Page:
    return PAGES.unusable(asked, form, UnusableAnswer(field, problem))


_POSTED = {
    "outcome": ["activate"],
    "severity": ["SEV1"],
    "teams": ["technical_support"],
    "budget": ["9,000,000"],
    "comment": ["Call me on the bridge line."],
}
_SPENT = {
    "action": ["spend"],
    "allocation": ["emergency-funds#customer_service"],
    "quantity": ["800,000"],
    "reason": ["Overtime."],
}
_COUNTED = {"action": ["calls"], "calls": ["about 300"], "complaints": ["12"]}
_HANDED_IN = {"outcome": ["handed_in"], "ticks": ["shown"], "tasks": ["hand-over-cases"], "record": ["All answered."]}
_REQUEST = {"action": ["request"], "resource": ["standby-agents"], "quantity": ["60"], "reason": ["Night shift."]}

QUESTIONS_ASKED: Mapping[str, Sight] = {
    "orders": Sight(
        "Orders, second rung: the proposal, who was asked and who comes next",
        lambda locale: PAGES.question(_orders(locale)),
    ),
    "orders-two-must-agree": Sight(
        "Orders where two must agree, after one has answered: that answer is the proposal",
        lambda locale: PAGES.question(_two_must_agree(locale, the_vote(PLAN, DecisionKind.ORDERS, FIRST_DEPUTY))),
        worth=1700,
    ),
    "acknowledge": Sight(
        "A team is asked to take its tasks on, or to hand them over",
        lambda locale: PAGES.question(_on_page(team_briefing(PLAN, DecisionKind.ACKNOWLEDGE, locale), 24)),
        worth=2000,
    ),
    "complete": Sight(
        "A team at work: tasks ticked off, requests and what became of them",
        lambda locale: PAGES.question(_at_work(locale, done="tasks")),
        worth=3000,
    ),
    "release": Sight(
        "A request for resources, before somebody else than its author",
        lambda locale: PAGES.question(_asked(DecisionKind.RELEASE, locale)),
        worth=1500,
    ),
    "clean-up": Sight(
        "A team's checklist and record at clean-up", lambda locale: PAGES.question(_cleaning(locale)), worth=2400
    ),
    "complete-helping": Sight(
        "A deputy works on the team's tasks, without an answer to give",
        lambda locale: PAGES.question(_helping(locale)),
        worth=1700,
    ),
    "complete-speaking": Sight(
        "Public relations at work: the next statement is late",
        lambda locale: PAGES.question(_speaking(locale)),
        worth=1100,
    ),
    "duties": Sight(
        "Legal is asked which authorities must be told",
        lambda locale: PAGES.question(_asked(DecisionKind.DUTIES, locale)),
        worth=2000,
    ),
    "notice": Sight(
        "A notice to an authority, until it was sent",
        lambda locale: PAGES.question(_asked(DecisionKind.NOTICE, locale)),
        worth=1900,
    ),
    "answers": Sight(
        "What the hotline's agents answer, after the first notice was published",
        lambda locale: PAGES.answers(_at_work(locale), the_record_so_far(PLAN, the_first_notice())),
        worth=1000,
    ),
    "replan": Sight(
        "The logistics lead: where a failing carrier's parcels can go, and what was ordered before",
        lambda locale: PAGES.replan(lead_page(PLAN, locale), replanning(PLAN, None, the_carrier_answered(PLAN))),
        worth=1100,
    ),
    "carrier": Sight(
        "A carrier is asked to take parcels over, and reads of nothing else",
        lambda locale: PAGES.question(_asked(DecisionKind.CARRIER, locale)),
    ),
    "severity": Sight(
        "An alarm reports something worse: whether the incident is raised",
        lambda locale: PAGES.question(_asked(DecisionKind.SEVERITY, locale)),
        worth=1500,
    ),
    "upload": Sight("A file for the record", lambda locale: PAGES.upload(_at_work(locale), _UPLOAD)),
    "uploaded": Sight("The file has arrived", lambda locale: PAGES.uploaded(_at_work(locale), _UPLOADED)),
    "review": Sight(
        "The report is up for review", lambda locale: PAGES.question(_asked(DecisionKind.REVIEW, locale)), worth=1500
    ),
}

CORRECTED: Mapping[str, Sight] = {
    "unusable-orders": Sight(
        "Orders with a budget above the funds: the form as it was posted, and what to correct",
        lambda locale: _unusable(_orders(locale), _POSTED, "budget", "too_much"),
        worth=2600,
    ),
    "unusable-request": Sight(
        "A request for more than there is: its form stands open further down",
        lambda locale: _unusable(_at_work(locale), _REQUEST, "quantity", "too_much"),
        worth=844,
    ),
    "unusable-file": Sight(
        "A file of a kind that is not kept",
        lambda locale: PAGES.upload(_at_work(locale), _UPLOAD, UnusableFile("type")),
    ),
    "unusable-uploaded": Sight(
        "A file that has arrived and is too large",
        lambda locale: PAGES.uploaded(_at_work(locale), replace(_UPLOADED, size=31_000_000), UnusableFile("too_large")),
    ),
    "unusable-skip": Sight(
        "A task skipped without a reason",
        lambda locale: _unusable(_at_work(locale), {"action": ["skip"], "task": ["vouchers"]}, "reason", "missing"),
        worth=844,
    ),
    "unusable-spend": Sight(
        "More spent than is left", lambda locale: _unusable(_at_work(locale), _SPENT, "quantity", "too_much"), worth=844
    ),
    "unusable-calls": Sight(
        "Calls counted as something that is no number",
        lambda locale: _unusable(_counting(locale), _COUNTED, "calls", "unusable"),
        worth=844,
    ),
    "unusable-clean-up": Sight(
        "A record handed in while something is still switched",
        lambda locale: _unusable(_cleaning(locale), _HANDED_IN, "tasks", "switched"),
        worth=1100,
    ),
    "unusable-notice": Sight(
        "A notice reported as sent without its reference",
        lambda locale: _unusable(
            _asked(DecisionKind.NOTICE, locale), {"outcome": ["sent"], "reference": [""]}, "reference", "missing"
        ),
        worth=1700,
    ),
    "refused-hand-over": Sight(
        "A question that can't be handed over any more",
        lambda locale: PAGES.refused(
            _asked(DecisionKind.ACKNOWLEDGE, locale, level=2, after=40), CannotPassOn("acknowledge")
        ),
        worth=844,
    ),
    "refused-more-time": Sight(
        "No more time is given",
        lambda locale: PAGES.refused(_asked(DecisionKind.COMPLETE, locale, extended=2), NoMoreTime("complete")),
        worth=844,
    ),
    "refused-request": Sight(
        "More requests than an incident takes",
        lambda locale: PAGES.refused(_at_work(locale), TooManyRequests("INC")),
        worth=844,
    ),
    "code": Sight("The code page: the field, and the answer that the code makes count", _code),
    "code-wrong": Sight("A wrong code", lambda locale: _code(locale, wrong=WrongCode(3))),
    "code-app": Sight("The code of an authenticator app", lambda locale: _code(locale, factor=Factor.TOTP)),
    "code-over": Sight(
        "The code is too old: the question again, with the answer that waited for it",
        lambda locale: PAGES.code_over(_orders(locale), the_draft(PLAN, DecisionKind.ORDERS)),
        worth=1_000,
    ),
    "too-many-codes": Sight("No more codes by this link", lambda locale: PAGES.too_many_codes(_orders(locale))),
}

DECIDED: Mapping[str, Sight] = {
    "recorded": Sight(
        "The answer counts",
        lambda locale: PAGES.recorded(briefing(PLAN, settled_decision(PLAN, DecisionKind.ORDERS), locale), minutes(12)),
    ),
    "voted": Sight("The answer is recorded, one more person must agree", _voted),
    "handed-over": Sight("The question went to those who come next", _handed_over),
    "settled": Sight(
        "Somebody else has answered",
        lambda locale: _settled(FIRST_DEPUTY, locale),
    ),
    "settled-posted": Sight(
        "Somebody else has answered while this person was writing",
        lambda locale: _settled(FIRST_DEPUTY, locale, posted=True),
    ),
    "lapsed": Sight("Nobody answered, and the plan decided", lambda locale: _settled("", locale)),
    "gone": Sight("The response has moved on", lambda locale: _over(locale, PAGES.gone, DecisionKind.ACKNOWLEDGE)),
    "replaced": Sight(
        "A newer version of the report is up for review",
        lambda locale: _over(locale, PAGES.replaced, DecisionKind.REVIEW),
    ),
}


NOTICES: Mapping[str, Sight] = {
    "unknown": Sight("No such link", lambda _: PAGES.unknown(), is_multilingual=True),
    "not-yours": Sight("Somebody else decides", lambda _: PAGES.not_yours(), is_multilingual=True),
    "forged": Sight("A form that doesn't belong to its link", lambda _: PAGES.forged(), is_multilingual=True),
    "busy": Sight("The records can't be reached", lambda _: PAGES.busy(), is_multilingual=True),
}

_NOTIFICATIONS: Mapping[NotificationKind, str] = {
    NotificationKind.TASK_FORCE: "The task force is introduced to each other",
    NotificationKind.TEAM_CALLED: "A deputy is called, with the team's tasks",
    NotificationKind.CLEAN_UP_CALLED: "A deputy is called to site clean-up",
    NotificationKind.TASK_YOURS: "A task comes to somebody",
    NotificationKind.TASKS_DUE: "Tasks are due soon",
    NotificationKind.TASKS_LATE: "Tasks are late",
    NotificationKind.UPDATE_DUE: "An update to the public is due",
    NotificationKind.UPDATE_LATE: "An update to the public is late",
    NotificationKind.STATEMENT: "A newsroom gets a statement",
    NotificationKind.STATEMENT_OUT: "The teams concerned hear that a statement is out",
    NotificationKind.SHORTAGE: "Something can't be lent",
    NotificationKind.ALARM_CLEARED: "An alarm went off, and others are still on",
    NotificationKind.SEVERITY_RAISED: "The incident is raised to a higher severity",
    NotificationKind.REPORT_TAKEN: "Whoever reported an incident gets its reference",
    NotificationKind.REPORT_ORDERED: "The same hears that the response has begun",
    NotificationKind.RESERVE_CALLED: "Somebody of the reserve list is called",
}


def _notified(kind: NotificationKind, title: str) -> Sight:
    return Sight(
        title,
        lambda locale: _mail(MAILS.notification(the_notification(PLAN, kind, locale), minutes(75))),
        worth=844,
    )


LETTERS: Mapping[str, Sight] = {
    "mail-question": Sight(
        "The mail that asks", lambda locale: _mail(MAILS.question(_orders(locale).briefing, LINK, minutes(14.3)))
    ),
    "mail-reminder": Sight(
        "The mail that reminds",
        lambda locale: _mail(
            MAILS.question(_asked(DecisionKind.ACKNOWLEDGE, locale).briefing, LINK, minutes(24.6), reminder=True)
        ),
    ),
    "mail-carrier": Sight(
        "The mail that asks a carrier",
        lambda locale: _mail(MAILS.question(_asked(DecisionKind.CARRIER, locale).briefing, LINK, minutes(26))),
    ),
    "mail-code": Sight("The mail with the code", _code_mail),
    "mail-settled": Sight("The mail that tells what was decided", _settled_mail),
    **{f"mail-{kind.replace('_', '-')}": _notified(kind, title) for kind, title in _NOTIFICATIONS.items()},
}

REPORT: Mapping[str, Sight] = {
    "report": Sight(
        "The post-incident report", lambda locale: Page(status=200, html=REPORTS.html(the_report(PLAN), locale))
    ),
    "report-of-nothing": Sight(
        "The report of an incident that never came further than its opening",
        lambda locale: Page(status=200, html=REPORTS.html(empty_report(PLAN), locale)),
    ),
}

MORE_OF_DELIVERIES: Mapping[str, Sight] = {
    "replan-list": Sight(
        "The same with a list of affected orders: what it says, and the rows that can't be used",
        lambda locale: PAGES.replan(lead_page(PLAN, locale), replanning(PLAN, the_list())),
        worth=1500,
    ),
    "carrier-silent": Sight(
        "The logistics lead answers for a carrier that was called",
        lambda locale: PAGES.question(_asked(DecisionKind.CARRIER, locale, level=1)),
        worth=1100,
    ),
    "unusable-replan": Sight(
        "A re-plan with more parcels than a carrier has room for",
        lambda locale: PAGES.replan(
            lead_page(PLAN, locale),
            replace(replanning(PLAN), posted={"move.kowloon.lion-rock-courier": ["9000"]}),
            UnusableAnswer("move.kowloon.lion-rock-courier", "capacity"),
        ),
        worth=844,
    ),
    "unusable-list": Sight(
        "A list of orders that can't be read",
        lambda locale: PAGES.replan(lead_page(PLAN, locale), replanning(PLAN), UnusableFile("header")),
        worth=844,
    ),
    "recorded-carrier": Sight(
        "What a carrier sees once its order is settled",
        lambda locale: PAGES.settled(
            briefing(PLAN, the_carrier_answered(PLAN, Outcome.CONFIRMED, "head-of-logistics"), locale, _CARRIER),
            minutes(45),
        ),
    ),
}
"""States that look much like pictured ones."""

PAGES_SHOWN: Mapping[str, Sight] = {**QUESTIONS_ASKED, **CORRECTED, **DECIDED, **NOTICES, **MORE_OF_DELIVERIES}
