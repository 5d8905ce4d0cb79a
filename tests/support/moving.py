"""Where the parcels of a failing carrier go, in the believable incident of `telling`."""

from __future__ import annotations

from dataclasses import replace

from emergency.domain.attachment import Uploaded, UploadForm
from emergency.domain.decision import Answer, Decision
from emergency.domain.deliveries import Draft, OrderList, Replan, RowFinding, proposal, spare, usual_parcels
from emergency.domain.plan import Locale, Plan
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.presentation.page import Shown
from emergency.presentation.replan import Replanning
from tests.support.telling import briefing, minutes, shown, the_decision, the_replan

FAILING = "harbour-express"
AFTERNOON = 13 * 60
LEAD_PAGE_AT = 30
FINDINGS = (
    ("order", "missing"),
    ("order", "unusable"),
    ("order", "duplicate"),
    ("region", "missing"),
    ("region", "unknown"),
    ("weight", "unusable"),
    ("promised", "unusable"),
    ("", "too_many_columns"),
    ("", "unclosed"),
)
FORM = UploadForm(url="https://uploads.example/", fields={"key": "uploads/x/${filename}"})


def the_list() -> OrderList:
    """A list of affected orders with every kind of bad row."""
    return OrderList(
        name="late orders.csv",
        parcels={"kowloon": 2_840, "new-territories": 1},
        grams={"kowloon": 3_408_000},
        promised={"kowloon": minutes(3 * 24 * 60).date()},
        bad_rows=len(FINDINGS) + 2,
        findings=tuple(
            RowFinding(line=number * 17, column=column, problem=problem, value="Kowlon")
            for number, (column, problem) in enumerate(FINDINGS, 1)
        ),
    )


def the_draft_of(plan: Plan, listed: OrderList | None = None) -> Draft:
    """The proposal for a usual day, or for a list."""
    parcels = listed.parcels if listed else usual_parcels(plan, FAILING)
    return Draft(
        carrier=FAILING,
        parcels=parcels,
        moves=proposal(plan, FAILING, parcels, minutes(AFTERNOON)),
        spare=spare(plan, FAILING, (), minutes(AFTERNOON)),
        listed=listed,
        key="orders/INC-20261122-7F3K/late orders.csv" if listed else "",
    )


def the_replans(plan: Plan) -> tuple[Replan, ...]:
    """What the system proposed, and what was ordered."""
    proposed = replace(the_replan(plan), id="proposed", by="", ordered_at=None, orders="")
    return proposed, the_replan(plan)


def the_carrier_answered(
    plan: Plan, outcome: Outcome = Outcome.DECLINED, by: str = "carrier-lion-rock-courier"
) -> Decision:
    """A carrier's question as it was answered."""
    decision = the_decision(plan, DecisionKind.CARRIER)
    fields = {"comment": "We can take 1,200 in Kowloon."} if by else {}
    answer = Answer(outcome=outcome, by=by, at=minutes(29), fields=fields, voters=(by,) if by else ())
    return replace(decision, answer=answer)


def replanning(plan: Plan, listed: OrderList | None = None, *answered: Decision) -> Replanning:
    """All that the page of a re-plan is about."""
    waiting = Uploaded(key="orders/INC-20261122-7F3K/wms.csv", size=900, uploaded_at=minutes(20))
    return Replanning(
        draft=the_draft_of(plan, listed),
        form=FORM,
        waiting=[waiting] if listed else [],
        replans=the_replans(plan) if answered else (),
        decisions={decision.id: decision for decision in answered},
    )


def lead_page(plan: Plan, locale: Locale) -> Shown:
    """The page of the logistics lead at work."""
    decision = the_decision(plan, DecisionKind.COMPLETE, team=Team.LOGISTICS_SUPPORT)
    told = briefing(plan, decision, locale, plan.teams[Team.LOGISTICS_SUPPORT].lead)
    return shown(told, after=LEAD_PAGE_AT)
