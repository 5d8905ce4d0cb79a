"""What the system may do in the company's Amazon Connect instance, which is no part of the stack."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from constructs import Construct

from emergency.domain.plan import ContactCentre as Named
from emergency.domain.plan import Plan
from infra.function import NOTHING, Reach
from infra.permissions import Port


class ContactCentre(Construct):
    """The instance, queue, hours, numbers and flows that the plan names; nothing where it names none.

    All of them are made by people beforehand. AWS limits how often numbers are claimed and keeps back for months what
    was released, so nothing here does either.
    """

    def __init__(self, scope: Construct, construct_id: str, *, plan: Plan) -> None:
        super().__init__(scope, construct_id)
        self._named = plan.contact_centre
        hotlines = plan.hotlines if self._named else ()
        self._numbers = [line.phone_number for line in hotlines if line.phone_number]
        self._flows = [line.flow for line in hotlines if line.flow]

    @property
    def reach(self) -> dict[Port, Reach]:
        """What opening and closing a hotline touches: what is read, the greetings, and where numbers lead to."""
        if self._named is None:
            return dict.fromkeys((Port.CONTACT_CENTRE, Port.GREETINGS, Port.NUMBERS), NOTHING)
        return {
            Port.CONTACT_CENTRE: Reach(resources=self._read(self._named)),
            Port.GREETINGS: Reach(resources=[self._within(self._named, "contact-flow", flow) for flow in self._flows]),
            Port.NUMBERS: self._reach_of_numbers(self._named),
        }

    def _read(self, named: Named) -> list[str]:
        return [
            self._arn("instance", named.instance),
            self._within(named, "queue", named.queue),
            self._within(named, "operating-hours", named.hours),
        ]

    def _reach_of_numbers(self, named: Named) -> Reach:
        numbers = [self._arn("phone-number", number) for number in self._numbers]
        return Reach(
            resources=[*numbers, self._within(named, "contact-flow", "*")] if numbers else [],
            why_wildcard="A number goes back to the flow that it had before, which is known only when it is taken",
        )

    def _within(self, named: Named, kind: str, name: str) -> str:
        return self._arn("instance", f"{named.instance}/{kind}/{name}")

    def _arn(self, kind: str, name: str) -> str:
        return Stack.of(self).format_arn(
            service="connect", resource=kind, resource_name=name, arn_format=ArnFormat.SLASH_RESOURCE_NAME
        )
