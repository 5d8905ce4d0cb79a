"""Amazon Connect: what the plan names of it may be used, and nothing of it where the plan names nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aws_cdk import Stack

from emergency.domain.plan import ContactCentre as Named
from emergency.domain.plan import Hotline, Plan
from infra.acknowledgements import as_found
from infra.contact_centre import ContactCentre
from infra.permissions import PERMISSIONS, Port
from tests.infra.template import Template, allowed

PORTS = (Port.CONTACT_CENTRE, Port.GREETINGS, Port.NUMBERS)
CONNECT = "arn:<AWS::Partition>:connect:<AWS::Region>:<AWS::AccountId>"
INSTANCE = f"{CONNECT}:instance/instance-1"


def hotline(name: str, phone_number: str = "", flow: str = "") -> Hotline:
    return Hotline(id=name, number="+886 2 5550 0100", name={"en": name}, phone_number=phone_number, flow=flow)


def connected(company: Plan) -> Plan:
    """The plan with two hotlines on Amazon Connect, and one that people switch."""
    return replace(
        company,
        contact_centre=Named(instance="instance-1", queue="queue-1", hours="hours-1"),
        hotlines=(hotline("a", "number-a", "flow-a"), hotline("b", "number-b", "flow-b"), hotline("c")),
    )


def reached(plan: Plan) -> dict[Port, list[str]]:
    stack = Stack()
    reach = ContactCentre(stack, "ContactCentre", plan=plan).reach
    return {port: [as_found(stack.resolve(one)) for one in reach[port].resources] for port in PORTS}


def test_what_is_read_are_the_instance_its_queue_and_its_hours(company: Plan) -> None:
    assert reached(connected(company))[Port.CONTACT_CENTRE] == [
        INSTANCE,
        f"{INSTANCE}/queue/queue-1",
        f"{INSTANCE}/operating-hours/hours-1",
    ]


def test_only_the_flows_for_emergencies_can_be_given_a_greeting(company: Plan) -> None:
    assert reached(connected(company))[Port.GREETINGS] == [
        f"{INSTANCE}/contact-flow/flow-a",
        f"{INSTANCE}/contact-flow/flow-b",
    ]


def test_only_the_plan_s_numbers_are_switched_and_back_to_any_flow_of_the_instance(company: Plan) -> None:
    plan = connected(company)
    assert reached(plan)[Port.NUMBERS] == [
        f"{CONNECT}:phone-number/number-a",
        f"{CONNECT}:phone-number/number-b",
        f"{INSTANCE}/contact-flow/*",
    ]
    why = ContactCentre(Stack(), "ContactCentre", plan=plan).reach[Port.NUMBERS].why_wildcard
    assert why is not None
    assert "the flow that it had before" in why


@pytest.mark.parametrize("port", PORTS)
def test_without_a_contact_centre_nothing_is_reached(company: Plan, port: Port) -> None:
    assert reached(replace(connected(company), contact_centre=None))[port] == []


def test_without_a_number_on_amazon_connect_none_is_switched(company: Plan) -> None:
    found = reached(replace(connected(company), hotlines=(hotline("c"),)))
    assert found[Port.GREETINGS] == found[Port.NUMBERS] == []


def test_numbers_are_neither_claimed_nor_released_and_one_function_alone_has_to_do_with_them() -> None:
    """AWS limits how often numbers are claimed, and keeps back what was released."""
    having = {
        function: {action for port in PORTS for action in ports.get(port, ())}
        for function, ports in PERMISSIONS.items()
        if set(PORTS) & ports.keys()
    }
    assert having.keys() == {"customer_hotline"}
    assert not {"connect:ClaimPhoneNumber", "connect:ReleasePhoneNumber"} & having["customer_hotline"]


def test_the_stack_reaches_what_its_own_plan_names(template: Template, company: Plan) -> None:
    named = company.contact_centre
    assert named is not None
    held = _reaching(template)
    instance = f"{CONNECT}:instance/{named.instance}"
    assert held["connect:DescribeQueue"] >= {f"{instance}/queue/{named.queue}"}
    assert held["connect:UpdateContactFlowContent"] == {
        f"{instance}/contact-flow/{line.flow}" for line in company.hotlines if line.flow
    }
    numbers = {f"{CONNECT}:phone-number/{line.phone_number}" for line in company.hotlines if line.phone_number}
    assert held["connect:AssociatePhoneNumberContactFlow"] == numbers | {f"{instance}/contact-flow/*"}


def _reaching(template: Template) -> dict[str, set[str]]:
    """Action on Amazon Connect → what it is allowed on, of every role together."""
    found: dict[str, set[str]] = {}
    for role in template.of_type("AWS::IAM::Role").values():
        for action, place in allowed(role):
            if action.startswith("connect:"):
                found.setdefault(action, set()).add(place)
    return found
