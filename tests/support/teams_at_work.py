"""What teams do in the believable incident of `telling`: tasks with owners, loans, clocks, and the mails about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from emergency.domain.assignment import AssignedTask, Assignment
from emergency.domain.decision import Answer, Decision, NoticeClock
from emergency.domain.inventory import Allocation, Expense
from emergency.domain.notification import Cleared, DueTask, Notification, NotificationKind, Raised
from emergency.domain.plan import (
    MEDIA_PREFIX,
    Begins,
    Contact,
    Deadlines,
    Locale,
    Notice,
    NoticeStatus,
    Plan,
    Reservist,
    Task,
    Text,
)
from emergency.domain.report import Record, Report, write_report
from emergency.domain.terms import AutomaticStep, DecisionKind, Outcome, Risk, Severity, Step, Team
from emergency.domain.timeline import SYSTEM, Detail, Fact, TimelineEntry
from tests.support.telling import (
    FORM_KEY,
    LINK,
    LOCALES,
    PLACE,
    Tale,
    active_incident,
    minutes,
    the_assignment,
    the_maintenance,
    the_order,
    the_record,
    the_statement,
)

TEAM = Team.CUSTOMER_SERVICE
NOTICE, WAIVED, UNSENT = "gdpr-article-33", "nis2-early-warning", "pipl-article-57"
RESERVIST = "standby-agent-1"
TASK, CLEANING = "staff-hotline", "archive-chats"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

STATUS_URL = "https://status.example/"


def told(english: str, traditional: str, simplified: str) -> Text:
    """A text in the example plan's three languages."""
    return dict(zip(LOCALES, (english, traditional, simplified), strict=True))


def plan_at_work(plan: Plan) -> Plan:
    """The plan with notices, somebody on a reserve list, and a checklist of customer service's that switches back."""
    agents = plan.resources["standby-agents"]
    name = told("Lai Pin-yu", "賴品妤", "赖品妤")
    reserve = (
        Reservist(id=RESERVIST, name=name, email="agent@banyan-market.example", phone="+886 2 0000 0221", locale="en"),
    )
    playbook = plan.playbooks[Risk.SYSTEM_FAILURE]
    switch_back = told("Close the extra queue.", "關閉加開的排隊線路。", "关闭加开的排队线路。")
    tasks = tuple(replace(task, switch_back=switch_back) if task.id == TASK else task for task in playbook.tasks[TEAM])
    archive = Task(id=CLEANING, text=told("Archive the chats.", "封存對話紀錄。", "归档会话记录。"))
    playbook = replace(playbook, tasks={**playbook.tasks, TEAM: tasks}, clean_up={TEAM: (archive,)})
    return replace(
        plan,
        resources={**plan.resources, agents.id: replace(agents, reserve=reserve)},
        playbooks={**plan.playbooks, Risk.SYSTEM_FAILURE: playbook},
        deadlines=Deadlines(notices={notice.id: notice for notice in the_notices()}),
    )


def the_notices() -> tuple[Notice, ...]:
    """Three duties, of which the names are those that matter here."""
    names = {
        NOTICE: told("EU: personal data breach", "歐盟：個人資料外洩通報", "欧盟：个人数据泄露报告"),
        WAIVED: told("EU: early warning", "歐盟：早期預警", "欧盟：早期预警"),
        UNSENT: told("China: personal information leak", "中國：個人資訊洩露報告", "中国：个人信息泄露报告"),
    }
    authority = told("the authority in charge", "主管機關", "主管部门")
    return tuple(
        Notice(
            id=id_,
            name=name,
            recipient=authority,
            term=told("72 hours", "72 小時", "72 小时"),
            source=told("the law", "法規", "法规"),
            url="https://law.example",
            checked=date(2026, 11, 22),
            status=NoticeStatus.IN_FORCE,
            begins=Begins.DETECTED,
            within=259_200,
            risks=tuple(Risk),
            severities=tuple(Severity),
        )
        for id_, name in names.items()
    )


def the_tasks(plan: Plan, team: Team = TEAM) -> tuple[AssignedTask, ...]:
    """A team's tasks: the first its deputy's, the second its lead's, the third without a target, one of the system's."""
    people = plan.teams[team]
    first, second, third = the_assignment(plan, team).tasks
    of_system = {
        "en": "Lend what the playbook sets aside.",
        "zh-Hant": "撥用預案所列物資。",
        "zh-Hans": "调拨预案所列物资。",
    }
    return (
        replace(first, owner=people.deputies[0], began_at=minutes(17)),
        replace(second, owner=people.lead, began_at=minutes(17)),
        replace(third, owner=people.members[0], began_at=minutes(17)),
        AssignedTask(id="lend", text=of_system, owner=people.lead, automatic=AutomaticStep.LEND_RESOURCES),
    )


def the_notification(
    plan: Plan, kind: NotificationKind, locale: Locale = "en", contact: str = "", **changes: object
) -> Notification:
    """A mail of that kind as the workflow would have it sent."""
    people = plan.teams[TEAM]
    tasks = tuple(DueTask(team=TEAM, task=task) for task in the_tasks(plan))
    other = DueTask(team=Team.TECHNICAL_SUPPORT, task=the_tasks(plan, Team.TECHNICAL_SUPPORT)[1])
    incident = active_incident(plan)
    assert incident.orders is not None
    told: dict[NotificationKind, tuple[str, dict[str, object]]] = {
        NotificationKind.TASK_FORCE: (people.lead, {"people": (*incident.orders.task_force, "head-of-legal")}),
        NotificationKind.TEAM_CALLED: (people.deputies[0], {"team": TEAM, "tasks": tasks, "link_url": LINK}),
        NotificationKind.CLEAN_UP_CALLED: (people.deputies[0], {"team": TEAM, "tasks": tasks, "link_url": LINK}),
        NotificationKind.TASK_YOURS: (
            people.members[0],
            {"team": TEAM, "tasks": tasks[2:3], "people": (people.lead,), "link_url": LINK},
        ),
        NotificationKind.TASKS_DUE: (people.lead, {"about": "2", "tasks": (tasks[1], other)}),
        NotificationKind.TASKS_LATE: (plan.leadership.deputy_heads[1], {"about": "3", "tasks": (tasks[0], other)}),
        NotificationKind.UPDATE_DUE: (
            plan.teams[Team.PUBLIC_RELATIONS].lead,
            {"team": Team.PUBLIC_RELATIONS, "due_at": minutes(77), "about": "0"},
        ),
        NotificationKind.UPDATE_LATE: (
            plan.leadership.head,
            {"team": Team.PUBLIC_RELATIONS, "due_at": minutes(77), "about": "0-150"},
        ),
        NotificationKind.STATEMENT: (
            f"{MEDIA_PREFIX}{plan.communications.media[0].id}",
            {"statement": the_statement(plan), "link_url": STATUS_URL},
        ),
        NotificationKind.STATEMENT_OUT: (
            people.lead,
            {"team": TEAM, "statement": the_statement(plan), "link_url": STATUS_URL},
        ),
        NotificationKind.SHORTAGE: (plan.leadership.deputy_heads[0], {"allocations": the_shortages(plan)}),
        NotificationKind.CARRIER_CONFIRMED: (
            plan.teams[Team.LOGISTICS_SUPPORT].lead,
            {"team": Team.LOGISTICS_SUPPORT, "about": "carrier-x", "order": the_order()},
        ),
        NotificationKind.CARRIER_DECLINED: (
            plan.teams[Team.LOGISTICS_SUPPORT].lead,
            {
                "team": Team.LOGISTICS_SUPPORT,
                "about": "carrier-x",
                "order": the_order(),
                "text": "Two of our vans are in repair.",
            },
        ),
        NotificationKind.ALARM_CLEARED: (
            plan.teams[Team.TECHNICAL_SUPPORT].lead,
            {
                "about": "2026112203-2",
                "cleared": Cleared(alarm="checkout-latency-p99", region="ap-northeast-1", at=minutes(29), on=3),
            },
        ),
        NotificationKind.SEVERITY_RAISED: (
            people.lead,
            {
                "about": "severity-SEV1",
                "incident": replace(incident, severity=Severity.SEV1),
                "raised": Raised(
                    before=Severity.SEV2,
                    by=(plan.leadership.deputy_heads[0],),
                    signal="aurora-cluster-unavailable",
                    uncalled=(Team.LOGISTICS_SUPPORT,),
                ),
            },
        ),
        NotificationKind.REPORT_TAKEN: (people.members[0], {}),
        NotificationKind.REPORT_ORDERED: (people.members[0], {}),
        NotificationKind.REPORT_STOOD_DOWN: (people.members[0], {}),
        NotificationKind.REPORT_RESOLVED: (people.members[0], {}),
        NotificationKind.REPORT_CLOSED: (people.members[0], {}),
        NotificationKind.RESERVE_CALLED: ("standby-agent-1", {"team": TEAM}),
        NotificationKind.MAINTENANCE_APPROVED: (
            people.lead,
            {"maintenance": the_maintenance(plan), "people": plan.leadership.deputy_heads[:1], "text": "Before six."},
        ),
        NotificationKind.MAINTENANCE_DECLINED: (people.lead, {"maintenance": the_maintenance(plan)}),
        NotificationKind.MAINTENANCE_OVER: (
            people.lead,
            {"maintenance": the_maintenance(plan), "signals": 7, "still_on": ("checkout-db-replica-lag",)},
        ),
    }
    to, fields = told[kind]
    to = contact or to
    newsroom = next((one.contact for one in plan.communications.media if one.contact.id == to), None)
    reader = newsroom or (plan.contacts[to] if to in plan.contacts else a_reservist(to))
    usual = Notification(kind=kind, incident=incident, to=replace(reader, locale=locale))
    return replace(usual, **{**fields, **changes})  # type: ignore[arg-type]


def a_reservist(id_: str) -> Contact:
    """Somebody of the reserve list as they are written to: they hold no office."""
    name = {"en": "Lai Pin-yu", "zh-Hant": "賴品妤", "zh-Hans": "赖品妤"}
    return Contact(
        id=id_, name=name, title={}, email="reserve@banyan-market.example", phone="+886 2 0000 0221", locale="zh-Hant"
    )


def the_shortages(plan: Plan) -> tuple[Allocation, ...]:
    """Two loans that found less in stock than was wanted, one of a single unit."""
    incident = active_incident(plan)

    def short(resource: str, team: Team, wanted: int, quantity: int) -> Allocation:
        return Allocation(
            incident_id=incident.id,
            resource=resource,
            team=team,
            wanted=wanted,
            quantity=quantity,
            lent_at=minutes(17.5),
        )

    return (
        short("standby-agents", Team.CUSTOMER_SERVICE, 50, 40),
        short("forensic-kits", Team.TECHNICAL_SUPPORT, 2, 1),
    )


def the_course(plan: Plan) -> tuple[TimelineEntry, ...]:
    """Every fact of teams' work, clocks, loans and the seal."""
    people = plan.teams[TEAM]
    lead, deputy, legal = people.lead, people.deputies[0], "head-of-legal"
    tale, team = Tale(), TEAM.value
    written = {"team": team, "task": "a1b2", "text": "Ask the bank about the double charges."}
    prompted: dict[str, Detail] = {"team": team, "task": TASK, "people": (lead, deputy)}
    funds: dict[str, Detail] = {"who": lead, "team": team, "resource": "emergency-funds", "text": "Vouchers."}
    phones: dict[str, Detail] = {"who": lead, "team": team, "resource": "mobile-phones", "text": "Lost."}
    due = minutes(4_320).isoformat()
    by = {"who": legal, "kind": "notice"}
    facts: list[tuple[float, Step, Fact, str, Mapping[str, Detail]]] = [
        (18, Step.ORDERS, Fact.TASK_FORCE_SET_UP, SYSTEM, {"people": (lead, legal)}),
        (19, Step.EMERGENCY_RESPONSE, Fact.TEAM_CALLED, SYSTEM, {"team": team, "people": (deputy,)}),
        (20, Step.REAR_SUPPORT, Fact.RESERVE_CALLED, SYSTEM, {"team": team, "people": (RESERVIST,)}),
        (20, Step.REAR_SUPPORT, Fact.SHORTAGE_TOLD, SYSTEM, {"people": plan.leadership.deputy_heads}),
        (21, Step.EMERGENCY_RESPONSE, Fact.TASK_DONE, SYSTEM, {"team": team, "task": TASK}),
        (22, Step.EMERGENCY_RESPONSE, Fact.TASK_ADDED, lead, {**written, "who": lead, "owner": deputy}),
        (23, Step.EMERGENCY_RESPONSE, Fact.TASK_REASSIGNED, lead, {**written, "who": lead, "owner": deputy}),
        (24, Step.EMERGENCY_RESPONSE, Fact.TASK_SKIPPED, lead, {**written, "who": lead, "reason": "The bank called."}),
        (25, Step.EMERGENCY_RESPONSE, Fact.TASK_DUE, SYSTEM, prompted),
        (35, Step.EMERGENCY_RESPONSE, Fact.TASK_LATE, SYSTEM, prompted),
        (60, Step.EMERGENCY_RESPONSE, Fact.UPDATE_DUE, SYSTEM, {"people": (lead,), "beat": 0}),
        (70, Step.EMERGENCY_RESPONSE, Fact.UPDATE_LATE, SYSTEM, {"people": (lead,), "beat": 0}),
        (75, Step.EMERGENCY_RESPONSE, Fact.UPDATE_GIVEN, lead, {"who": lead, "text": "Status page.", "beat": 0}),
        (76, Step.EMERGENCY_RESPONSE, Fact.UPDATE_GIVEN, lead, {"who": lead, "text": "Solved.", "beat": 1}),
        (
            76.2,
            Step.EMERGENCY_RESPONSE,
            Fact.STATEMENT_DRAFTED,
            lead,
            {"who": lead, "text": "Checkout works again.", "phase": "resolved"},
        ),
        (
            76.4,
            Step.EMERGENCY_RESPONSE,
            Fact.STATEMENT_PUBLISHED,
            lead,
            {"who": lead, "people": (deputy,), "text": "Checkout works again.", "phase": "resolved", "beat": 2},
        ),
        (76.6, Step.EMERGENCY_RESPONSE, Fact.MEDIA_TOLD, SYSTEM, {"count": 3}),
        (76.8, Step.EMERGENCY_RESPONSE, Fact.SUBSCRIBERS_TOLD, SYSTEM, {}),
        (77, Step.EMERGENCY_RESPONSE, Fact.DEADLINE_STARTED, SYSTEM, {"notice": NOTICE, "due": due}),
        (78, Step.EMERGENCY_RESPONSE, Fact.DEADLINE_WARNED, SYSTEM, {"notice": NOTICE, "due": due, "who": legal}),
        (79, Step.EMERGENCY_RESPONSE, Fact.DEADLINE_MISSED, SYSTEM, {"notice": NOTICE, "due": due}),
        (
            80,
            Step.EMERGENCY_RESPONSE,
            Fact.DEADLINE_MET,
            legal,
            {**by, "notice": NOTICE, "reference": "R-7", "late": 1},
        ),
        (81, Step.EMERGENCY_RESPONSE, Fact.DEADLINE_WAIVED, legal, {**by, "notice": WAIVED, "text": "Not essential."}),
        (82, Step.REAR_SUPPORT, Fact.FUNDS_SPENT, lead, {**funds, "quantity": 1_250_000}),
        (83, Step.REAR_SUPPORT, Fact.WRITTEN_OFF, lead, {**phones, "quantity": 1}),
        (101, Step.SITE_CLEAN_UP, Fact.CLEAN_UP_BEGAN, SYSTEM, {"teams": (team, "technical_support"), "tasks": 4}),
        (102, Step.SITE_CLEAN_UP, Fact.TASK_DONE, deputy, {"team": team, "task": f"back-{TASK}", "who": deputy}),
        (103, Step.SITE_CLEAN_UP, Fact.TASK_DONE, deputy, {"team": team, "task": CLEANING, "who": deputy}),
        (801.5, Step.SITE_CLEAN_UP, Fact.RECORD_SEALED, SYSTEM, {"parts": 14, "digest": DIGEST}),
    ]
    for at, step, fact, actor, details in facts:
        tale.tell(minutes(at), step, fact, actor, **details)
    return tuple(tale.entries)


def _asked_of_legal(kind: DecisionKind, answer: Answer, clock: NoticeClock | None = None) -> Decision:
    return Decision(
        incident_id="INC-20261122-7F3K",
        id=f"{kind}-{clock.notice}" if clock else kind,
        kind=kind,
        round=0,
        rungs=(("head-of-legal",),),
        waits=(3_600,),
        on_silence=Outcome.NOT_SENT if clock else Outcome.NOT_CONFIRMED,
        opened_at=minutes(5),
        place=PLACE,
        form_key=FORM_KEY,
        clock=clock,
        answer=answer,
    )


def the_clocks() -> dict[str, Decision]:
    """What legal was asked: which notices apply, one sent late, one that does not apply, one never sent."""
    legal = "head-of-legal"
    answers = {
        NOTICE: Answer(outcome=Outcome.SENT, by=legal, at=minutes(80), fields={"reference": "R-7"}),
        WAIVED: Answer(outcome=Outcome.DOES_NOT_APPLY, by=legal, at=minutes(81), fields={"comment": "Not essential."}),
        UNSENT: Answer(outcome=Outcome.NOT_SENT, by="", at=minutes(200)),
    }
    confirmed = Answer(outcome=Outcome.CONFIRMED, by=legal, at=minutes(30), fields={"notices": ",".join(answers)})
    asked = [_asked_of_legal(DecisionKind.DUTIES, confirmed)]
    for notice, answer in answers.items():
        clock = NoticeClock(notice=notice, began_at=minutes(5), due_at=minutes(70))
        asked.append(_asked_of_legal(DecisionKind.NOTICE, answer, clock))
    return {decision.id: decision for decision in asked}


def _worked(assignment: Assignment, plan: Plan) -> Assignment:
    """Tasks done in time, late, by the system, passed over, and left; and one of clean-up."""
    people = plan.teams[assignment.team]
    first, second, third, of_system = the_tasks(plan, assignment.team)
    written = told("Ask the bank.", "詢問銀行。", "询问银行。")
    added = AssignedTask(id="a1b2", text=written, owner=people.lead, added_by=people.lead, due_at=minutes(60))
    archive = AssignedTask(id=CLEANING, text=written, owner=people.lead, step=Step.SITE_CLEAN_UP)
    tasks = (
        replace(first, done_at=minutes(24), done_by=first.owner),
        replace(second, done_at=minutes(52), done_by=people.lead),
        replace(third, skipped_at=minutes(30), skipped_by=people.lead, reason="Finance has them."),
        replace(of_system, done_at=minutes(18)),
        added,
        replace(archive, done_at=minutes(110), done_by=people.lead),
    )
    return replace(assignment, tasks=tasks, cleaning_since=minutes(101))


def the_whole_record(plan: Plan) -> Record:
    """The record of `telling` with all that its teams did: tasks, loans, money, clocks, the seal."""
    record = the_record(plan)
    lead = plan.teams[TEAM].lead
    agents, funds = (
        next(loan for loan in record.allocations if loan.resource == name)
        for name in ("standby-agents", "emergency-funds")
    )
    phones = replace(agents, resource="mobile-phones", wanted=4, quantity=4, spent=1)
    loans = (
        *(loan for loan in record.allocations if loan not in (agents, funds)),
        replace(agents, wanted=2, quantity=1, people=(RESERVIST,)),
        replace(funds, spent=1_250_000, returned_at=minutes(101.2)),
        phones,
    )
    spent = {"emergency-funds": (1_250_000, "Vouchers for double charges."), "mobile-phones": (1, "Lost on the way.")}
    expenses = tuple(
        Expense(
            incident_id=record.incident.id,
            id=resource,
            allocation=f"{resource}#{TEAM}",
            resource=resource,
            team=TEAM,
            quantity=quantity,
            reason=reason,
            by=lead,
            at=minutes(82),
        )
        for resource, (quantity, reason) in spent.items()
    )
    timeline = sorted((*record.timeline, *the_course(plan)), key=lambda entry: entry.at)
    return replace(
        record,
        timeline=tuple(timeline),
        decisions={**record.decisions, **the_clocks()},
        assignments={team: _worked(assignment, plan) for team, assignment in record.assignments.items()},
        allocations=loans,
        expenses=expenses,
    )


def the_whole_report(plan: Plan) -> Report:
    """The report over all of it."""
    return write_report(the_whole_record(plan), round_=2, now=minutes(3_501))
