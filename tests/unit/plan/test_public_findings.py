"""Each kind of mistake is found about what customers notice: hotlines, carriers, and what the public is told."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from emergency.domain.plan import CARRIER_PREFIX, DEFAULT_PLAYBOOK, ContactCentre, Lane, Plan, Region
from emergency.domain.statement import BODY_LIMIT, TITLE_LIMIT
from emergency.domain.terms import Phase, Risk
from infra.plan_compiler import CompiledPlan, compile_plan
from infra.plan_compiler.shape import GREETING_LIMIT
from tests.unit.plan.conftest import Spoil, expect_finding, findings_of

COMMUNICATIONS = "communications.yaml"
CONTACTS = "contacts.yaml"
DEADLINES = "deadlines.yaml"
ORGANISATION = "organisation.yaml"
PLAYBOOK = "playbooks/logistics_delay.yaml"
RESOURCES = "resources.yaml"

CENTRE = """\
contact_centre:
  instance: 6f1b2c84-3d5e-4a97-8c21-b0e7d94f5a13
  queue: 2a9d7e51-84c3-4f06-9b7a-1d52c6e8f034
  hours: c41e80b6-7f29-4d3b-a5e8-96f203d7b1ca
"""
FLOW = "    flow: b7e24c19-05fa-4d8e-93c6-2f81a0d7e54c\n"
NUMBER = "    phone_number: 58d03f7e-1c6b-49a2-b8f4-e7a915c2d60b\n"
KOWLOON = "kowloon: { cost: 8400, parcels: 5600 }"
DEFAULT_GREETING = "    zh-Hant: 感謝您致電{company}。我們的服務目前有異常，正在查明原因。現在為您轉接客服人員。\n"
DEFAULT_TITLE = "        en: We are looking into a problem at {company}\n"
TITLE = f'        en: "{"x" * (TITLE_LIMIT - 39)}{{company}}"\n'

# file, what stands there, what is written instead, and the finding after `file:line: `
MISTAKES = {
    # hotlines
    "two hotlines with one flow": (
        RESOURCES,
        "flow: 3e8f5b70-d2a6-4c91-8e14-75c0b9f2a6d3",
        "flow: b7e24c19-05fa-4d8e-93c6-2f81a0d7e54c",
        (
            "hotlines[taiwan-2].flow: 'b7e24c19-05fa-4d8e-93c6-2f81a0d7e54c' stands here a second time "
            "(first as hotlines[taiwan-1].flow, line "
        ),
    ),
    "two hotlines with one number of Amazon Connect": (
        RESOURCES,
        "phone_number: 9c4a61d2-e83f-4b05-a7d9-0f36b8e1c247",
        "phone_number: 58d03f7e-1c6b-49a2-b8f4-e7a915c2d60b",
        "hotlines[taiwan-2].phone_number: '58d03f7e-1c6b-49a2-b8f4-e7a915c2d60b' stands here a second time",
    ),
    "a hotline with another's number": (
        RESOURCES,
        'number: "+886 2 0000 0802"',
        'number: "+886 2 0000 0801"',
        "hotlines[taiwan-2].number: '+886 2 0000 0801' stands here a second time",
    ),
    "ids of Amazon Connect without an instance": (
        RESOURCES,
        CENTRE,
        "",
        (
            "hotlines[taiwan-1]: has ids of Amazon Connect, but the plan names no instance; "
            "add 'contact_centre:' with instance, queue and hours, or remove the ids"
        ),
    ),
    "a hotline without its flow": (
        RESOURCES,
        FLOW,
        "",
        (
            "hotlines[taiwan-1].flow: is missing, and without it Amazon Connect can't switch the number by its "
            "'phone_number'; add 'flow:', or remove 'phone_number' and switch the number by hand"
        ),
    ),
    "a hotline without its number's id": (
        RESOURCES,
        NUMBER,
        "",
        "hotlines[taiwan-1].phone_number: is missing, and without it Amazon Connect can't switch the number by its 'flow'",
    ),
    "an instance by its ARN": (
        RESOURCES,
        "instance: 6f1b2c84",
        "instance: arn:aws:connect:ap-northeast-1:111122223333:instance/6f1b2c84",
        (
            "contact_centre.instance: 'arn:aws:connect:ap-northeast-1:111122223333:instance/6f1b2c8…' "
            "is not an id of Amazon Connect; write what stands last in its ARN"
        ),
    ),
    "an instance without a queue": (
        RESOURCES,
        "  queue: 2a9d7e51-84c3-4f06-9b7a-1d52c6e8f034\n",
        "",
        "contact_centre.queue: is missing; add 'queue:'",
    ),
    # regions and carriers
    "a lane in an unknown region": (
        RESOURCES,
        KOWLOON,
        "kowlon: { cost: 8400, parcels: 5600 }",
        "carriers[harbour-express].lanes.kowlon: there is no region 'kowlon'; did you mean 'kowloon'?",
    ),
    "a region that no carrier delivers to": (
        RESOURCES,
        "      taiwan-islands: { cost: 14500, parcels: 800 }\n",
        "",
        "regions.taiwan-islands: no carrier delivers there; add it to a carrier's 'lanes', or remove it",
    ),
    "a name for two regions": (
        RESOURCES,
        "also: [KLN]",
        "also: [KLN, ｎｔ]",
        "regions.new-territories.also[1]: 'NT' names the region on line ",
    ),
    "a region called as another one's id": (
        RESOURCES,
        "also: [KLN]",
        "also: [Taiwan-East]",
        "regions.taiwan-east: 'taiwan-east' names the region on line ",
    ),
    "a carrier without lanes": (
        RESOURCES,
        """\
    lanes:
      hong-kong: { cost: 8800, parcels: 4200 }
      kowloon: { cost: 8400, parcels: 5600 }
      new-territories: { cost: 9600, parcels: 3900 }
""",
        "    lanes: {}\n",
        "carriers[harbour-express].lanes: has no entry; write at least one",
    ),
    "lanes as regions were once": (
        RESOURCES,
        "    lanes:\n",
        "    regions: [kowloon]\n    lanes:\n",
        (
            "carriers[harbour-express].regions: is where a carrier's regions stood in earlier plans; each now says its "
            "cost and parcels; write 'lanes:', and below it the region with '{ cost: 6500, parcels: 1200 }'"
        ),
    ),
    "a lane that costs nothing": (
        RESOURCES,
        KOWLOON,
        "kowloon: { cost: 0, parcels: 5600 }",
        "carriers[harbour-express].lanes.kowloon.cost: 0 is too small; write 1 or more",
    ),
    "a lane with fewer parcels than none": (
        RESOURCES,
        KOWLOON,
        "kowloon: { cost: 8400, parcels: -1 }",
        "carriers[harbour-express].lanes.kowloon.parcels: -1 is too small; write 0 or more",
    ),
    "a usual day beyond the capacity": (
        RESOURCES,
        "daily_capacity: 18000",
        "daily_capacity: 13699",
        (
            "carriers[harbour-express].daily_capacity: is less than the 13700 parcels that its lanes have on a usual day; "
            "write 13700 or more"
        ),
    ),
    "a cut-off that is no time of day": (
        RESOURCES,
        'cut_off: "18:00"',
        'cut_off: "24:00"',
        "carriers[harbour-express].cut_off: '24:00' is not a time of day; write hours and minutes in quotes, like '17:30'",
    ),
    "a cut-off as a number": (RESOURCES, 'cut_off: "18:00"', "cut_off: 18", "cut_off: '18' is not a time of day"),
    "a cut-off as a list": (RESOURCES, 'cut_off: "18:00"', "cut_off: [18]", "cut_off: is not a time of day"),
    "a carrier's unknown locale": (
        RESOURCES,
        'contact_phone: "+852 0000 0901"\n    locale: zh-Hant',
        'contact_phone: "+852 0000 0901"\n    locale: ja',
        "carriers[harbour-express].locale: the plan has no words in 'ja'",
    ),
    "a carrier's id twice": (
        RESOURCES,
        "id: lion-rock-courier",
        "id: harbour-express",
        "the id 'harbour-express' is taken",
    ),
    "two carriers at one address": (
        RESOURCES,
        "control@lion-rock-courier.example",
        "dispatch@harbour-express.example",
        "carriers[lion-rock-courier].contact_email: 'dispatch@harbour-express.example' stands here a second time",
    ),
    "a carrier who is a contact": (
        CONTACTS,
        "  social-media-editor:",
        "  carrier-corner-pickup:",
        ("carriers[corner-pickup].id: the carrier is asked as 'carrier-corner-pickup', which is a contact (line "),
    ),
    "a carrier who is told about clocks": (
        DEADLINES,
        "- { at: 100%, to: [owner, team_lead] }",
        "- { at: 100%, to: [owner, carrier] }",
        "tasks[2].to[2]: a carrier is asked about its parcels alone; write another role, like team_lead",
    ),
    "a carrier who owns a task": (
        PLAYBOOK,
        "owner: team_deputies",
        "owner: carrier",
        "nobody holds the role carrier for the team 'logistics_support'",
    ),
    "a carrier who hears of shortages": (
        RESOURCES,
        "shortage_to: [deputy_heads]",
        "shortage_to: [deputy_heads, carrier]",
        "shortage_to[2]: 'carrier' doesn't decide about the company's resources",
    ),
    # what the public is told
    "a public locale that the plan lacks": (
        COMMUNICATIONS,
        "locales: [zh-Hant, en]",
        "locales: [zh-Hant, en, zh-Han]",
        "locales[3]: the plan has no texts in 'zh-Han'; did you mean 'zh-Hant'?",
    ),
    "a public locale twice": (
        COMMUNICATIONS,
        "locales: [zh-Hant, en]",
        "locales: [zh-Hant, en, en]",
        "locales[3]: 'en' stands here a second time",
    ),
    "no public locale": (COMMUNICATIONS, "locales: [zh-Hant, en]", "locales: []", "locales: has no entry"),
    "a public locale without a voice": (
        COMMUNICATIONS,
        "locales: [zh-Hant, en]",
        "locales: [zh-Hant, en, zh-Hans]",
        (
            "voices: nobody says the hotline's greeting in 'zh-Hans'; "
            "add 'zh-Hans: { name: …, language: … }' with a voice of Amazon Polly"
        ),
    ),
    "a voice that nobody hears": (
        COMMUNICATIONS,
        "  en: { name: Joanna, language: en-US }",
        "  en: { name: Joanna, language: en-US }\n  zh-Hans: { name: Zhiyu, language: cmn-CN }",
        "voices.zh-Hans: 'zh-Hans' is not one of the public's locales; did you mean 'zh-Hant'?",
    ),
    "a voice that is none": (
        COMMUNICATIONS,
        "name: Joanna",
        "name: joanna",
        "voices.en.name: 'joanna' is not a voice of Amazon Polly; write its name as Polly does, like Joanna",
    ),
    "a voice without its language": (
        COMMUNICATIONS,
        "language: en-US",
        "language: english",
        "voices.en.language: 'english' is not the language of a voice; write it as Polly does, like en-US",
    ),
    "a newsroom that no statement is written for": (
        COMMUNICATIONS,
        "email: business@harbour-post.example\n    locale: en",
        "email: business@harbour-post.example\n    locale: zh-Hans",
        "media[harbour-post].locale: no statement is written in 'zh-Hans'; did you mean 'zh-Hant'?",
    ),
    "a newsroom twice": (
        COMMUNICATIONS,
        "business@harbour-post.example",
        "newsdesk@strait-daily.example",
        "media[harbour-post].email: 'newsdesk@strait-daily.example' stands here a second time",
    ),
    "a newsroom's id twice": (COMMUNICATIONS, "id: harbour-post", "id: strait-daily", "the id 'strait-daily' is taken"),
    "statements for an unknown playbook": (
        COMMUNICATIONS,
        "statements:\n  system_failure:",
        "statements:\n  system_failures:",
        "statements.system_failures: there is no playbook 'system_failures'; did you mean 'system_failure'?",
    ),
    "a greeting for an unknown playbook": (
        COMMUNICATIONS,
        "greetings:\n  system_failure:",
        "greetings:\n  outage:",
        "greetings.outage: there is no playbook 'outage'; write one of: ",
    ),
    "an unknown phase": (
        COMMUNICATIONS,
        "    update:\n",
        "    updated:\n",
        "statements.system_failure.updated: 'updated' is not known; did you mean 'update'?",
    ),
    "a missing phase": (
        COMMUNICATIONS,
        "    update:\n",
        "    updated:\n",
        "statements.system_failure: 'update' is missing; add 'update:'",
    ),
    "an unknown placeholder": (
        COMMUNICATIONS,
        DEFAULT_TITLE,
        "        en: We are looking into a problem at {firm}\n",
        "statements.default.first_notice.title: nothing fills '{firm}' here; write one of: company, hotline, next_update, since",
    ),
    "a placeholder that one language lacks": (
        COMMUNICATIONS,
        DEFAULT_TITLE,
        "        en: We are looking into a problem\n",
        "statements.default.first_notice.title: the placeholders differ between locales (en: none; zh-Hant: company",
    ),
    "braces that name nothing": (
        COMMUNICATIONS,
        DEFAULT_TITLE,
        "        en: We are looking into a problem at {company\n",
        "statements.default.first_notice.title: has braces in en that name nothing; write placeholders like {company}",
    ),
    "a greeting that names the next update": (
        COMMUNICATIONS,
        DEFAULT_GREETING,
        "    zh-Hant: 感謝您致電{next_update}。\n",
        "greetings.default: nothing fills '{next_update}' here; write one of: company, since",
    ),
    "a greeting that is too long": (
        COMMUNICATIONS,
        DEFAULT_GREETING,
        f"    zh-Hant: {'我' * (GREETING_LIMIT - 39)}{{company}}\n",
        "greetings.default: has 401 characters in zh-Hant with its placeholders filled, and 400 is the most; write it shorter",
    ),
    "a title that is too long": (
        COMMUNICATIONS,
        DEFAULT_TITLE,
        TITLE,
        "statements.default.first_notice.title: has 121 characters in en with its placeholders filled, and 120 is the most",
    ),
    "a text that is too long": (
        COMMUNICATIONS,
        "          If something does not work for you, please try again later.\n",
        f"          {'x' * BODY_LIMIT}\n",
        "statements.default.first_notice.text: has 2",
    ),
    "markup in a statement": (
        COMMUNICATIONS,
        DEFAULT_TITLE,
        "        en: We are <b>looking</b> into a problem at {company}\n",
        "statements.default.first_notice.title: has markup in en: '<b>'; write plain words",
    ),
    "markup in a greeting": (
        COMMUNICATIONS,
        DEFAULT_GREETING,
        "    zh-Hant: 感謝您致電{company}<break/>。\n",
        "greetings.default: has markup in zh-Hant: '<break/>'; write plain words",
    ),
    "a text that turns the reading direction": (
        COMMUNICATIONS,
        "          If something does not work for you, please try again later.\n",
        "          If something does \u202enot work for you, please try again later.\n",
        "statements.default.first_notice.text.en: has an invisible character in 'If something does \\u202enot work",
    ),
    "empty lines that part nothing": (
        COMMUNICATIONS,
        "          If something does not work for you, please try again later.\n",
        "\n          If something does not work for you, please try again later.\n",
        "statements.default.first_notice.text.en: has empty lines that part nothing; write one empty line between",
    ),
    "a line with a space at its end": (
        COMMUNICATIONS,
        "          If something does not work for you, please try again later.\n",
        "          If something does not work for you, please try again later. \n",
        "statements.default.first_notice.text.en: has a line that begins or ends with a space",
    ),
    "a last word that names the next update": (
        COMMUNICATIONS,
        "          The problem that began on {since} is solved.",
        "          The problem that began on {since} is solved {next_update}.",
        (
            "statements.default.resolved.text: names the next update, and none follows when all is resolved; "
            "leave '{next_update}' out"
        ),
    ),
    "a question without an answer": (
        COMMUNICATIONS,
        "    - question: { en: How do I hear more?,",
        "    - query: { en: How do I hear more?,",
        "answers.default[5].question: is missing; add 'question:'",
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "finding"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_about_what_customers_notice_is_found(
    plan_dir: Path, spoil: Spoil, file: str, old: str, new: str, finding: str
) -> None:
    spoil(file, old, new)

    expect_finding(plan_dir, finding)


@pytest.mark.parametrize("part", ["greetings", "statements", "answers"])
def test_what_has_no_words_of_its_own_needs_the_default_ones(plan_dir: Path, part: str) -> None:
    path = plan_dir / COMMUNICATIONS
    before, heading, after = path.read_text(encoding="utf-8").partition(f"\n{part}:\n")
    path.write_text(before + heading + after.replace("  default:\n", "  defaults:\n", 1), encoding="utf-8")

    expect_finding(plan_dir, f"communications.yaml:{before.count(chr(10)) + 2}: {part}: 'default' is missing")


def test_communications_can_t_be_left_out(plan_dir: Path) -> None:
    (plan_dir / COMMUNICATIONS).unlink()

    assert findings_of(plan_dir) == [
        "communications.yaml:1: file: is missing; add the file 'communications.yaml' as the example plan has it"
    ]


def test_an_instance_that_answers_no_hotline_is_found(plan_dir: Path) -> None:
    path = plan_dir / RESOURCES
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    by_hand = [line for line in lines if not line.startswith(("    phone_number: ", "    flow: "))]
    path.write_text("".join(by_hand), encoding="utf-8")
    expect_finding(plan_dir, "contact_centre: answers no hotline, as none has its ids")

    path.write_text("".join(by_hand).replace(CENTRE, ""), encoding="utf-8")
    plan = compile_plan(plan_dir).plan
    assert plan.contact_centre is None
    assert {(hotline.phone_number, hotline.flow) for hotline in plan.hotlines} == {("", "")}


def test_a_number_can_be_switched_by_hand_beside_others_on_amazon_connect(plan_dir: Path, spoil: Spoil) -> None:
    spoil(RESOURCES, NUMBER + FLOW, "")

    by_hand, *others = compile_plan(plan_dir).plan.hotlines

    assert not by_hand.flow
    assert all(hotline.flow for hotline in others)


def test_a_playbook_can_leave_its_words_to_the_default_ones(plan_dir: Path) -> None:
    path = plan_dir / COMMUNICATIONS
    text = path.read_text(encoding="utf-8")
    for part in ("statements", "answers"):
        before, heading, after = text.partition(f"\n{part}:\n")
        _, following, rest = after.partition("  data_breach:\n")
        text = before + heading + following + rest
    path.write_text(text, encoding="utf-8")

    said = compile_plan(plan_dir).plan.communications

    assert Risk.SYSTEM_FAILURE not in said.statements
    assert Risk.SYSTEM_FAILURE not in said.answers
    assert {Risk.DATA_BREACH, DEFAULT_PLAYBOOK} <= said.statements.keys()


def test_phases_are_compiled_in_their_order(plan_dir: Path, spoil: Spoil) -> None:
    spoil(COMMUNICATIONS, "    first_notice:\n", "    second:\n")
    spoil(COMMUNICATIONS, "    update:\n", "    first_notice:\n")
    spoil(COMMUNICATIONS, "    second:\n", "    update:\n")

    assert list(compile_plan(plan_dir).plan.communications.statements[Risk.SYSTEM_FAILURE]) == list(Phase)


@pytest.fixture(scope="module")
def plan(example: CompiledPlan) -> Plan:
    return example.plan


def test_what_customers_notice_is_compiled_as_it_is_written(plan: Plan) -> None:
    carrier = plan.carriers["harbour-express"]
    assert carrier.lanes["kowloon"] == Lane(cost=8400, parcels=5600)
    assert (carrier.cut_off, carrier.contact.id) == (time(18), f"{CARRIER_PREFIX}harbour-express")
    assert plan.regions["kowloon"] == Region(
        name={"en": "Kowloon", "zh-Hant": "九龍", "zh-Hans": "九龙"}, also=("KLN",)
    )
    assert plan.contact_centre == ContactCentre(
        instance="6f1b2c84-3d5e-4a97-8c21-b0e7d94f5a13",
        queue="2a9d7e51-84c3-4f06-9b7a-1d52c6e8f034",
        hours="c41e80b6-7f29-4d3b-a5e8-96f203d7b1ca",
    )
    text = plan.communications.statements[DEFAULT_PLAYBOOK][Phase.FIRST_NOTICE].text["en"]
    assert text.count("\n\n") == 2
    assert "\n\n\n" not in text
