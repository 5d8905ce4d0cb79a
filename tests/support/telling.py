"""A believable incident in every stage, told with the example plan's words: for tests of mails, pages and reports."""

from __future__ import annotations

import gettext
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from emergency.domain.answer import QUESTIONS
from emergency.domain.assessment import Reason, ReasonKind
from emergency.domain.assignment import AssignedTask, Assignment, ticked
from emergency.domain.briefing import Briefing, from_outside
from emergency.domain.correlation import Tally
from emergency.domain.decision import (
    Answer,
    Asked,
    Decision,
    NoticeClock,
    Request,
    Vote,
    Worsening,
    decision_id,
    prepared,
)
from emergency.domain.deliveries import CarrierOrder, Move, Replan
from emergency.domain.incident import Incident, IncidentStatus, Orders, task_force
from emergency.domain.inventory import Allocation, OpenHotline
from emergency.domain.maintenance import Maintenance
from emergency.domain.plan import Locale, Plan
from emergency.domain.report import Record, Report, write_report
from emergency.domain.second_factor import Challenge
from emergency.domain.statement import Draft, Statement, Wording
from emergency.domain.terms import DecisionKind, Factor, Outcome, Phase, Risk, Severity, Step, Team
from emergency.domain.timeline import SYSTEM, Detail, Fact, Place, TimelineEntry
from emergency.presentation.page import Shown
from emergency.presentation.words import Words
from infra.plan_compiler import compile_plan

PLAN_FOLDER = Path(__file__).parents[2] / "plan"
PLACE = Place(execution="INC-20261122-7F3K", state="Ask")
BEGAN = datetime(2026, 11, 21, 19, 9, tzinfo=UTC)
LINK = "https://pages.example/d/Zm9yIHRlc3RzIG9ubHk"
FORM_KEY = "canary-form-key"
TASK_TOKEN = "canary-task-token"
ALL_KINDS = tuple(DecisionKind)
LOCALES: tuple[Locale, ...] = ("en", "zh-Hant", "zh-Hans")
_OF_TEAMS = frozenset({DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE, DecisionKind.CLEAN_UP, DecisionKind.RELEASE})
PROPOSED = (Team.TECHNICAL_SUPPORT, Team.CUSTOMER_SERVICE, Team.PUBLIC_RELATIONS)


@cache
def company() -> tuple[Plan, Mapping[Locale, Words]]:
    """The example company's plan and its words."""
    compiled = compile_plan(PLAN_FOLDER)
    words = {
        locale: Words(locale, gettext.GNUTranslations(io.BytesIO(catalogue)))
        for locale, catalogue in compiled.words.items()
    }
    return compiled.plan, words


def minutes(count: float) -> datetime:
    """A moment so many minutes after the trouble began."""
    return BEGAN + timedelta(minutes=count)


def the_incident(**changes: object) -> Incident:
    incident = Incident(
        id="INC-20261122-7F3K",
        status=IncidentStatus.REPORTED,
        cause="system_failure/checkout",
        rule="checkout",
        risk=Risk.SYSTEM_FAILURE,
        component="checkout",
        title={"en": "Checkout failing", "zh-Hant": "結帳失敗", "zh-Hans": "结算失败"},
        place={
            "en": "checkout, ap-northeast-1",
            "zh-Hant": "結帳服務，ap-northeast-1",
            "zh-Hans": "结算服务，ap-northeast-1",
        },
        first_impact={
            "en": "About one request in eight fails; some 1,400 shoppers an hour are affected.",
            "zh-Hant": "結帳請求約每八次有一次失敗，每小時約影響 1,400 名顧客。",
            "zh-Hans": "结算请求约每八次有一次失败，每小时约影响 1,400 名顾客。",
        },
        signal_name="checkout-alb-5xx-high",
        signal_reason="Threshold Crossed: 3 out of the last 3 datapoints [733.0, 468.0, 212.0] were greater than the threshold (50.0).",
        began_at=BEGAN,
        detected_at=minutes(3.7),
        reported_at=minutes(3.9),
        likelihood=4,
        impact=4,
        computed_severity=Severity.SEV2,
        severity=Severity.SEV2,
        teams=PROPOSED,
        reasons=(
            Reason(kind=ReasonKind.RULE, details={"rule": "checkout", "likelihood": 4, "impact": 4}),
            Reason(
                kind=ReasonKind.OVER_THRESHOLD,
                details={"value": "733", "threshold": "50", "times": "14.66"},
            ),
        ),
    )
    return replace(incident, **changes)  # type: ignore[arg-type]


def active_incident(plan: Plan) -> Incident:
    teams = (Team.TECHNICAL_SUPPORT, Team.CUSTOMER_SERVICE)
    orders = Orders(
        decision_id="orders",
        outcome=Outcome.ACTIVATE,
        severity=Severity.SEV2,
        teams=teams,
        task_force=task_force(plan, teams),
        by=plan.leadership.deputy_heads[0],
        at=minutes(17.1),
        comment="Keep the campaign page up; stop the midnight sale if it is not fixed by 23:30.",
    )
    return the_incident(status=IncidentStatus.ACTIVE, teams=teams, orders=orders)


def the_request(plan: Plan) -> Request:
    """What customer service asks for beyond its playbook."""
    return Request(
        by=plan.teams[Team.CUSTOMER_SERVICE].lead,
        team=Team.CUSTOMER_SERVICE,
        resource="standby-agents",
        quantity=6,
        reason="The Hong Kong centre is full until the morning shift.",
    )


TEXTS: Mapping[Locale, Wording] = {
    "zh-Hant": Wording(
        title="部分顧客暫時無法結帳",
        text="自 03:09（台北時間）起，部分顧客結帳失敗。\n\n我們正在修復。「我的訂單」中看得到的訂單都不受影響，也不會重複扣款。",
    ),
    "en": Wording(
        title="Some customers can't check out at the moment",
        text="Since 03:09 (Taipei time) checking out fails for some customers.\n\nWe are repairing it. Orders that you see under “My orders” are safe, and nobody is charged twice.",
    ),
}


def the_statement_draft(plan: Plan, phase: Phase = Phase.FIRST_NOTICE) -> Draft:
    """What public relations has written for customers and media."""
    return Draft(by=plan.teams[Team.PUBLIC_RELATIONS].lead, phase=phase, texts=TEXTS)


def the_statement(plan: Plan, **changes: object) -> Statement:
    """The same as it was published."""
    draft = the_statement_draft(plan)
    statement = Statement(
        incident_id="INC-20261122-7F3K",
        id="statement-1a2b3c4d",
        risk=Risk.SYSTEM_FAILURE,
        phase=draft.phase,
        texts=draft.texts,
        by=draft.by,
        approved_by=plan.leadership.deputy_heads,
        began_at=BEGAN,
        published_at=minutes(26),
    )
    return replace(statement, **changes)  # type: ignore[arg-type]


def _first_notice(plan: Plan) -> str:
    return next(iter(plan.deadlines.notices), "gdpr-33")


def the_clock(plan: Plan) -> NoticeClock:
    """The clock of the plan's first notice."""
    return NoticeClock(notice=_first_notice(plan), began_at=minutes(3.7), due_at=minutes(3.7 + 72 * 60))


def the_order() -> CarrierOrder:
    """What a carrier is asked to take over."""
    day = BEGAN.date() + timedelta(days=1)
    moves = [("hong-kong", 1_900, 9_500), ("kowloon", 3_000, 8_900)]
    return CarrierOrder(
        replan="replan-1a2b3c4d",
        carrier="lion-rock-courier",
        moves=tuple(
            Move(region=region, carrier="lion-rock-courier", parcels=count, cost=cost, collected_on=day)
            for region, count, cost in moves
        ),
    )


def the_maintenance(plan: Plan) -> Maintenance:
    """What technical support plans to work on."""
    return Maintenance(
        by=plan.teams[Team.TECHNICAL_SUPPORT].lead,
        components=("checkout",),
        alarms=("checkout-db-*",),
        first=minutes(300),
        last=minutes(420),
        reason="New disks for the checkout's database.",
    )


def the_replan(plan: Plan, **changes: object) -> Replan:
    """A re-plan that the lead has ordered."""
    replan = Replan(
        incident_id="INC-20261122-7F3K",
        id="replan-1a2b3c4d",
        carrier="harbour-express",
        parcels={"hong-kong": 2_100, "kowloon": 3_000},
        moves=the_order().moves,
        proposed_at=minutes(25),
        orders="late orders.csv",
        by=plan.teams[Team.LOGISTICS_SUPPORT].lead,
        ordered_at=minutes(25),
    )
    return replace(replan, **changes)  # type: ignore[arg-type]


def the_worsening() -> Worsening:
    return Worsening(
        severity=Severity.SEV1,
        signal="aurora-cluster-unavailable",
        reason="Threshold Crossed: 3 datapoints were less than the threshold (1.0).",
        at=minutes(24),
    )


def the_decision(plan: Plan, kind: DecisionKind, *, level: int = 0, **changes: object) -> Decision:
    """An open question on one of its levels, put when the incident was reported."""
    return decision_put_at(4, plan, kind, level=level, **changes)


def decision_put_at(opened: float, plan: Plan, kind: DecisionKind, *, level: int = 0, **changes: object) -> Decision:
    """An open question on one of its levels, put at that minute, asked and reminded as the plan says."""
    team = Team.CUSTOMER_SERVICE if kind in _OF_TEAMS else None
    order = the_order() if kind is DecisionKind.CARRIER else None
    team = Team.LOGISTICS_SUPPORT if order else team
    team = Team.PUBLIC_RELATIONS if kind is DecisionKind.STATEMENT else team
    round_ = 1 if kind is DecisionKind.REVIEW else 0
    request = the_request(plan) if kind is DecisionKind.RELEASE else None
    statement = the_statement_draft(plan) if kind is DecisionKind.STATEMENT else None
    worsening = the_worsening() if kind is DecisionKind.SEVERITY else None
    maintenance = the_maintenance(plan) if kind is DecisionKind.MAINTENANCE else None
    fresh = prepared(
        the_incident(),
        plan,
        kind=kind,
        team=team,
        round_=round_,
        form_key=FORM_KEY,
        place=PLACE,
        now=minutes(opened),
        request=request,
        order=order,
        statement=statement,
        worsening=worsening,
        maintenance=maintenance,
        clock=changes.pop("clock", the_clock(plan) if kind is DecisionKind.NOTICE else None),  # type: ignore[arg-type]
        id_=f"{kind}-1a2b3c4d" if request or statement or order or maintenance else "",
    )
    fresh = replace(fresh, **{name: changes.pop(name) for name in ("rungs", "needed") if name in changes})  # type: ignore[arg-type]
    decision = replace(_asked_up_to(fresh, level), task_token=TASK_TOKEN)
    return replace(decision, **changes)  # type: ignore[arg-type]


def _asked_up_to(decision: Decision, level: int) -> Decision:
    """The decision after everyone was asked up to a level, and reminded on those that are over."""
    began, mails = decision.opened_at, list[Asked]()
    for number in range(level + 1):
        began += timedelta(seconds=decision.seconds(number - 1)) if number else timedelta()
        for contact in decision.rung(number):
            at = began + timedelta(seconds=12)
            mails.append(Asked(contact=contact, level=number, at=at, mail_id="mail"))
            if number < level and decision.remind_at:
                reminded = began + timedelta(seconds=decision.seconds(number) * decision.remind_at // 100)
                mails.append(Asked(contact=contact, level=number, at=reminded, mail_id="mail", reminder=True))
    due = began + timedelta(seconds=decision.seconds(level))
    return replace(decision, level=level, level_began_at=began, due_at=due, asked=tuple(mails))


def settled_decision(plan: Plan, kind: DecisionKind, by: str | None = None) -> Decision:
    decision = the_decision(plan, kind)
    who = decision.rungs[0][0] if by is None else by
    vote = the_vote(plan, kind, who)
    outcome = vote.outcome if who else decision.on_silence
    voters = (who,) if who else ()
    fields = vote.fields if who else {}
    return replace(decision, answer=Answer(outcome=outcome, by=who, at=minutes(12), fields=fields, voters=voters))


def the_vote(plan: Plan, kind: DecisionKind, by: str, **fields: str) -> Vote:
    """The natural answer, as somebody gives it."""
    given: Mapping[DecisionKind, Mapping[str, str]] = {
        DecisionKind.ORDERS: {
            "comment": "Go.",
            "severity": "SEV1",
            "teams": "technical_support,customer_service",
            "task_force": "head-of-legal",
            "budget": "25000000",
        },
        DecisionKind.ACKNOWLEDGE: {"comment": "On it."},
        DecisionKind.COMPLETE: {"measures": "Rolled back release 812.\nErrors fell to normal at 03:41."},
        DecisionKind.CLEAN_UP: {"record": "All tickets answered.", "proposal": "Test the rollback monthly."},
        DecisionKind.REVIEW: {"comment": "Clear."},
        DecisionKind.RELEASE: {"comment": "Six until 09:00."},
        DecisionKind.DUTIES: {"comment": "Two users are in Munich.", "notices": _first_notice(plan)},
        DecisionKind.NOTICE: {"reference": "Receipt 2026-4711"},
        DecisionKind.CARRIER: {"comment": "Two vans more from noon."},
        DecisionKind.STATEMENT: {"comment": "Good."},
        DecisionKind.SEVERITY: {"comment": "The database is down too."},
        DecisionKind.MAINTENANCE: {"comment": "Before six, please."},
    }
    return Vote(by=by, outcome=QUESTIONS[kind].outcomes[0], at=minutes(11), fields={**given[kind], **fields})


def the_draft(plan: Plan, kind: DecisionKind) -> Mapping[str, Sequence[str]]:
    """The natural answer as it is posted."""
    vote = the_vote(plan, kind, "")
    listed = {"teams", "task_force", "notices"}
    fields = {name: value.split(",") if name in listed else [value] for name, value in vote.fields.items()}
    if "budget" in fields:
        fields["budget"] = ["250,000"]
    return {"outcome": [vote.outcome], **fields}


def the_challenge(plan: Plan, kind: DecisionKind, contact: str, factor: Factor = Factor.CODE) -> Challenge:
    """The natural answer waiting for its code."""
    decision = the_decision(plan, kind)
    return Challenge(
        incident_id=decision.incident_id,
        decision_id=decision.id,
        contact=contact,
        factor=factor,
        number=1,
        opened_at=minutes(6),
        draft=the_draft(plan, kind),
        mail_id="mail",
    )


def briefing(
    plan: Plan, decision: Decision, locale: Locale = "en", contact: str = "", incident: Incident | None = None
) -> Briefing:
    """A decision as the first person of its level, or another one, is told it in a language."""
    usual = the_incident() if decision.kind is DecisionKind.ORDERS else active_incident(plan)
    reader = plan.contact(contact or decision.rung(decision.level)[0])
    told = Briefing(
        incident=incident or usual,
        decision=decision,
        contact=replace(reader, locale=locale),
        assignment=the_assignment(plan, decision.team) if decision.team else None,
        hotline=the_hotline(),
    )
    return from_outside(told) if plan.is_outside(reader.id) else told


def shown(told: Briefing, *, after: float = 5, **changes: object) -> Shown:
    """What the page shows, so many minutes after the trouble began."""
    page = Shown(briefing=told, nonce="the-nonce", url=LINK, once="the-once", now=minutes(after))
    return replace(page, **changes)  # type: ignore[arg-type]


def the_assignment(plan: Plan, team: Team = Team.CUSTOMER_SERVICE) -> Assignment:
    lines = [
        (
            "Open the hotline and tell the contact centre its number.",
            "開通專門熱線，並通知客服中心號碼。",
            "开通专门热线，并将号码告知客服中心。",
            25,
        ),
        (
            "Publish the holding reply for chat and e-mail.",
            "發布線上客服與郵件的統一回覆。",
            "发布在线客服和邮件的统一回复。",
            40,
        ),
        (
            "Collect complaints about double charges and hand them to finance.",
            "彙整重複扣款的投訴，轉交財務部門。",
            "汇总重复扣款的投诉，转交财务部门。",
            None,
        ),
    ]
    return Assignment(
        incident_id="INC-20261122-7F3K",
        team=team,
        lead=plan.teams[team].lead,
        tasks=tuple(
            AssignedTask(
                id=f"task-{number}",
                text=dict(zip(LOCALES, text, strict=True)),
                due_at=minutes(due) if due else None,
            )
            for number, (*text, due) in enumerate(lines)
        ),
        assigned_at=minutes(10),
    )


def the_hotline() -> OpenHotline:
    return OpenHotline(
        incident_id="INC-20261122-7F3K", hotline="line-1", number="+886 800 000 001", opened_at=minutes(10)
    )


@dataclass
class Tale:
    """Builds a timeline fact by fact."""

    entries: list[TimelineEntry] = field(default_factory=list)

    def tell(self, at: datetime, step: Step, fact: Fact, actor: str = SYSTEM, /, **details: Detail) -> None:
        key = f"{fact}/{len(self.entries)}"
        self.entries.append(
            TimelineEntry(key=key, at=at, step=step, fact=fact, actor=actor, place=PLACE, details=details)
        )


def the_timeline(plan: Plan) -> tuple[TimelineEntry, ...]:
    """The whole course, from the alarm to the accepted report four days later."""
    tale = Tale()
    tell = tale.tell
    head, deputy = plan.leadership.head, plan.leadership.deputy_heads[0]
    alarm: dict[str, Detail] = {
        "name": "checkout-alb-5xx-high",
        "reason": "Threshold Crossed",
        "region": "ap-northeast-1",
    }
    tell(minutes(3.9), Step.INCIDENT_REPORT, Fact.SIGNAL_OPENED, **alarm)
    tell(minutes(4.0), Step.INCIDENT_REPORT, Fact.SEVERITY_ASSESSED, severity="SEV2", likelihood=4, impact=4)
    orders: dict[str, Detail] = {"decision": "orders", "kind": "orders"}
    tell(minutes(4.2), Step.ORDERS, Fact.DECISION_ASKED, **orders, who=head, level=0)
    tell(minutes(6.1), Step.INCIDENT_REPORT, Fact.SIGNAL_JOINED, **alarm)
    tell(minutes(10.2), Step.ORDERS, Fact.DECISION_REMINDED, **orders, who=head, level=0)
    tell(minutes(14.2), Step.ORDERS, Fact.DECISION_UNANSWERED, **orders, level=0)
    for number, who in enumerate(plan.leadership.deputy_heads):
        tell(minutes(14.3 + number / 10), Step.ORDERS, Fact.DECISION_ASKED, **orders, who=who, level=1)
    came_back: dict[str, Detail] = {"who": plan.leadership.deputy_heads[1], "reason": "bounce.transient"}
    tell(minutes(14.8), Step.ORDERS, Fact.MAIL_UNDELIVERED, **orders, **came_back, level=1, purpose="question")
    proof: dict[str, Detail] = {"who": deputy, "factor": "code", "mail": "mail"}
    tell(minutes(16.4), Step.ORDERS, Fact.FACTOR_ASKED, deputy, **orders, **proof)
    tell(minutes(16.8), Step.ORDERS, Fact.FACTOR_FAILED, **orders, **proof)
    tell(
        minutes(17.1),
        Step.ORDERS,
        Fact.DECISION_ANSWERED,
        deputy,
        **orders,
        **proof,
        outcome="activate",
        voters=(deputy,),
    )
    teams = (Team.TECHNICAL_SUPPORT, Team.CUSTOMER_SERVICE)
    tell(
        minutes(17.2),
        Step.ORDERS,
        Fact.PLAN_ACTIVATED,
        deputy,
        severity="SEV2",
        teams=tuple(teams),
        task_force=task_force(plan, teams),
    )
    rear = Step.REAR_SUPPORT
    tell(minutes(17.3), rear, Fact.RESOURCE_LENT, resource="spare-servers", quantity=4, team="technical_support")
    tell(
        minutes(17.4), rear, Fact.RESOURCE_LENT, resource="emergency-funds", quantity=5_000_000, team="customer_service"
    )
    tell(
        minutes(17.5),
        rear,
        Fact.RESOURCE_SHORT,
        resource="standby-agents",
        wanted=50,
        quantity=40,
        team="customer_service",
    )
    tell(minutes(17.5), rear, Fact.HOTLINE_OPENED, number="+886 800 000 001")
    step = Step.EMERGENCY_RESPONSE
    for number, team in enumerate(teams):
        lead, at = plan.teams[team].lead, 17.6 + number
        ack: dict[str, Detail] = {"decision": f"acknowledge-{team}", "kind": "acknowledge", "team": team}
        done: dict[str, Detail] = {"decision": f"complete-{team}", "kind": "complete", "team": team}
        tell(minutes(at), step, Fact.TEAM_ASSIGNED, team=team, tasks=3 - 2 * number)
        tell(minutes(at + 0.1), step, Fact.DECISION_ASKED, **ack, who=lead, level=0)
        tell(minutes(at + 3), step, Fact.DECISION_ANSWERED, lead, **ack, outcome="acknowledged", who=lead)
        tell(minutes(at + 3.2), step, Fact.DECISION_ASKED, **done, who=lead, level=0)
        tell(minutes(at + 60 + 22 * number), step, Fact.DECISION_ANSWERED, lead, **done, outcome="completed", who=lead)
    _tell_of_work(tale, plan)
    tell(minutes(71), Step.INCIDENT_REPORT, Fact.SIGNAL_CLEARED, **alarm)
    tell(minutes(101), Step.SITE_CLEAN_UP, Fact.HOTLINE_CLOSED, number="+886 800 000 001")
    tell(
        minutes(101.2),
        Step.SITE_CLEAN_UP,
        Fact.RESOURCE_RETURNED,
        resource="spare-servers",
        quantity=4,
        team="technical_support",
    )
    for number, team in enumerate(teams):
        lead = plan.teams[team].lead
        clean: dict[str, Detail] = {"decision": f"clean_up-{team}", "kind": "clean_up", "team": team}
        tell(minutes(101.5), Step.SITE_CLEAN_UP, Fact.DECISION_ASKED, **clean, who=lead, level=0)
        tell(
            minutes(600 + 200 * number),
            Step.SITE_CLEAN_UP,
            Fact.DECISION_ANSWERED,
            lead,
            **clean,
            outcome="handed_in",
            who=lead,
        )
    tell(minutes(801), Step.SITE_CLEAN_UP, Fact.RECORD_ASSEMBLED)
    last = Step.POST_INCIDENT_REPORT
    for round_, (begin, outcome) in enumerate([(802, "returned"), (2_200, "accepted")], 1):
        review: dict[str, Detail] = {"decision": f"review-{round_}", "kind": "review"}
        tell(minutes(begin), last, Fact.REPORT_WRITTEN, round=round_)
        tell(minutes(begin + 1), last, Fact.DECISION_ASKED, **review, who=head, level=0)
        tell(minutes(begin + 1_300), last, Fact.DECISION_ANSWERED, head, **review, outcome=outcome, who=head)
    tell(minutes(3_501), last, Fact.INCIDENT_CLOSED, outcome="accepted")
    return tuple(sorted(tale.entries, key=lambda entry: entry.at))


def _tell_of_work(tale: Tale, plan: Plan) -> None:
    """What customer service does beside answering while it works."""
    team = plan.teams[Team.CUSTOMER_SERVICE]
    step, lead, deputy = Step.EMERGENCY_RESPONSE, team.lead, team.deputies[0]
    at_work: dict[str, Detail] = {
        "decision": "complete-customer_service",
        "kind": "complete",
        "team": Team.CUSTOMER_SERVICE,
    }
    tale.tell(minutes(24), step, Fact.TASK_DONE, lead, **at_work, who=lead, task="staff-hotline")
    note = "Two supervisors from Taipei\nhelp in Hong Kong until 06:00."
    tale.tell(minutes(26), step, Fact.NOTE_ADDED, lead, **at_work, who=lead, text=note)
    tale.tell(minutes(27), step, Fact.FILE_ADDED, lead, **at_work, who=lead, file="queue-0335.png", archived="x")
    until = minutes(300).isoformat()
    more: dict[str, Detail] = {"who": lead, "until": until, "text": "Refunds take until noon."}
    tale.tell(minutes(28), step, Fact.MORE_TIME, lead, **at_work, **more)
    request = the_request(plan)
    asked: dict[str, Detail] = {"decision": "release-1a2b3c4d", "kind": "release", "team": request.team}
    wanted: dict[str, Detail] = {"who": lead, "resource": request.resource, "quantity": request.quantity}
    head = plan.leadership.deputy_heads[0]
    rear = Step.REAR_SUPPORT
    tale.tell(minutes(30), rear, Fact.RELEASE_REQUESTED, lead, **asked, **wanted)
    tale.tell(minutes(30.2), rear, Fact.DECISION_ASKED, **asked, who=head, level=0)
    decided: dict[str, Detail] = {"who": head, "outcome": "released", "factor": "device", "voters": (head,)}
    tale.tell(minutes(33), rear, Fact.DECISION_ANSWERED, head, **asked, **decided)
    tale.tell(minutes(40), step, Fact.HANDED_OVER, lead, **at_work, who=lead, to=(deputy,))


def the_record(plan: Plan) -> Record:
    """Everything on record of the incident once it is closed."""
    incident = active_incident(plan)
    assert incident.orders is not None
    orders = replace(incident.orders, by=plan.leadership.deputy_heads[0], at=minutes(17.1))
    incident = replace(
        incident,
        status=IncidentStatus.CLOSED,
        orders=orders,
        closed_at=minutes(3_501),
        report_round=2,
    )
    decisions: dict[str, Decision] = {}

    def settle(
        kind: DecisionKind, team: Team | None, outcome: Outcome, at: float, round_: int = 0, **fields: str
    ) -> None:
        key = decision_id(kind, team, round_)
        rungs = plan.ladder(kind, team)
        level = 1 if kind is DecisionKind.ORDERS else 0
        answer = Answer(outcome=outcome, by=rungs[level][0], at=minutes(at), fields=fields)
        decisions[key] = the_decision(
            plan, kind, id=key, team=team, rungs=rungs, level=level, round=round_, answer=answer
        )

    settle(DecisionKind.ORDERS, None, Outcome.ACTIVATE, 17.1)
    for number, team in enumerate(incident.teams):
        settle(DecisionKind.ACKNOWLEDGE, team, Outcome.ACKNOWLEDGED, 20.6 + number, comment="On it, from home.")
        settle(
            DecisionKind.COMPLETE,
            team,
            Outcome.COMPLETED,
            77.6 + 23 * number,
            measures="03:31 traffic moved to the standby load balancer.\n03:48 release 812 rolled back.\n04:19 error rate back to normal.",
        )
        settle(
            DecisionKind.CLEAN_UP,
            team,
            Outcome.HANDED_IN,
            600 + 200 * number,
            record="Logs and dashboards archived under INC-20261122-7F3K. Four spare servers wiped and returned.",
            impact="2,310 failed orders; 41 double charges, all refunded.",
            proposal="Test the rollback of the checkout service every month.",
        )
    settle(
        DecisionKind.REVIEW, None, Outcome.RETURNED, 2_102, 1, comment="Please say how the double charges were found."
    )
    settle(DecisionKind.REVIEW, None, Outcome.ACCEPTED, 3_500, 2)
    loans = [
        Allocation(
            incident_id=incident.id,
            resource="spare-servers",
            team=Team.TECHNICAL_SUPPORT,
            wanted=4,
            quantity=4,
            lent_at=minutes(17.3),
            returned_at=minutes(101.2),
        ),
        Allocation(
            incident_id=incident.id,
            resource="emergency-funds",
            team=Team.CUSTOMER_SERVICE,
            wanted=5_000_000,
            quantity=5_000_000,
            lent_at=minutes(17.4),
        ),
        Allocation(
            incident_id=incident.id,
            resource="standby-agents",
            team=Team.CUSTOMER_SERVICE,
            wanted=50,
            quantity=40,
            lent_at=minutes(17.5),
            returned_at=minutes(101.2),
        ),
    ]
    return Record(
        incident=incident,
        timeline=the_timeline(plan),
        decisions=decisions,
        assignments={team: _worked_off(the_assignment(plan, team)) for team in incident.teams},
        allocations=tuple(loans),
        hotline=replace(the_hotline(), opened_at=minutes(17.5), closed_at=minutes(101)),
        tally=Tally(
            incident_id=incident.id,
            signals=2,
            alarms=2,
            on=0,
            first_at=incident.detected_at,
            last_at=minutes(6.1),
            worst=incident.computed_severity,
            cleared_at=minutes(71),
        ),
    )


def _worked_off(assignment: Assignment) -> Assignment:
    """The assignment with all tasks done but the last."""
    done = {task.id for task in assignment.tasks[:-1]}
    return ticked(assignment, done, Step.EMERGENCY_RESPONSE, by=assignment.lead, now=minutes(60))


def the_report(plan: Plan) -> Report:
    return write_report(the_record(plan), round_=2, now=minutes(3_501))


def empty_report(plan: Plan) -> Report:
    """The report of an incident that never came further than its own opening."""
    record = Record(
        incident=the_incident(teams=()), timeline=(), decisions={}, assignments={}, allocations=(), hotline=None
    )
    return write_report(record, round_=1, now=minutes(5))
