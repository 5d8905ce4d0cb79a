from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from local.rehearsal.browser import Page
from local.rehearsal.forms import (
    Form,
    FormError,
    find_button,
    find_code_form,
    find_file_form,
    find_link,
    read_forms,
)

PAGE = """<!doctype html><html><body><form method="get" action="/search"><input name="q"></form>
<form method="POST" action="decide?x=1">
  <input type="hidden" name="nonce" value="a&amp;b">
  <label>Comment <textarea name="comment" required>
</textarea></label>
  <textarea name="kept">two
lines &lt;b&gt;</textarea>
  <select name="severity"><option value="SEV1">I</option><option value="SEV2" selected>II</option></select>
  <select name="first"><option value="a">A</option><option value="b">B</option></select>
  <input type="checkbox" name="team" value="tech" checked><input type="checkbox" name="team" value="pr">
  <input type="radio" name="size" value="s"><input type="radio" name="size" value="m" checked>
  <input type="radio" name="must" value="1" required><input type="radio" name="must" value="2">
  <input name="phone" required value="">
  <input name="off" disabled value="no"><input type="file" name="file">
  <button type="button" name="x" value="y">Not me</button>
  <button name="outcome" value="activate"><strong>Activate</strong>  the plan</button>
  <input type="submit" name="outcome" value="stand_down">
  <button name="later" value="1" formaction="/later">Later</button>
</form></body></html>"""


@pytest.fixture
def form() -> Form:
    return read_forms(PAGE)[1]


def submitted(form: Form, press: str | None = None) -> tuple[str, list[tuple[str, str]]]:
    found = find_button([form], press)
    assert found is not None
    sent = form.submission(found[1], "http://local/d/abc")
    assert sent.content_type == "application/x-www-form-urlencoded"
    return sent.url, parse_qsl(sent.body.decode(), keep_blank_values=True)


def test_a_page_can_hold_several_forms() -> None:
    assert [form.method for form in read_forms(PAGE)] == ["get", "post"]


def test_the_form_is_submitted_as_a_browser_would(form: Form) -> None:
    form.fill({}, "Done.")
    url, pairs = submitted(form)
    assert url == "http://local/d/decide?x=1"
    assert pairs == [
        ("nonce", "a&b"),
        ("comment", "Done."),
        ("kept", "two\nlines <b>"),
        ("severity", "SEV2"),
        ("first", "a"),
        ("team", "tech"),
        ("size", "m"),
        ("must", "1"),
        ("phone", "Done."),
        ("outcome", "activate"),
    ]


def test_fields_and_button_can_be_chosen(form: Form) -> None:
    form.fill({"comment": "No.", "team": ["tech", "pr"], "severity": "SEV1"}, "Done.")
    _, pairs = submitted(form, "stand_down")
    assert {("comment", "No."), ("team", "pr"), ("severity", "SEV1"), ("outcome", "stand_down")} <= set(pairs)
    assert ("outcome", "activate") not in pairs


def test_a_button_may_have_its_own_address_and_be_named_by_its_text(form: Form) -> None:
    assert submitted(form, "Later")[0] == "http://local/later"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"colour": "red"}, "no field 'colour'; its fields: comment"),
        ({"nonce": "forged"}, "no field 'nonce'"),
        ({"severity": "SEV9"}, "takes SEV1, SEV2, not 'SEV9'"),
        ({"team": ["tech", "x"]}, "takes tech, pr"),
    ],
)
def test_what_the_form_does_not_have_is_named(form: Form, fields: dict[str, str], says: str) -> None:
    with pytest.raises(FormError, match=says):
        form.fill(fields, "Done.")


def test_an_unknown_button_is_named(form: Form) -> None:
    with pytest.raises(FormError, match="no button 'explode'; its buttons: activate, stand_down, 1"):
        find_button([form], "explode")


@pytest.mark.parametrize("press", [None, "x"])
def test_a_form_without_a_button_cannot_be_pressed(press: str | None) -> None:
    assert find_button(read_forms("<form method=post></form>"), press) is None


def test_a_form_that_only_searches_is_no_answer() -> None:
    assert find_button(read_forms("<form><button>Find</button></form>")) is None


def test_a_form_without_an_action_posts_to_its_page() -> None:
    (form,) = read_forms("<form method=post><button>Go</button></form>")
    found = find_button([form])
    assert found is not None
    sent = form.submission(found[1], "http://local/d/abc")
    assert (sent.url, sent.body) == ("http://local/d/abc", b"")


def test_a_code_is_asked_for_by_a_form_that_takes_one() -> None:
    forms = read_forms("<form method=post><input name=comment></form><form method=post><input name=code></form>")
    assert find_code_form(forms) is forms[1]
    assert find_code_form(forms[:1]) is None


def test_all_boxes_can_be_ticked_and_a_choice_be_named_by_a_pattern(form: Form) -> None:
    form.fill({"team": "all", "severity": "*1"}, "Done.")
    _, pairs = submitted(form)
    assert [value for name, value in pairs if name == "team"] == ["tech", "pr"]
    assert ("severity", "SEV1") in pairs


def test_a_link_is_found_by_how_its_path_ends() -> None:
    page = '<a name="x">No</a><a href="/d/abc?file">No</a><a href="abc/file?x=1">Yes</a><a href="/other/file">No</a>'
    assert find_link(page, "http://local/d/abc", "/file") == "http://local/d/abc/file?x=1"
    assert find_link("<p>/file</p>", "http://local/d/abc", "/file") is None


def test_a_file_is_sent_by_the_form_that_takes_one() -> None:
    forms = read_forms(
        "<form method=post><button>No</button></form><form method=post><input type=file name=f></form>"
        "<form method=post action=/bucket><input type=file name=file><button>Send</button></form>"
    )
    found = find_file_form(forms)
    assert found is not None
    assert (found[0].action, found[1].text) == ("/bucket", "Send")
    assert find_file_form(forms[:2]) is None


@pytest.mark.parametrize(
    ("policy", "target", "allowed"),
    [
        ("", "http://elsewhere/x", True),
        ("default-src 'none'; form-action 'self' https://bucket.example", "http://local/x", True),
        ("default-src 'none'; form-action 'self' https://bucket.example", "https://bucket.example/", True),
        ("default-src 'none'; form-action 'self'", "https://bucket.example/", False),
        ("form-action https://bucket.example", "http://local/x", False),
        ("form-action 'none'", "http://local/x", False),
    ],
)
def test_a_page_says_where_its_forms_may_go(policy: str, target: str, *, allowed: bool) -> None:
    assert Page(200, "http://local/d/abc", "", policy).lets_post_to(target) is allowed
