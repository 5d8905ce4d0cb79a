"""The functions of the system: their shapes and their settings, one line each."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.function import EmergencyFunction, Reach, Shape
from infra.function_settings import check_settings, fields_of
from infra.permissions import Port
from infra.sources import Sources

SHAPES: Mapping[str, Shape] = {
    "intake": Shape(
        description="Opens an incident with risk and severity for a signal, or adds it to the open one (P6.1)",
        timeout=10,
    ),
    "triage": Shape(description="Puts the assessed severity on record and proposes the teams (P6.1)"),
    "orders": Shape(description="Carries out what the leadership group ordered (P6.2)"),
    "decision_request": Shape(description="Puts a question to people by mail"),
    "decision_page": Shape(description="Shows a question behind its link and takes the answer", timeout=20),
    "decision_follow_up": Shape(
        description="Sees that the workflow and everyone asked hear of a decision on record", timeout=60
    ),
    "incident_follow_up": Shape(
        description="Sees that an incident's execution begins, and that people hear of what alarms change", timeout=60
    ),
    "mail_feedback": Shape(description="Takes in which mails did not arrive, and moves their questions on", timeout=10),
    "task_force": Shape(description="Introduces the task force to each other and starts the clocks (P6.2)", timeout=60),
    "severity": Shape(description="Raises an incident to a higher severity, as it was decided (P3)", timeout=60),
    "team_assignment": Shape(
        description="Gives a team its tasks, and what it has to clean up (P6.3, P6.5)", timeout=60
    ),
    "deadlines": Shape(
        description="Watches clocks: prompts before time is over, tells higher up after it (P4, P6.3, P8.1)", timeout=60
    ),
    "customer_hotline": Shape(description="Opens and closes the dedicated hotline (P6.3, P6.5)", timeout=60),
    "resources": Shape(description="Lends resources and takes them back (P6.4, P6.5, P7)", timeout=60),
    "carriers": Shape(description="Proposes a re-plan of parcels and notes what carriers answer (P6.3)", timeout=60),
    "maintenance": Shape(description="Sets planned maintenance and ends it, with what is still on (P6.1)", timeout=60),
    "statement": Shape(
        description="Publishes approved statements and tells media and subscribers (P6.3)", memory=1024, timeout=60
    ),
    "subscriptions": Shape(description="Takes in who wants to be mailed the statements, and who no longer", timeout=10),
    "incident_report": Shape(description="Takes what people report on pages of their own (P6.1)", timeout=20),
    "report": Shape(
        description="Writes the post-incident report and seals the record (P6.5, P6.6)", memory=1024, timeout=60
    ),
}


class Functions(Construct):
    """Every function of the permissions table, each added once, as soon as what it works on exists."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        sources: Sources,
        code: lambda_.Code,
        key: kms.IKey,
        reach: Mapping[Port, Reach],
    ) -> None:
        super().__init__(scope, construct_id)
        self._sources = sources
        self._code = code
        self._key = key
        self._reach = dict(reach)
        self.added: dict[str, EmergencyFunction] = {}

    def add(
        self, name: str, settings: Mapping[str, str], reach: Mapping[Port, Reach] | None = None
    ) -> EmergencyFunction:
        """Adds a function.

        Args:
            name: Its folder's name.
            settings: Field of its `Settings` → value.
            reach: Ports that exist for this function only.

        Raises:
            SettingsMismatch: The settings aren't those that the function reads.
        """
        check_settings(name, declared=fields_of(self._sources.functions, name), given=settings)
        self.added[name] = EmergencyFunction(
            self,
            pascal_case(name),
            name=name,
            settings=settings,
            shape=SHAPES[name],
            code=self._code,
            key=self._key,
            reach={**self._reach, **(reach or {})},
        )
        return self.added[name]


def pascal_case(name: str) -> str:
    """`decision_request` → `DecisionRequest`, as construct ids and the ASL's placeholders are spelled."""
    return "".join(part.capitalize() for part in name.split("_"))
