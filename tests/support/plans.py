"""A small plan, written in Python, so that unit tests depend neither on the example company nor on the compiler."""

from __future__ import annotations

from dataclasses import replace

from emergency.domain.plan import (
    DEFAULT_PLAYBOOK,
    FUNDS,
    Company,
    Contact,
    DecisionPlan,
    Hotline,
    LeadershipGroup,
    Loan,
    Match,
    Plan,
    Playbook,
    Resource,
    RiskPlan,
    Rule,
    SeverityPlan,
    Task,
    TeamPlan,
    Text,
)
from emergency.domain.terms import DecisionKind, Outcome, Risk, Role, Severity, Team


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
        carriers=(),
        review_rounds=2,
    )


def with_decision(plan: Plan, kind: DecisionKind, **changes: object) -> Plan:
    """The plan with one kind of decision put otherwise, e.g. `second_factor=True`."""
    changed = replace(plan.decisions[kind], **changes)  # type: ignore[arg-type]
    return replace(plan, decisions={**plan.decisions, kind: changed})


def with_contact(plan: Plan, contact: str, **changes: object) -> Plan:
    """The plan with one contact changed, e.g. `delegate="cto"`."""
    changed = replace(plan.contacts[contact], **changes)  # type: ignore[arg-type]
    return replace(plan, contacts={**plan.contacts, contact: changed})
