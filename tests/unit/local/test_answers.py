from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.engine.mail_faults import MailFaultKind
from local.rehearsal.answers import HELP, Press, Question, Reaction, parse_answers, read_answers
from local.rehearsal.errors import UnusableInputError
from tests.support.events import alarm


def question(**given: Any) -> Question:
    known: dict[str, Any] = {"address": "head@shop.example", "contact": "head", "kind": "orders", "team": ""}
    return Question(**{**known, **given})


def test_without_entries_everybody_does_the_natural_thing() -> None:
    assert parse_answers({}, "file").reaction(question()) == Reaction()


def test_silence_can_be_the_rule() -> None:
    assert parse_answers({"default": "silent"}, "file").reaction(question()) is None


def test_the_first_entry_that_fits_and_is_not_used_up_counts() -> None:
    script = parse_answers(
        {
            "answers": [
                {"who": "deputy-*", "silent": True},
                {"kind": "review", "press": "returned", "times": 1, "fields": {"comment": "Again."}},
                {"who": "HEAD@shop.example", "after": 90},
            ]
        },
        "file",
    )
    assert script.reaction(question(contact="deputy-2", address="d@shop.example")) is None
    review = question(kind="review")
    assert script.reaction(review) == Reaction(presses=(Press(button="returned"),), fields={"comment": "Again."})
    assert script.reaction(review) == Reaction(presses=(Press(after=90),))
    assert script.reaction(question(address="x@shop.example", contact="")) == Reaction()


def test_one_of_several_incidents_can_be_named() -> None:
    script = parse_answers({"answers": [{"incident": 2, "silent": True}]}, "file")
    assert script.reaction(question(incident=2)) is None
    assert script.reaction(question()) == Reaction()


def test_teams_can_be_named() -> None:
    script = parse_answers({"answers": [{"team": "technical_*", "silent": True}]}, "file")
    assert script.reaction(question(team="technical_support")) is None
    assert script.reaction(question(team="public_relations")) is not None


def test_buttons_can_be_pressed_one_after_another() -> None:
    script = parse_answers({"answers": [{"press": ["more_time", "completed"], "after": 60}]}, "file")
    presses = (Press(button="more_time", after=60), Press(button="completed", after=60))
    assert script.reaction(question()) == Reaction(presses=presses)


def test_mails_to_contacts_or_addresses_can_bounce() -> None:
    trouble = [{"who": "Head", "what": "bounce", "times": 2}, {"who": "*@partner.example", "what": "delay"}]
    bounce, delay = parse_answers({"mail": trouble}, "file").mail_faults(
        {"a[1]@shop.example": "head", "a1@shop.example": "deputy"}
    )
    assert (bounce.kind, bounce.times, delay.kind, delay.times) == (MailFaultKind.BOUNCE, 2, MailFaultKind.DELAY, None)
    assert bounce.hits(["A[1]@shop.example", "a1@shop.example"]) == ("A[1]@shop.example",)
    assert delay.hits(["x@partner.example", "x@shop.example"]) == ("x@partner.example",)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"answers": [{}, {"pres": "x"}]}, r"answers\[1\].pres: unknown key"),
        ({"answers": [{"after": -1}]}, r"answers\[0\].after: "),
        ({"answers": [{"times": 0}]}, r"answers\[0\].times: "),
        ({"answers": [{"silent": True, "press": "x"}]}, r"answers\[0\]: who stays silent presses and writes nothing"),
        ({"answers": [{"press": []}]}, r"answers\[0\].press"),
        ({"mail": [{"who": "head"}]}, r"mail\[0\].what: "),
        ({"mail": [{"what": "burn"}]}, r"mail\[0\].what: .*'bounce'"),
        ({"mail": [{"what": "bounce", "times": 0}]}, r"mail\[0\].times: "),
        ({"answers": "all"}, "answers: "),
        ({"default": "loud"}, "default: "),
        ({"replies": []}, "replies: unknown key"),
        ([], "file: "),
    ],
)
def test_a_bad_entry_is_named(content: Any, says: str) -> None:
    with pytest.raises(UnusableInputError, match=says) as error:
        parse_answers(content, "file")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [("a.yaml", "answers: [", "not YAML"), ("a.json", "{", "not JSON"), ("a.yaml", "answers: [1]", r"answers\[0\]")],
)
def test_a_bad_file_is_named(tmp_path: Path, name: str, text: str, says: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(UnusableInputError, match=says):
        read_answers(file)


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("answers:\n- {kind: orders, press: stand_down}\n")
    (tmp_path / "a.json").write_text('{"answers": [{"kind": "orders", "press": "stand_down"}]}')
    reactions = [read_answers(tmp_path / name).reaction(question()) for name in ("a.yaml", "a.json")]
    assert reactions[0] == reactions[1] == Reaction(presses=(Press(button="stand_down"),))
    (tmp_path / "empty.yaml").write_text("")
    assert read_answers(tmp_path / "empty.yaml").reaction(question()) == Reaction()


def test_a_press_can_have_its_own_time_and_fields() -> None:
    steps = ["tasks", {"press": "skip", "after": 5, "fields": {"reason": "No need."}}]
    script = parse_answers({"answers": [{"press": steps, "after": 60, "fields": {"tasks": "all"}}]}, "file")
    presses = (Press(button="tasks", after=60), Press(button="skip", after=5, fields={"reason": "No need."}))
    assert script.reaction(question()) == Reaction(presses=presses, fields={"tasks": "all"})


def test_what_happens_later_stands_in_the_file_or_in_one_beside_it(tmp_path: Path) -> None:
    (tmp_path / "worse.json").write_text(json.dumps(alarm(event_id="worse")))
    later = [{"after": 900, "event": "worse.json"}, {"after": 1200, "event": alarm(state="OK", event_id="off")}]
    (tmp_path / "a.json").write_text(json.dumps({"signals": later}))
    signals = read_answers(tmp_path / "a.json").signals
    assert [(one.after, one.event["id"]) for one in signals] == [(900, "worse"), (1200, "off")]


def test_an_event_that_isn_t_there_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"signals": [{"after": 1, "event": "nowhere.json"}]}))
    with pytest.raises(UnusableInputError, match="nowhere"):
        read_answers(tmp_path / "a.json")


def test_one_question_can_be_named() -> None:
    script = parse_answers({"answers": [{"decision": "notice-gdpr-*", "silent": True}]}, "file")
    assert script.reaction(question(kind="notice", decision="notice-gdpr-article-33")) is None
    assert script.reaction(question(kind="notice", decision="notice-nis2-early-warning")) is not None


def test_who_is_called_to_help_does_nothing_but_what_an_entry_for_helpers_says() -> None:
    helper = question(kind=HELP, contact="engineer")
    assert parse_answers({}, "file").reaction(helper) is None
    answers = [{"press": "completed"}, {"kind": "help", "who": "engineer", "press": "tasks"}]
    script = parse_answers({"answers": answers}, "file")
    assert script.reaction(helper) == Reaction(presses=(Press(button="tasks"),))
    assert script.reaction(question(kind="complete")) == Reaction(presses=(Press(button="completed"),))
    assert parse_answers({"answers": answers[1:]}, "file").reaction(question(kind="complete")) == Reaction()
