"""Who called in the believable incident of `telling`, and what its customers were told."""

from __future__ import annotations

from dataclasses import replace

from emergency.domain.deadline import Deadline, Watched
from emergency.domain.inventory import CallCount
from emergency.domain.plan import Plan
from emergency.domain.report import Record
from emergency.domain.statement import Statement, Wording
from emergency.domain.terms import Phase, Risk, Team
from emergency.domain.timeline import SYSTEM
from tests.support.telling import BEGAN, active_incident, minutes, the_hotline, the_record

INCIDENT = "INC-20261122-7F3K"


def the_counts(plan: Plan) -> tuple[CallCount, ...]:
    """Two counts of customer service's lead, and the one of Amazon Connect."""
    lead = plan.teams[Team.CUSTOMER_SERVICE].lead
    first = CallCount(incident_id=INCIDENT, id="one", calls=140, by=lead, at=minutes(30))
    second = replace(first, id="two", calls=1_210, complaints=12, at=minutes(60))
    by_centre = replace(first, id="contact-centre", calls=1_198, answered=1_015, by=SYSTEM, at=minutes(101))
    return first, second, by_centre


def the_first_notice(phase: Phase = Phase.FIRST_NOTICE, at: float = 22) -> Statement:
    """What was published first, or in another phase."""
    return Statement(
        incident_id=INCIDENT,
        id=f"statement-{phase}",
        risk=Risk.SYSTEM_FAILURE,
        phase=phase,
        texts={
            "en": Wording(title="Checkout fails for some", text="Please look at your orders.\n\nWe are working on it."),
            "zh-Hant": Wording(title="部分結帳失敗", text="請先查看訂單。\n\n我們正在處理。"),
        },
        by="head-of-marketing",
        approved_by=("chief-executive",),
        began_at=BEGAN,
        published_at=minutes(at),
    )


def the_record_so_far(plan: Plan, *statements: Statement) -> Record:
    """The record while customer service answers the hotline, and these statements are out."""
    clock = Deadline(incident_id=INCIDENT, id=Watched.UPDATES, began_at=minutes(22), due_at=minutes(42))
    return replace(
        the_record(plan),
        incident=active_incident(plan),
        hotline=the_hotline(),
        statements=statements,
        deadlines={clock.id: clock},
    )
