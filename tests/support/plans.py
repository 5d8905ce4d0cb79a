"""A small plan, written in Python, so that unit tests depend neither on the example company nor on the compiler."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from emergency.domain.plan import (
    DEFAULT_PLAYBOOK,
    FUNDS,
    Begins,
    Carrier,
    Communications,
    Company,
    Contact,
    ContactCentre,
    Deadlines,
    DecisionPlan,
    Hotline,
    Lane,
    LeadershipGroup,
    Loan,
    Match,
    MediaContact,
    Notice,
    NoticeStatus,
    Plan,
    Playbook,
    Prompt,
    QuestionAndAnswer,
    Region,
    Reservist,
    Resource,
    RiskPlan,
    Rule,
    SeverityPlan,
    StatementTemplate,
    Task,
    TeamPlan,
    Text,
    Updates,
    Voice,
)
from emergency.domain.terms import AutomaticStep, DecisionKind, Outcome, Phase, Risk, Role, Severity, Team


def both(english: str, chinese: str | None = None) -> Text:
    return {"en": english, "zh-Hant": chinese or english}


def small_plan() -> Plan:
    people = [
        "ceo",
        "cto",
        "coo",
        "head-of-it",
        "head-of-customer-service",
        "head-of-logistics",
        "head-of-marketing",
        "head-of-legal",
    ]
    leads = {
        Team.TECHNICAL_SUPPORT: ("cto", "head-of-it"),
        Team.CUSTOMER_SERVICE: ("head-of-customer-service", "coo"),
        Team.LOGISTICS_SUPPORT: ("head-of-logistics", "coo"),
        Team.PUBLIC_RELATIONS: ("head-of-marketing", "coo"),
    }
    team_ladder = ((Role.TEAM_LEAD,), (Role.TEAM_DEPUTIES,))
    return Plan(
        company=Company(
            name=both("Island Shop", "島嶼商店"),
            locale="zh-Hant",
            locales=("en", "zh-Hant"),
            time_zone="Asia/Taipei",
            time_zone_name=both("Taipei time", "台北時間"),
            currency="TWD",
            mail_from="emergency@island-shop.example",
            reply_to="duty@island-shop.example",
        ),
        contacts={
            person: Contact(
                id=person,
                name=both(f"Name of {person}", f"姓名 {person}"),
                title=both(f"Title of {person}", f"職稱 {person}"),
                email=f"{person}@island-shop.example",
                phone="+886200000000",
                locale="en" if person == "cto" else "zh-Hant",
            )
            for person in people
        },
        leadership=LeadershipGroup(
            head="ceo", deputy_heads=("cto", "coo"), members=("head-of-it",), legal="head-of-legal"
        ),
        teams={
            team: TeamPlan(name=both(team), duty=both("duty"), lead=lead, deputies=(deputy,))
            for team, (lead, deputy) in leads.items()
        },
        risks={
            risk: RiskPlan(name=both(risk), what_happens=both("…"), harms=both("…"), likelihood=3, impact=3)
            for risk in Risk
        },
        matrix=(
            (Severity.SEV4, Severity.SEV4, Severity.SEV4, Severity.SEV3, Severity.SEV3),
            (Severity.SEV4, Severity.SEV4, Severity.SEV3, Severity.SEV3, Severity.SEV2),
            (Severity.SEV4, Severity.SEV3, Severity.SEV3, Severity.SEV2, Severity.SEV2),
            (Severity.SEV3, Severity.SEV3, Severity.SEV2, Severity.SEV2, Severity.SEV1),
            (Severity.SEV3, Severity.SEV2, Severity.SEV2, Severity.SEV1, Severity.SEV1),
        ),
        rules=(
            Rule(
                id="checkout",
                match=Match(name="*checkout*"),
                risk=Risk.SYSTEM_FAILURE,
                component="checkout",
                title=both("Checkout failing", "結帳失敗"),
                place=both("Checkout in {region}", "{region} 結帳"),
                first_impact=both("Orders can't be placed", "無法下單"),
                likelihood=4,
                impact=4,
            ),
            Rule(
                id="ddos",
                match=Match(namespace="AWS/DDoSProtection"),
                risk=Risk.NETWORK_ATTACK,
                component="edge",
                title=both("Attack"),
                place=both("Edge"),
                first_impact=both("…"),
            ),
            Rule(
                id="default",
                match=Match(),
                risk=Risk.SYSTEM_FAILURE,
                component="{alarm}",
                title=both("{alarm} reports a failure"),
                place=both("{resource}"),
                first_impact=both("Not known yet"),
            ),
        ),
        severities={
            severity: SeverityPlan(
                name=both(severity),
                means=both("…"),
                wait=dict.fromkeys(DecisionKind, (600,)),
                orders_on_silence=Outcome.ACTIVATE if severity <= Severity.SEV2 else Outcome.STAND_DOWN,
            )
            for severity in Severity
        },
        decisions={
            DecisionKind.ORDERS: DecisionPlan(ladder=((Role.HEAD,), (Role.DEPUTY_HEADS,), (Role.MEMBERS,))),
            DecisionKind.ACKNOWLEDGE: DecisionPlan(ladder=team_ladder),
            DecisionKind.COMPLETE: DecisionPlan(ladder=team_ladder),
            DecisionKind.CLEAN_UP: DecisionPlan(ladder=team_ladder),
            DecisionKind.REVIEW: DecisionPlan(ladder=((Role.HEAD,), (Role.DEPUTY_HEADS,))),
            DecisionKind.RELEASE: DecisionPlan(ladder=((Role.DEPUTY_HEADS,), (Role.HEAD,))),
            DecisionKind.DUTIES: DecisionPlan(ladder=((Role.LEGAL,), (Role.HEAD,))),
            DecisionKind.NOTICE: DecisionPlan(ladder=((Role.LEGAL,), (Role.HEAD,)), remind_at=80),
            DecisionKind.STATEMENT: DecisionPlan(ladder=((Role.DEPUTY_HEADS,), (Role.HEAD,))),
            DecisionKind.CARRIER: DecisionPlan(ladder=((Role.CARRIER,), (Role.TEAM_LEAD,))),
            DecisionKind.SEVERITY: DecisionPlan(ladder=((Role.HEAD, Role.DEPUTY_HEADS), (Role.MEMBERS,))),
            DecisionKind.MAINTENANCE: DecisionPlan(ladder=((Role.DEPUTY_HEADS,), (Role.HEAD,))),
        },
        playbooks={
            name: Playbook(
                mobilise={severity: tuple(Team) for severity in Severity},
                tasks={team: (Task(id="look", text=both("Look"), within={Severity.SEV2: 900}),) for team in Team},
                loans=(
                    Loan(resource="spare-server", team=Team.TECHNICAL_SUPPORT, quantity=2),
                    Loan(resource="phone", team=Team.CUSTOMER_SERVICE, quantity=3),
                ),
            )
            for name in (*Risk, DEFAULT_PLAYBOOK)
        },
        resources={
            "spare-server": Resource(
                id="spare-server", kind="server", name=both("Spare server"), unit=both("unit"), stock=3
            ),
            "phone": Resource(id="phone", kind="communication", name=both("Phone"), unit=both("unit"), stock=10),
            "funds": Resource(id="funds", kind=FUNDS, name=both("Funds"), unit=both("cent"), stock=1_000_000),
        },
        hotlines=(
            Hotline(id="line-1", number="+886800000001", name=both("Line 1")),
            Hotline(id="line-2", number="+886800000002", name=both("Line 2")),
        ),
        carriers={
            "swift": _carrier("swift", {"north": Lane(cost=100, parcels=400)}, 1000),
            "steady": _carrier(
                "steady", {"north": Lane(cost=150, parcels=300), "south": Lane(cost=120, parcels=200)}, 800
            ),
            "thrifty": _carrier("thrifty", {"south": Lane(cost=90, parcels=100)}, 250),
        },
        regions={"north": Region(name=both("North", "北部"), also=("N",)), "south": Region(name=both("South", "南部"))},
        communications=Communications(
            name=both("Shop status", "商店服務狀態"),
            locales=("en", "zh-Hant"),
            media=(MediaContact(id="daily", name=both("The Daily"), email="desk@daily.example", locale="en"),),
            statements={
                DEFAULT_PLAYBOOK: {
                    phase: StatementTemplate(
                        title=both(f"{{company}}: {phase}"),
                        text=both("Since {since}. Call {hotline}. Next: {next_update}."),
                    )
                    for phase in Phase
                }
            },
            answers={
                DEFAULT_PLAYBOOK: (
                    QuestionAndAnswer(question=both("Is my order safe?"), answer=both("Yes. It began {since}.")),
                )
            },
            greetings={DEFAULT_PLAYBOOK: both("This is the line of {company}.")},
            voices={"en": Voice(name="Joanna", language="en-US"), "zh-Hant": Voice(name="Zhiyu", language="cmn-CN")},
        ),
        review_rounds=2,
    )


def _carrier(id_: str, lanes: dict[str, Lane], capacity: int) -> Carrier:
    return Carrier(
        id=id_,
        name=both(id_.capitalize()),
        lanes=lanes,
        daily_capacity=capacity,
        cut_off=time(17),
        contact_email=f"{id_}@example.org",
        contact_phone="+886 2 0000 0000",
        locale="en",
    )


def late_plan() -> Plan:
    """A plan in which alarms of a carrier name it."""
    plan = small_plan()
    rule = Rule(
        id="late",
        match=Match(name="late-steady"),
        risk=Risk.LOGISTICS_DELAY,
        component="carriers/steady",
        title=both("Parcels late"),
        place=both("Steady"),
        first_impact=both("Late"),
    )
    step = AutomaticStep.PROPOSE_REPLAN
    playbook = plan.playbooks[Risk.LOGISTICS_DELAY]
    tasks = {**playbook.tasks, Team.LOGISTICS_SUPPORT: (Task(id="replan", text=both("Re-plan"), automatic=step),)}
    playbooks = {**plan.playbooks, Risk.LOGISTICS_DELAY: replace(playbook, tasks=tasks)}
    return replace(plan, rules=(rule, *plan.rules), playbooks=playbooks)


HOUR = 3600
QUARTER = dict.fromkeys(Severity, HOUR // 4)


def working_plan() -> Plan:
    """The small plan with all that teams' work knows: owners, order, members, reserves, funds, clocks, notices, calls.

    Technical support looks first; everybody else's tasks wait for that.
    """
    plan = connected_plan(small_plan())
    engineers = {name: replace(plan.contacts["head-of-it"], id=name) for name in ("engineer-a", "engineer-b")}
    engineers = {name: replace(one, email=f"{name}@island-shop.example") for name, one in engineers.items()}
    technical = replace(plan.teams[Team.TECHNICAL_SUPPORT], members=tuple(engineers))
    return replace(
        plan,
        contacts={**plan.contacts, **engineers},
        teams={**plan.teams, Team.TECHNICAL_SUPPORT: technical},
        playbooks=dict.fromkeys((*Risk, DEFAULT_PLAYBOOK), _working_playbook()),
        resources={
            **plan.resources,
            "rear-staff": Resource(
                id="rear-staff",
                kind="people",
                name=both("Rear staff"),
                unit=both("person"),
                stock=2,
                reserve=tuple(
                    Reservist(id=one, name=both(one), email=f"{one}@reserve.example", phone="+8862", locale="en")
                    for one in ("mei", "jun")
                ),
            ),
        },
        deadlines=Deadlines(
            task_prompts=(
                Prompt(at=80, to=(Role.OWNER,)),
                Prompt(at=100, to=(Role.OWNER, Role.TEAM_LEAD)),
                Prompt(at=150, to=(Role.DEPUTY_HEADS,)),
            ),
            update_prompts=(
                Prompt(at=80, to=(Role.TEAM_LEAD,)),
                Prompt(at=100, to=(Role.TEAM_LEAD, Role.TEAM_DEPUTIES)),
                Prompt(at=150, to=(Role.DEPUTY_HEADS,)),
            ),
            updates=Updates(first=dict.fromkeys(Severity, HOUR), every=dict.fromkeys(Severity, 2 * HOUR)),
            notices={
                notice.id: notice
                for notice in (
                    _notice("early", Begins.DETECTED, 24),
                    _notice("full", "early", 72),
                    _notice("summary", Begins.HANDLED, 30 * 24),
                    replace(_notice("planned", Begins.DETECTED, 1), status=NoticeStatus.DRAFT),
                )
            },
        ),
    )


def _working_playbook() -> Playbook:
    look = f"{Team.TECHNICAL_SUPPORT}/look"
    return Playbook(
        mobilise={severity: tuple(Team) for severity in Severity},
        tasks={
            Team.TECHNICAL_SUPPORT: (
                Task(id="look", text=both("Look"), within=QUARTER, runbook="https://wiki.example/look"),
                Task(
                    id="isolate",
                    text=both("Isolate"),
                    owner=Role.TEAM_MEMBERS,
                    after=(look,),
                    switch_back=both("Connect again"),
                ),
                Task(id="measure", text=both("Measure"), owner=Role.TEAM_MEMBERS, within=QUARTER),
                Task(id="meet", text=both("Meet"), automatic=AutomaticStep.INTRODUCE_TASK_FORCE),
            ),
            Team.CUSTOMER_SERVICE: (
                Task(
                    id="line",
                    text=both("Hotline"),
                    automatic=AutomaticStep.OPEN_HOTLINE,
                    switch_back=both("Announcement off"),
                ),
                Task(id="phones", text=both("Phones"), automatic=AutomaticStep.LEND_RESOURCES),
            ),
            Team.LOGISTICS_SUPPORT: (Task(id="tell", text=both("Tell"), owner="head-of-legal", after=(look,)),),
            Team.PUBLIC_RELATIONS: (
                Task(id="statement", text=both("Statement"), after=(look,), within=dict.fromkeys(Severity, HOUR)),
            ),
        },
        loans=(
            Loan(resource="spare-server", team=Team.TECHNICAL_SUPPORT, quantity=2),
            Loan(resource="phone", team=Team.CUSTOMER_SERVICE, quantity=3),
            Loan(resource="rear-staff", team=Team.CUSTOMER_SERVICE, quantity=1),
            Loan(resource="funds", team=Team.TECHNICAL_SUPPORT, quantity=500_000),
        ),
        clean_up={
            Team.TECHNICAL_SUPPORT: (
                Task(id="check", text=both("Check"), within=dict.fromkeys(Severity, HOUR)),
                Task(id="returned", text=both("Returned"), automatic=AutomaticStep.RETURN_RESOURCES),
            ),
            Team.CUSTOMER_SERVICE: (Task(id="closed", text=both("Line"), automatic=AutomaticStep.CLOSE_HOTLINE),),
        },
    )


def _notice(id_: str, begins: str, hours: int) -> Notice:
    return Notice(
        id=id_,
        name=both(id_),
        recipient=both("Authority"),
        term=both(f"{hours} hours"),
        source=both("Act, Art. 1"),
        url="https://law.example",
        checked=date(2026, 11, 1),
        status=NoticeStatus.IN_FORCE,
        begins=begins,
        within=hours * HOUR,
        risks=tuple(Risk),
        severities=tuple(Severity),
    )


def with_decision(plan: Plan, kind: DecisionKind, **changes: object) -> Plan:
    """The plan with one kind of decision put otherwise, e.g. `second_factor=True`."""
    changed = replace(plan.decisions[kind], **changes)  # type: ignore[arg-type]
    return replace(plan, decisions={**plan.decisions, kind: changed})


def with_contact(plan: Plan, contact: str, **changes: object) -> Plan:
    """The plan with one contact changed, e.g. `delegate="cto"`."""
    changed = replace(plan.contacts[contact], **changes)  # type: ignore[arg-type]
    return replace(plan, contacts={**plan.contacts, contact: changed})


def connected_plan(plan: Plan) -> Plan:
    """The plan with its hotlines on Amazon Connect: `number-1` has the emergency flow `flow-1`."""
    hotlines = tuple(
        replace(hotline, phone_number=f"number-{at}", flow=f"flow-{at}") for at, hotline in enumerate(plan.hotlines, 1)
    )
    centre = ContactCentre(instance="instance", queue="queue", hours="hours")
    return replace(plan, hotlines=hotlines, contact_centre=centre)


def with_resource(plan: Plan, resource: str, **changes: object) -> Plan:
    """The plan with one resource changed, e.g. `stock=1`."""
    changed = replace(plan.resources[resource], **changes)  # type: ignore[arg-type]
    return replace(plan, resources={**plan.resources, resource: changed})
