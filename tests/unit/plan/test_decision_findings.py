"""Each kind of mistake about who is asked, and how, is found: ladders, votes, reminders, absences, more time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emergency.domain.plan import Absence
from emergency.domain.terms import DecisionKind, Factor, Role, Severity
from infra.plan_compiler import CompiledPlan, compile_plan
from infra.plan_compiler.people_checks import absences, check_absences, stand_in
from infra.plan_compiler.source import Node
from tests.support.plans import small_plan
from tests.unit.plan.conftest import Spoil, expect_finding, findings_of

CONTACTS = "contacts.yaml"
DECISIONS = "decisions.yaml"
ORGANISATION = "organisation.yaml"
SEVERITIES = "severities.yaml"

ORDERS_LADDER = "      - [head]\n      - [deputy_heads]\n      - [members]\n"
CARRIER_LADDER = "      - [carrier]\n      - [team_lead]\n"
TEAM_LADDER = "      - [team_lead]\n      - [team_deputies]\n"
SMALL = "      - { up_to: 50000, ladder: [[deputy_heads], [head]], needed: 1 }\n"
LARGER = "      - { up_to: 500000, ladder: [[head], [deputy_heads]], needed: 1 }\n"
LARGEST = "      - { ladder: [[head], [deputy_heads]], needed: 2 }\n"
BY_AMOUNT = f"    by_amount:\n{SMALL}{LARGER}{LARGEST}"
REVIEW = "  review:\n    ladder:\n      - [head]\n      - [deputy_heads]\n"
OPERATIONS = '    phone: "+886 2 0000 0103"\n'
DELEGATE = "    delegate: contact-centre-manager-taipei\n"
AWAY = "{ from: 2026-07-13, until: 2026-07-17 }"

# file, what stands there, what is written instead, and the finding after `file:line: `
MISTAKES = {
    "a ladder in the old place": (
        DECISIONS,
        "decisions:\n",
        "ladders:\n",
        (
            "ladders: is where ladders stood in earlier plans; each now stands with all else about its decision; "
            "write 'decisions:', below it 'orders:' and below that 'ladder: [[head], [deputy_heads]]', and so on"
        ),
    ),
    "unknown key": (
        DECISIONS,
        "remind: 60%",
        "reminder: 60%",
        "decisions.orders.reminder: nothing reads the key 'reminder'; did you mean 'remind'?",
    ),
    "unknown key about more time": (
        DECISIONS,
        "{ times: 2, share: 50% }",
        "{ times: 2, share: 50%, tims: 2 }",
        "decisions.complete.more_time.tims: nothing reads the key 'tims'; did you mean 'times'?",
    ),
    "unknown kind": (
        DECISIONS,
        "  clean_up:",
        "  cleanup:",
        "decisions.cleanup: 'cleanup' is not known; did you mean 'clean_up'?",
    ),
    "missing kind": (DECISIONS, "  clean_up:", "  cleanup:", "decisions: 'clean_up' is missing; add 'clean_up:'"),
    "no ladder": (
        DECISIONS,
        "    ladder:\n" + ORDERS_LADDER,
        "",
        "decisions.orders.ladder: is missing; add 'ladder:'",
    ),
    "empty ladder": (
        DECISIONS,
        ORDERS_LADDER,
        "      []\n",
        "decisions.orders.ladder: asks nobody; write at least one rung, like '- [head]'",
    ),
    "empty rung": (
        DECISIONS,
        "      - [members]",
        "      - []",
        "decisions.orders.ladder[3]: is a rung with nobody on it",
    ),
    "rung whose role nobody holds": (
        ORGANISATION,
        "    deputies: [communications-manager]\n",
        "",
        "decisions.complete.ladder[2]: nobody in the team 'public_relations' holds the role team_deputies",
    ),
    "team role in a decision of the group": (
        DECISIONS,
        "      - [members]",
        "      - [team_lead]",
        (
            "decisions.orders.ladder[3][1]: 'team_lead' is a role within a team, "
            "but the whole leadership group decides here; write one of: head, deputy_heads, members, legal"
        ),
    ),
    "team role in a release": (
        DECISIONS,
        BY_AMOUNT,
        "    ladder: [[deputy_heads], [team_lead]]\n",
        "decisions.release.ladder[2][1]: 'team_lead' is a role within a team",
    ),
    "unknown role": (
        DECISIONS,
        "      - [members]",
        "      - [member]",
        "decisions.orders.ladder[3][1]: 'member' is not known; did you mean 'members'?",
    ),
    "more votes than people": (
        DECISIONS,
        "start_over: 1",
        "needed: 9",
        (
            "decisions.orders.needed: 9 must agree, but only 8 are on the ladder; "
            "write 8 or less, or add a rung with somebody else"
        ),
    ),
    "more votes than people at one severity": (
        DECISIONS,
        "start_over: 1",
        "needed: { SEV3: 9 }",
        "decisions.orders.needed.SEV3: 9 must agree, but only 8 are on the ladder; ",
    ),
    "more votes than people in one team": (
        DECISIONS,
        "remind: 75%",
        "needed: 3",
        "decisions.complete.needed: 3 must agree, but only 2 are on the ladder of the team 'public_relations'; write 2",
    ),
    "more votes than people without the one who asks": (
        DECISIONS,
        BY_AMOUNT,
        "    ladder: [[deputy_heads], [head]]\n    needed: 3\n",
        (
            "decisions.release.needed: 3 must agree, but only 3 are on the ladder, "
            "and whoever asks for a release has no vote; write 2 or less, or add a rung with somebody else"
        ),
    ),
    "a release by nobody but perhaps the one who asks": (
        DECISIONS,
        BY_AMOUNT,
        "    ladder: [[head]]\n",
        "decisions.release.needed: 1 must agree, but only 1 is on the ladder, and whoever asks for a release has no vote; add",
    ),
    "more votes than people without the one who drafts": (
        DECISIONS,
        "needed: { SEV1: 2, SEV2: 2, SEV3: 1, SEV4: 1 }",
        "needed: { SEV1: 4, SEV2: 2, SEV3: 1, SEV4: 1 }",
        (
            "decisions.statement.needed.SEV1: 4 must agree, but only 4 are on the ladder, "
            "and whoever drafts a statement has no vote; write 3 or less, or add a rung with somebody else"
        ),
    ),
    "a carrier that is asked last": (
        DECISIONS,
        CARRIER_LADDER,
        "      - [team_lead]\n      - [carrier]\n",
        "decisions.carrier.ladder[1]: asks others before the carrier itself; write '- [carrier]' as the first rung",
    ),
    "a carrier who decides on something else": (
        DECISIONS,
        "      - [members]",
        "      - [carrier]",
        (
            "decisions.orders.ladder[3][1]: 'carrier' is whose parcels are moved, and is asked about those alone; "
            "write one of: head, deputy_heads, members, legal"
        ),
    ),
    "no vote at all": (
        DECISIONS,
        "start_over: 1",
        "needed: 0",
        "decisions.orders.needed: 0 is too small; write 1 or more",
    ),
    "votes in words": (DECISIONS, "start_over: 1", "needed: two", "decisions.orders.needed: must be a whole number"),
    "votes at an unknown severity": (
        DECISIONS,
        "start_over: 1",
        "needed: { SEV7: 1 }",
        "decisions.orders.needed.SEV7: 'SEV7' is not known; did you mean 'SEV",
    ),
    "a reminder without percent sign": (
        DECISIONS,
        "remind: 60%",
        "remind: 60",
        "decisions.orders.remind: '60' has no percent sign; did you mean '60%'?",
    ),
    "a reminder as a fraction": (
        DECISIONS,
        "remind: 60%",
        "remind: 0.6",
        "decisions.orders.remind: '0.6' has no percent sign; did you mean '60%'?",
    ),
    "a reminder as a duration": (
        DECISIONS,
        "remind: 60%",
        "remind: 3m",
        "decisions.orders.remind: '3m' is not a percentage; write a percentage from 1% to 95%",
    ),
    "a reminder at once": (
        DECISIONS,
        "remind: 60%",
        "remind: 0%",
        "decisions.orders.remind: 0% is too small; write a percentage from 1% to 95%",
    ),
    "a reminder at the end": (DECISIONS, "remind: 60%", "remind: 96%", "decisions.orders.remind: 96% is too large"),
    "a reminder without value": (DECISIONS, "remind: 60%", "remind:", "decisions.orders.remind: is not a percentage"),
    "a reminder that leaves no time": (
        SEVERITIES,
        "orders: 5m",
        "orders: 149s",
        (
            "severities.SEV1.wait.orders: leaves 59 s after the reminder at 60%, too little to act on; "
            "write 150s or longer, or take 'remind' out of decisions.orders in decisions.yaml"
        ),
    ),
    "a reminder that leaves no time on a later rung": (
        SEVERITIES,
        "orders: [10m, 5m]",
        "orders: [10m, 2m]",
        "severities.SEV2.wait.orders[2]: leaves 48 s after the reminder at 60%",
    ),
    "starting over too often": (
        DECISIONS,
        "start_over: 1",
        "start_over: 6",
        "decisions.orders.start_over: 6 is too large; write 5 or less",
    ),
    "starting over less than never": (
        DECISIONS,
        "start_over: 1",
        "start_over: -1",
        "decisions.orders.start_over: -1 is too small; write 0 or more",
    ),
    "starting over as yes": (DECISIONS, "start_over: 1", "start_over: true", "start_over: must be a whole number"),
    "a second factor in words": (
        DECISIONS,
        "second_factor: true",
        "second_factor: totp",
        "decisions.orders.second_factor: must be true or false; write true or false, without quotes",
    ),
    "amounts that fall": (
        DECISIONS,
        SMALL + LARGER,
        LARGER + SMALL,
        (
            "decisions.release.by_amount[2].up_to: 50000 isn't more than 500000 before it, so it never decides; "
            "write the smallest amount first"
        ),
    ),
    "the same amount twice": (
        DECISIONS,
        "up_to: 500000",
        "up_to: 50000",
        "decisions.release.by_amount[2].up_to: 50000 isn't more than 50000 before it",
    ),
    "nobody for what is worth most": (
        DECISIONS,
        LARGEST,
        "",
        (
            "decisions.release.by_amount[2]: has a limit, so nobody decides on more; "
            "add an entry without 'up_to' at the end"
        ),
    ),
    "no limit before the end": (
        DECISIONS,
        "{ up_to: 50000, ",
        "{ ",
        "decisions.release.by_amount[1]: has no limit, so nothing after it ever decides; add 'up_to:', or move it to the end",
    ),
    "an amount with a currency": (
        DECISIONS,
        "up_to: 50000,",
        "up_to: TWD 50000,",
        "decisions.release.by_amount[1].up_to: must be a whole number",
    ),
    "an amount of nothing": (DECISIONS, "up_to: 50000,", "up_to: 0,", "by_amount[1].up_to: 0 is too small; write 1 or"),
    "an amount without a ladder": (
        DECISIONS,
        "ladder: [[deputy_heads], [head]], needed: 1",
        "needed: 1",
        "decisions.release.by_amount[1].ladder: is missing; add 'ladder:'",
    ),
    "an amount that nobody decides": (
        DECISIONS,
        "[[deputy_heads], [head]], needed: 1",
        "[]",
        "decisions.release.by_amount[1].ladder: asks nobody; write at least one rung",
    ),
    "an amount with more votes than people": (
        DECISIONS,
        "needed: 2 }",
        "needed: 3 }",
        (
            "decisions.release.by_amount[3].needed: 3 must agree, but only 3 are on the ladder, "
            "and whoever asks for a release has no vote; write 2 or less"
        ),
    ),
    "an amount that only the one who asks could decide": (
        DECISIONS,
        "[[deputy_heads], [head]], needed: 1",
        "[[team_lead]]",
        (
            "decisions.release.by_amount[1].needed: 1 must agree, "
            "but only 1 is on the ladder of the team 'customer_service', and whoever asks"
        ),
    ),
    "amounts and a ladder": (
        DECISIONS,
        "    by_amount:",
        "    ladder: [[head]]\n    by_amount:",
        "decisions.release.ladder: is not looked at, since 'by_amount' says who decides; remove it, or remove 'by_amount'",
    ),
    "amounts and votes": (
        DECISIONS,
        "    by_amount:",
        "    needed: 2\n    by_amount:",
        "decisions.release.needed: is not looked at, since 'by_amount' says who decides",
    ),
    "no amounts": (
        DECISIONS,
        BY_AMOUNT,
        "    by_amount: []\n",
        "decisions.release.by_amount: says nobody; write who decides up to which amount, or write 'ladder:'",
    ),
    "amounts where nothing is asked for": (
        DECISIONS,
        ORDERS_LADDER,
        ORDERS_LADDER + "    by_amount: [{ ladder: [[head]] }]\n",
        "decisions.orders.by_amount: is for 'release' alone: nothing else is worth an amount; write 'ladder:'",
    ),
    "handing over a release by amount with a single rung": (
        DECISIONS,
        BY_AMOUNT,
        "    hand_over: true\n    by_amount:\n      - { ladder: [[head, deputy_heads]] }\n",
        (
            "decisions.release.hand_over: there is nobody to pass the question to: "
            "the ladder of any amount has a single rung"
        ),
    ),
    "a task's owner on a ladder": (
        DECISIONS,
        "      - [members]",
        "      - [owner]",
        (
            "decisions.orders.ladder[3][1]: 'owner' is whoever has a task, and no task is decided here; "
            "write one of: head, deputy_heads, members, legal"
        ),
    ),
    "legal on a ladder, and nobody is": (
        ORGANISATION,
        "  legal: head-of-legal\n",
        "",
        "decisions.duties.ladder[1]: nobody holds the role legal; name a contact for it in organisation.yaml, or remove",
    ),
    "no question about duties": (DECISIONS, "  duties:", "  duty:", "decisions: 'duties' is missing; add 'duties:'"),
    "no time for duties": (
        SEVERITIES,
        ", duties: 15m",
        "",
        "severities.SEV1.wait: no time is set for 'duties'; add 'duties:' with a duration, like 30m",
    ),
    "more times than rungs after a notice's first": (
        SEVERITIES,
        "notice: 30m",
        "notice: [30m, 30m]",
        (
            "severities.SEV1.wait.notice[2]: is a time too many: the ladder of 'notice' has 2 rungs, "
            "and the first has the notice's own term; remove it"
        ),
    ),
    "more time for a notice": (
        DECISIONS,
        "    remind: 80%\n",
        "    remind: 80%\n    more_time: { times: 1, share: 50% }\n",
        "decisions.notice.more_time: can't be given: the term of a notice is the law's; remove it",
    ),
    "a notice that starts over": (
        DECISIONS,
        "    remind: 80%\n",
        "    remind: 80%\n    start_over: 1\n",
        "decisions.notice.start_over: would wait for the notice's whole term once more; remove it, and add rungs instead",
    ),
    "handing over with a single rung": (
        DECISIONS,
        TEAM_LADDER + "    remind: 75%",
        "      - [team_lead, team_deputies]\n    remind: 75%",
        (
            "decisions.complete.hand_over: there is nobody to pass the question to: "
            "the ladder of the team 'technical_support' has a single rung; "
            "add a rung with somebody else, or write 'hand_over: false'"
        ),
    ),
    "handing over to oneself": (
        DECISIONS,
        TEAM_LADDER + "    remind: 75%",
        "      - [team_lead]\n      - [team_lead]\n    remind: 75%",
        "decisions.complete.hand_over: there is nobody to pass the question to",
    ),
    "handing over what the group decides, with a single rung": (
        DECISIONS,
        ORDERS_LADDER,
        "      - [head]\n    hand_over: true\n",
        "decisions.orders.hand_over: there is nobody to pass the question to: the ladder has a single rung",
    ),
    "more time too often": (
        DECISIONS,
        "times: 2",
        "times: 11",
        "decisions.complete.more_time.times: 11 is too large; write 10 or less",
    ),
    "more time less than once": (DECISIONS, "times: 2", "times: 0", "more_time.times: 0 is too small; write 1 or more"),
    "hardly more time": (
        DECISIONS,
        "share: 50%",
        "share: 9%",
        "decisions.complete.more_time.share: 9% is too small; write a percentage from 10% to 200%",
    ),
    "far more time": (DECISIONS, "share: 50%", "share: 201%", "more_time.share: 201% is too large"),
    "more time without a share": (
        DECISIONS,
        "{ times: 2, share: 50% }",
        "{ times: 2 }",
        "decisions.complete.more_time.share: is missing; add 'share:'",
    ),
    "more times than rungs": (
        SEVERITIES,
        "orders: [10m, 5m]",
        "orders: [10m, 5m, 5m, 5m]",
        (
            "severities.SEV2.wait.orders[4]: is a time too many: the ladder of 'orders' has 3 rungs; "
            "remove it, or add a rung in decisions.yaml"
        ),
    ),
    "no times in a list": (
        SEVERITIES,
        "orders: [10m, 5m]",
        "orders: []",
        "severities.SEV2.wait.orders: has no entry; write at least one",
    ),
    "one wrong time in a list": (
        SEVERITIES,
        "orders: [10m, 5m]",
        "orders: [10m, 5]",
        "severities.SEV2.wait.orders[2]: the duration '5' has no unit; did you mean '5m'?",
    ),
    "a year by starting over": (
        SEVERITIES,
        "orders: 5m",
        "orders: 65d",
        (
            "severities.SEV1.wait: all rungs of all decisions together can take 413 days, "
            "and an execution runs for 365 at most; write shorter durations, or start over and give more time less often"
        ),
    ),
    "a year by more time": (
        DECISIONS,
        "times: 1, share: 50%",
        "times: 10, share: 200%",
        "severities.SEV4.wait: all rungs of all decisions together can take 907 days",
    ),
    "unknown delegate": (
        CONTACTS,
        "delegate: contact-centre-manager-taipei",
        "delegate: contact-centre-manager-taipeh",
        (
            "contacts.head-of-customer-service.delegate: no contact has the id 'contact-centre-manager-taipeh'; "
            "did you mean 'contact-centre-manager-taipei'?"
        ),
    ),
    "one's own delegate": (
        CONTACTS,
        "delegate: contact-centre-manager-taipei",
        "delegate: head-of-customer-service",
        "contacts.head-of-customer-service.delegate: nobody can stand in for themselves; name somebody else",
    ),
    "an absence without a delegate": (
        CONTACTS,
        "    delegate: head-of-information-technology\n",
        "",
        (
            "contacts.chief-technology-officer.away[1]: while 'chief-technology-officer' is away, nobody would be asked; "
            "add 'delegate:' with the id of the contact who stands in"
        ),
    ),
    "an absence that ends before it begins": (
        CONTACTS,
        AWAY,
        "{ from: 2026-07-17, until: 2026-07-13 }",
        "away[1]: ends on 2026-07-13, before it begins on 2026-07-17; write the earlier day under 'from'",
    ),
    "absences that overlap": (
        CONTACTS,
        f"      - {AWAY}\n",
        f"      - {AWAY}\n      - {{ from: 2026-07-10, until: 2026-07-13 }}\n",
        "away[1]: begins on 2026-07-13, while the absence on line ",
    ),
    "an absence without an end": (
        CONTACTS,
        AWAY,
        "{ from: 2026-07-13 }",
        "contacts.chief-technology-officer.away[1].until: is missing; add 'until:'",
    ),
    "an absence with an unknown key": (
        CONTACTS,
        AWAY,
        "{ from: 2026-07-13, until: 2026-07-17, til: 2026-07-17 }",
        "away[1].til: nothing reads the key 'til'; did you mean 'until'?",
    ),
    "a day that doesn't exist": (
        CONTACTS,
        "until: 2026-07-17",
        "until: 2026-07-32",
        "away[1].until: '2026-07-32' is not a date; write year, month and day, like 2026-12-24",
    ),
    "a day in another order": (CONTACTS, "until: 2026-07-17", "until: 17.7.2026", "'17.7.2026' is not a date"),
    "a day as a number": (CONTACTS, "until: 2026-07-17", "until: 20260717", "'20260717' is not a date"),
    "an unknown second factor": (
        CONTACTS,
        DELEGATE,
        DELEGATE + "    second_factor: tan\n",
        "contacts.head-of-customer-service.second_factor: 'tan' is not known; ",
    ),
    "a delegate who is asked anyway": (
        CONTACTS,
        OPERATIONS,
        OPERATIONS + "    delegate: chief-executive\n    away: [{ from: 2026-08-03, until: 2026-08-07 }]\n",
        (
            "contacts.chief-operating-officer.away[1]: 2 must agree on 'release' of any amount, "
            "but on 2026-08-03 only 2 are on the ladder, "
            "and whoever asks for a release has no vote; name a delegate who isn't asked anyway"
        ),
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "finding"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_found_and_the_remedy_named(
    plan_dir: Path, spoil: Spoil, file: str, old: str, new: str, finding: str
) -> None:
    spoil(file, old, new)

    expect_finding(plan_dir, finding)


# file, what stands there, and what may stand there as well
FINE = {
    "a single rung with nothing to hand over": (DECISIONS, REVIEW, REVIEW.replace("]\n      - [", ", ")),
    "as many votes as people": (DECISIONS, REVIEW, f"{REVIEW}    needed: 3\n"),
    "votes at some severities": (DECISIONS, "start_over: 1", "needed: { SEV4: 2 }"),
    "a release without amounts": (
        DECISIONS,
        BY_AMOUNT,
        "    ladder: [[deputy_heads], [head]]\n    needed: { SEV4: 2 }\n",
    ),
    "a small release by the team itself": (
        DECISIONS,
        SMALL,
        "      - { up_to: 50000, ladder: [[team_lead], [team_deputies]] }\n",
    ),
    "one amount for all": (DECISIONS, SMALL + LARGER, ""),
    "a time for each rung after a notice's first": (SEVERITIES, "notice: 30m", "notice: [30m]"),
    "the earliest and the latest reminder": (DECISIONS, "remind: 60%", "remind: 1%"),
    "a percentage with a space": (DECISIONS, "remind: 60%", "remind: 60 %"),
    "a percentage in quotes": (DECISIONS, "remind: 60%", 'remind: "60%"'),
    "a reminder that leaves a minute": (SEVERITIES, "orders: 5m", "orders: 150s"),
    "as many times as rungs": (SEVERITIES, "orders: [10m, 5m]", "orders: [10m, 5m, 5m]"),
    "starting over as often as can be": (DECISIONS, "start_over: 1", "start_over: 5"),
    "a day's absence": (CONTACTS, AWAY, "{ from: 2026-07-13, until: 2026-07-13 }"),
    "absences one after the other": (
        CONTACTS,
        f"      - {AWAY}\n",
        f"      - {AWAY}\n      - {{ from: 2026-07-10, until: 2026-07-12 }}\n",
    ),
    "a delegate who has a delegate": (
        CONTACTS,
        '    phone: "+886 2 0000 0104"\n',
        '    phone: "+886 2 0000 0104"\n    delegate: reliability-lead\n    away: [{ from: 2026-07-15, until: 2026-07-20 }]\n',
    ),
    "a delegate who is asked anyway where nobody else is needed": (
        CONTACTS,
        DELEGATE,
        DELEGATE + "    away: [{ from: 2026-08-03, until: 2026-08-07 }]\n",
    ),
}


@pytest.mark.parametrize(("file", "old", "new"), FINE.values(), ids=FINE.keys())
def test_what_is_fine_is_no_finding(plan_dir: Path, spoil: Spoil, file: str, old: str, new: str) -> None:
    spoil(file, old, new)

    assert findings_of(plan_dir) == []


TEAM_DECIDES = "      - { up_to: 50000, ladder: [[team_deputies], [deputy_heads]] }\n"


def test_a_rung_of_an_amount_has_somebody_in_every_team(plan_dir: Path, spoil: Spoil) -> None:
    spoil(DECISIONS, SMALL, TEAM_DECIDES)
    spoil(ORGANISATION, "    deputies: [communications-manager]\n", "")

    expect_finding(
        plan_dir,
        "decisions.release.by_amount[1].ladder[1]: nobody in the team 'public_relations' holds the role team_deputies; "
        "name a contact in teams.public_relations of organisation.yaml, or remove the rung",
    )


def test_somebody_is_left_for_each_amount_on_every_day(plan_dir: Path, spoil: Spoil) -> None:
    """The team's deputy and whoever stands in for them are one person, and that person may be who asks."""
    spoil(DECISIONS, SMALL, "      - { up_to: 50000, ladder: [[team_lead, team_deputies]] }\n")
    assert findings_of(plan_dir) == []

    office = "  communications-manager:\n"
    away = "    delegate: head-of-marketing\n    away: [{ from: 2026-08-03, until: 2026-08-07 }]\n"
    spoil(CONTACTS, office, office + away)

    expect_finding(
        plan_dir,
        "contacts.communications-manager.away[1]: 1 must agree on 'release' of up to 50000, but on 2026-08-03 "
        "only 1 is on the ladder of the team 'public_relations', and whoever asks for a release has no vote; "
        "name a delegate who isn't asked anyway",
    )


def test_amounts_are_compiled_in_cents(example: CompiledPlan) -> None:
    release = example.plan.decisions[DecisionKind.RELEASE]

    assert [approval.up_to for approval in release.by_amount] == [5_000_000, 50_000_000, None]
    assert [approval.needed for approval in release.by_amount] == [1, 1, 2]
    assert release.by_amount[0].ladder == ((Role.DEPUTY_HEADS,), (Role.HEAD,))


def test_what_a_request_is_worth_says_who_decides(example: CompiledPlan) -> None:
    plan = example.plan
    small, larger, largest = plan.decisions[DecisionKind.RELEASE].by_amount

    assert plan.approval("emergency-funds", 5_000_000) == small
    assert plan.approval("emergency-funds", 5_000_001) == larger
    assert plan.approval("emergency-funds", 50_000_001) == largest
    assert plan.approval("spare-servers", 5) == largest


STAND_IN = '    phone: "+886 2 0000 0104"\n    delegate: chief-technology-officer\n'


def test_offices_may_stand_in_for_each_other(plan_dir: Path, spoil: Spoil) -> None:
    away = "    away:\n      - { from: 2026-07-18, until: 2026-07-20 }\n"
    spoil(CONTACTS, '    phone: "+886 2 0000 0104"\n', STAND_IN + away)

    assert findings_of(plan_dir) == []


def test_two_who_stand_in_for_each_other_cannot_both_be_away(plan_dir: Path, spoil: Spoil) -> None:
    away = "    away:\n      - { from: 2026-07-15, until: 2026-07-20 }\n"
    spoil(CONTACTS, '    phone: "+886 2 0000 0104"\n', STAND_IN + away)

    found = [finding for finding in findings_of(plan_dir) if "nobody is left to be asked" in finding]

    assert len(found) == 2
    for name, finding in zip(("chief-technology-officer", "head-of-information-technology"), found, strict=True):
        assert f"on 2026-07-15 nobody is left to be asked for '{name}'" in finding
        assert finding.endswith("; name a delegate who is there, or move one of the absences")


def test_the_old_shape_is_told_with_its_line(plan_dir: Path) -> None:
    path = plan_dir / DECISIONS
    path.write_text("# Who is asked.\nladders:\n  orders:\n    - [head]\nreview_rounds: 3\n", encoding="utf-8")

    found = findings_of(plan_dir)

    assert [line.split("; ")[0] for line in found] == [
        f"{DECISIONS}:1: decisions: is missing",
        f"{DECISIONS}:2: ladders: is where ladders stood in earlier plans",
    ]


def test_one_number_of_votes_counts_for_every_severity(plan_dir: Path, spoil: Spoil) -> None:
    spoil(DECISIONS, "start_over: 1", "needed: 2")

    decisions = compile_plan(plan_dir).plan.decisions

    assert decisions[DecisionKind.ORDERS].needed == dict.fromkeys(Severity, 2)


def test_one_time_counts_for_every_rung_and_a_list_for_each(example: CompiledPlan) -> None:
    waits = example.plan.severities[Severity.SEV2].wait

    assert waits[DecisionKind.ACKNOWLEDGE] == (600,)
    assert waits[DecisionKind.ORDERS] == (600, 300)


def test_only_logistics_support_answers_for_a_carrier(plan_dir: Path, spoil: Spoil) -> None:
    spoil(DECISIONS, CARRIER_LADDER, "      - [carrier]\n      - [team_members]\n")
    spoil(ORGANISATION, "    members: [service-quality-officer]\n", "")
    assert findings_of(plan_dir) == []

    spoil(ORGANISATION, "    members: [warehouse-manager]\n", "")
    expect_finding(
        plan_dir, "decisions.carrier.ladder[2]: nobody in the team 'logistics_support' holds the role team_members"
    )


@pytest.mark.parametrize("kind", DecisionKind)
def test_what_is_left_out_has_its_default(plan_dir: Path, kind: DecisionKind) -> None:
    in_teams = dict.fromkeys((DecisionKind.ACKNOWLEDGE, DecisionKind.COMPLETE, DecisionKind.CLEAN_UP), "team_lead")
    first = {**in_teams, DecisionKind.CARRIER: "carrier"}
    text = "decisions:\n" + "".join(
        f"  {each}:\n    ladder: [[{first.get(each, 'deputy_heads')}]]\n" for each in DecisionKind
    )
    (plan_dir / DECISIONS).write_text(f"{text}review_rounds: 0\n", encoding="utf-8")
    (plan_dir / SEVERITIES).write_text(
        (plan_dir / SEVERITIES)
        .read_text(encoding="utf-8")
        .replace("[10m, 5m]", "10m")
        .replace("[30m, 15m]", "30m")
        # every other list is one too long for a single rung as well
        .replace("[4h, 2h]", "4h"),
        encoding="utf-8",
    )

    decision = compile_plan(plan_dir).plan.decisions[kind]

    company = {DecisionKind.ORDERS, DecisionKind.REVIEW, DecisionKind.SEVERITY}
    binding = {*company, DecisionKind.RELEASE, DecisionKind.STATEMENT, DecisionKind.MAINTENANCE}
    assert decision.second_factor is (kind in binding)
    assert (decision.needed, decision.remind_at, decision.start_over) == ({}, 0, 0)
    assert (decision.hand_over, decision.more_time) == (False, None)


def test_a_contact_s_factor_delegate_and_days_are_compiled(plan_dir: Path, spoil: Spoil) -> None:
    later = f"      - {AWAY}\n"
    spoil(CONTACTS, later, f"{later}      - {{ from: 2026-02-02, until: 2026-02-03 }}\n    second_factor: totp\n")

    contact = compile_plan(plan_dir).plan.contact("chief-technology-officer")

    assert contact.second_factor is Factor.TOTP
    assert contact.delegate == "head-of-information-technology"
    assert [(absence.first, absence.last) for absence in contact.absences] == [
        (date(2026, 2, 2), date(2026, 2, 3)),
        (date(2026, 7, 13), date(2026, 7, 17)),
    ]


PEOPLE = ("a", "b", "c", "d", "e")
JULY = date(2026, 7, 1)


@st.composite
def contacts_with_absences(draw: st.DrawFn) -> Node:
    """Five contacts, most with a delegate and some with absences, as they would stand in the file."""
    return _node({name: _node(draw(_contact())) for name in PEOPLE})


@st.composite
def _contact(draw: st.DrawFn) -> dict[str, Node]:
    delegate = draw(st.sampled_from(["", *PEOPLE]))
    first, days = draw(st.integers(0, 9)), draw(st.integers(0, 4))
    away = {"from": JULY + timedelta(days=first), "until": JULY + timedelta(days=first + days)}
    spans = [_node({key: _node(str(on)) for key, on in away.items()})] if draw(st.booleans()) else []
    return {"delegate": _node(delegate), "away": _node(spans)}


def _node(value: dict[str, Node] | list[Node] | str) -> Node:
    return Node(CONTACTS, 1, "", value)


@given(contacts=contacts_with_absences())
@settings(max_examples=500)
def test_without_findings_somebody_is_there_for_everybody_on_every_day(contacts: Node) -> None:
    if list(check_absences(contacts)):
        return

    for offset in range(16):
        on = JULY + timedelta(days=offset)
        for name in PEOPLE:
            asked = stand_in(name, on, contacts)
            assert stand_in(asked, on, contacts) == asked


@given(contacts=contacts_with_absences())
@settings(max_examples=100)
def test_the_checks_know_stand_ins_as_the_plan_does(contacts: Node) -> None:
    small = small_plan()
    anybody = small.contact(small.leadership.head)
    plan = replace(
        small,
        contacts={
            name: replace(
                anybody,
                id=name,
                delegate=contact.get("delegate").text(),
                absences=tuple(Absence(first=first, last=last) for first, last, _ in absences(contact)),
            )
            for name, contact in contacts.entries().items()
        },
    )

    for offset in range(16):
        on = JULY + timedelta(days=offset)
        noon = datetime.combine(on, time(12), ZoneInfo(small.company.time_zone))
        for name in PEOPLE:
            assert stand_in(name, on, contacts) == plan.stand_in(name, noon)
