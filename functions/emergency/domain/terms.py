"""The plan's own vocabulary, spelled the same in the plan, the ASL, the records, the pages and the mails."""

from __future__ import annotations

from enum import StrEnum


class Risk(StrEnum):
    """The four risks of P3."""

    SYSTEM_FAILURE = "system_failure"
    DATA_BREACH = "data_breach"
    NETWORK_ATTACK = "network_attack"
    LOGISTICS_DELAY = "logistics_delay"


class Severity(StrEnum):
    """The four levels, I 特別重大 (SEV1) to IV 一般 (SEV4)."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"


class Team(StrEnum):
    """The four response teams of P5."""

    TECHNICAL_SUPPORT = "technical_support"
    CUSTOMER_SERVICE = "customer_service"
    LOGISTICS_SUPPORT = "logistics_support"
    PUBLIC_RELATIONS = "public_relations"


class Step(StrEnum):
    """The six steps of P6."""

    INCIDENT_REPORT = "incident_report"
    ORDERS = "orders"
    EMERGENCY_RESPONSE = "emergency_response"
    REAR_SUPPORT = "rear_support"
    SITE_CLEAN_UP = "site_clean_up"
    POST_INCIDENT_REPORT = "post_incident_report"


class DecisionKind(StrEnum):
    """The questions that the workflow puts to people."""

    ORDERS = "orders"
    ACKNOWLEDGE = "acknowledge"
    COMPLETE = "complete"
    CLEAN_UP = "clean_up"
    REVIEW = "review"
    RELEASE = "release"
    DUTIES = "duties"
    """Which duties to tell an authority apply to the incident."""
    NOTICE = "notice"
    """One notice to an authority, until it was sent."""
    STATEMENT = "statement"
    """Whether a statement to the public is published as it was drafted."""
    CARRIER = "carrier"
    """Whether a carrier takes over the parcels that a re-plan gives it."""
    SEVERITY = "severity"
    """Whether an incident that turns out worse than it was taken for is raised to a higher severity."""
    MAINTENANCE = "maintenance"
    """Whether alarms open no incidents while planned maintenance lasts."""

    @property
    def step(self) -> Step:
        """The step of P6 in which the question is put."""
        return {
            DecisionKind.ORDERS: Step.ORDERS,
            DecisionKind.ACKNOWLEDGE: Step.EMERGENCY_RESPONSE,
            DecisionKind.COMPLETE: Step.EMERGENCY_RESPONSE,
            DecisionKind.CLEAN_UP: Step.SITE_CLEAN_UP,
            DecisionKind.REVIEW: Step.POST_INCIDENT_REPORT,
            DecisionKind.RELEASE: Step.REAR_SUPPORT,
            DecisionKind.DUTIES: Step.EMERGENCY_RESPONSE,
            DecisionKind.NOTICE: Step.EMERGENCY_RESPONSE,
            DecisionKind.STATEMENT: Step.EMERGENCY_RESPONSE,
            DecisionKind.CARRIER: Step.EMERGENCY_RESPONSE,
            DecisionKind.SEVERITY: Step.EMERGENCY_RESPONSE,
            DecisionKind.MAINTENANCE: Step.INCIDENT_REPORT,
        }[self]


class Outcome(StrEnum):
    """What a decision can come to. The second half are the outcomes that the plan declares when nobody answers."""

    ACTIVATE = "activate"
    STAND_DOWN = "stand_down"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"
    HANDED_IN = "handed_in"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    RELEASED = "released"
    DECLINED = "declined"
    CONFIRMED = "confirmed"
    SENT = "sent"
    DOES_NOT_APPLY = "does_not_apply"
    APPROVED = "approved"
    RAISED = "raised"
    KEPT = "kept"

    NOT_ACKNOWLEDGED = "not_acknowledged"
    NOT_COMPLETED = "not_completed"
    NOT_HANDED_IN = "not_handed_in"
    NOT_REVIEWED = "not_reviewed"
    NOT_RELEASED = "not_released"
    NOT_CONFIRMED = "not_confirmed"
    NOT_SENT = "not_sent"
    NOT_APPROVED = "not_approved"
    NOT_RAISED = "not_raised"


class Factor(StrEnum):
    """How a person showed who they are, beside holding the link (design §4)."""

    LINK = "link"
    """By nothing else: the plan asks no more of this kind of decision."""
    CODE = "code"
    """By a six-digit code, mailed when they pressed the button."""
    TOTP = "totp"
    """By their authenticator app (RFC 6238)."""
    DEVICE = "device"
    """By a device on which they had given a code before, in the same incident."""


class Role(StrEnum):
    """Who can stand on a rung of a decision's ladder; the plan says which contacts hold the role."""

    HEAD = "head"
    DEPUTY_HEADS = "deputy_heads"
    MEMBERS = "members"
    TEAM_LEAD = "team_lead"
    TEAM_DEPUTIES = "team_deputies"
    TEAM_MEMBERS = "team_members"
    LEGAL = "legal"
    OWNER = "owner"
    """Who a task belongs to; for prompts alone."""
    CARRIER = "carrier"
    """The carrier that is asked; for decisions of that kind alone."""


class Phase(StrEnum):
    """Where an incident stands, as the public is told it (P6.3)."""

    FIRST_NOTICE = "first_notice"
    UPDATE = "update"
    RESOLVED = "resolved"


class AutomaticStep(StrEnum):
    """What the system does by itself; a playbook's task that names it is done with it."""

    INTRODUCE_TASK_FORCE = "introduce_task_force"
    OPEN_HOTLINE = "open_hotline"
    LEND_RESOURCES = "lend_resources"
    PROPOSE_REPLAN = "propose_replan"
    PUBLISH_STATEMENT = "publish_statement"
    CLOSE_HOTLINE = "close_hotline"
    RETURN_RESOURCES = "return_resources"

    @property
    def is_by_people(self) -> bool:
        """Whether people do it, and the system only sees when they have: a statement is written and approved."""
        return self is AutomaticStep.PUBLISH_STATEMENT
