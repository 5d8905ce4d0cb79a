"""The people of rehearsals before pages with several forms, codes and cookies; real HTTP, no engine."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pyotp
import pytest
from python_multipart import parse_form

from local.mailbox import Mailbox, read_mail
from local.rehearsal import people as rehearsal_people
from local.rehearsal.answers import Visitor, parse_answers
from local.rehearsal.people import REFERENCE, SENTENCE, People
from local.rehearsal.visitors import Visitors

if TYPE_CHECKING:
    from pathlib import Path

QUESTION = """
<form method="post"><input type="hidden" name="nonce" value="t"><input type="checkbox" name="tasks" value="a">
<input type="checkbox" name="tasks" value="b" checked><button name="action" value="tasks">Tick</button></form>
<form method="post"><input type="hidden" name="nonce" value="q"><textarea name="comment"></textarea>
<button name="outcome" value="completed">Completed</button><button name="outcome" value="gave_up">Given up</button></form>
<form method="post"><input type="hidden" name="nonce" value="m"><textarea name="reason" required></textarea>
<button name="action" value="more_time">More time</button></form>
<form method="post"><select name="resource" required><option value="">Choose</option><option value="vm">Server</option>
</select><input name="amount" inputmode="numeric" required><input type="number" name="days" min="2" required>
<button name="action" value="request">Request</button></form>
<form method="post" enctype="multipart/form-data"><input type="hidden" name="nonce" value="n">
<textarea name="note"></textarea><input type="file" name="file"><button name="action" value="note">Add</button></form>
"""
CODE_PAGE = """
<form method="post"><input type="hidden" name="nonce" value="c"><input type="text" name="code" inputmode="numeric" required>
<button name="action" value="confirm">Confirm</button></form>
<form method="post"><button name="action" value="send_again">Send another</button></form>
"""
THANKS = "<p>Thank you</p>"


@dataclass
class Post:
    path: str
    fields: dict[str, list[str]]
    files: dict[str, tuple[str, bytes]]
    cookies: str


@dataclass
class Answered:
    status: int = 200
    html: str = THANKS
    cookies: tuple[str, ...] = ()
    location: str = ""


@dataclass
class Site:
    """Pages that ask: `question`, or by path those of `pages`. `answer` says what a post leads to."""

    answer: Callable[[Post], Answered] = lambda _: Answered()
    question: str = QUESTION
    posts: list[Post] = field(default_factory=list)
    gets: list[tuple[str, str]] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    policy: str = ""
    url: str = ""

    def pressed(self) -> list[str]:
        return [post.fields[name][0] for post in self.posts for name in ("outcome", "action") if name in post.fields]


@pytest.fixture
def site() -> Iterator[Site]:
    pages = Site()

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            pages.gets.append((self.path, self.headers.get("Cookie", "")))
            self._send(Answered(html=pages.pages.get(self.path, pages.question)))

        def do_POST(self) -> None:
            fields, files = posted(self)
            post = Post(self.path, fields, files, self.headers.get("Cookie", ""))
            pages.posts.append(post)
            self._send(pages.answer(post))

        def _send(self, answered: Answered) -> None:
            self.send_response(answered.status)
            if pages.policy:
                self.send_header("Content-Security-Policy", pages.policy)
            for cookie in answered.cookies:
                self.send_header("Set-Cookie", cookie)
            if answered.location:
                self.send_header("Location", answered.location)
            self.send_header("Content-Length", str(len(answered.html)))
            self.end_headers()
            self.wfile.write(answered.html.encode())

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    pages.url = f"http://127.0.0.1:{server.server_port}"
    yield pages
    server.shutdown()
    server.server_close()


def posted(request: http.server.BaseHTTPRequestHandler) -> tuple[dict[str, list[str]], dict[str, tuple[str, bytes]]]:
    kind, length = request.headers["Content-Type"], int(request.headers["Content-Length"])
    if not kind.startswith("multipart/"):
        return parse_qs(request.rfile.read(length).decode(), keep_blank_values=True), {}
    fields: dict[str, list[str]] = {}
    files: dict[str, tuple[str, bytes]] = {}

    def on_file(part: Any) -> None:
        part.file_object.seek(0)
        files[part.field_name.decode()] = (part.file_name.decode(), part.file_object.read())

    def on_field(part: Any) -> None:
        fields.setdefault(part.field_name.decode(), []).append((part.value or b"").decode())

    headers = {"Content-Type": kind.encode(), "Content-Length": str(length).encode()}
    parse_form(headers, request.rfile, on_field, on_file)
    return fields, files


@dataclass
class Rehearsing:
    """People before a site, and what they said."""

    site: Site
    mailbox: Mailbox = field(default_factory=Mailbox)
    totp_secrets: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    def people(self, *entries: Mapping[str, Any], time_scale: float = 1000) -> People:
        contacts = {"head": {"email": "head@shop.example"}, "cto": {"email": "cto@shop.example"}}
        stack: Any = SimpleNamespace(
            url=self.site.url,
            mailbox=self.mailbox,
            totp_secrets=self.totp_secrets,
            reader=SimpleNamespace(decision=lambda _, decision: {"kind": decision, "team": None}, incidents=lambda: ()),
            compiled_plan=lambda: {"contacts": contacts},
        )
        script = parse_answers({"answers": list(entries)}, "the test's answers")
        return People(stack, script, time_scale=time_scale, tell=self.told.append)

    def mail(
        self,
        text: str,
        to: str = "head",
        purpose: str = "question",
        decision: str = "complete",
        lost: str = "",
        **headers: str,
    ) -> None:
        message = EmailMessage()
        for name, value in headers.items():
            message[name] = value
        message["To"] = f"{to}@shop.example"
        message["X-Emergency-Incident"], message["X-Emergency-Decision"] = "INC-1", decision
        message["X-Emergency-Purpose"] = purpose
        message.set_content(text)
        number = len(self.mailbox.mails)
        mail = read_mail(message.as_string(), [], str(number), datetime.now(UTC))
        self.mailbox.deliver(replace(mail, lost=lost))

    def ask(self, link: str = "one", **options: str) -> None:
        self.mail(f"Please look: {self.site.url}/d/{link}\n", **options)


@pytest.fixture
def rehearsing(site: Site) -> Rehearsing:
    return Rehearsing(site)


def work(people: People, until: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "the people did not get there"
        people.work()
        time.sleep(0.01)


def idle(people: People, seconds: float = 0.3) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        people.work()
        time.sleep(0.01)


def test_the_natural_thing_is_the_first_button_that_answers(rehearsing: Rehearsing, site: Site) -> None:
    people = rehearsing.people()
    rehearsing.ask()
    work(people, lambda: site.posts)
    assert site.posts[0].fields == {"nonce": ["q"], "comment": [""], "outcome": ["completed"]}
    idle(people)
    assert (len(site.posts), people.problems) == (1, [])


def test_a_page_without_an_answer_left_is_let_be(rehearsing: Rehearsing, site: Site) -> None:
    site.question = '<form method="post"><button name="action" value="note">Add</button></form>'
    people = rehearsing.people()
    rehearsing.ask()
    work(people, lambda: any("nothing to answer" in said for said in rehearsing.told))
    assert site.posts == []


def test_an_action_is_found_in_its_own_form_and_leaves_the_question_open(rehearsing: Rehearsing, site: Site) -> None:
    site.answer = lambda post: Answered(303, "", location="/d/one?done=1") if "action" in post.fields else Answered()
    people = rehearsing.people({"press": ["more_time", "completed"], "after": 400, "fields": {"comment": "Done."}})
    started = time.monotonic()
    rehearsing.ask()
    work(people, lambda: len(site.posts) == 2)
    assert site.posts[0].fields == {"nonce": ["m"], "reason": [SENTENCE], "action": ["more_time"]}
    assert site.posts[1].fields == {"nonce": ["q"], "comment": ["Done."], "outcome": ["completed"]}
    assert time.monotonic() - started > 0.8
    assert people.problems == []


def test_what_is_required_is_filled_in_by_its_kind(rehearsing: Rehearsing, site: Site) -> None:
    people = rehearsing.people({"press": "request"})
    rehearsing.ask()
    work(people, lambda: site.posts)
    assert site.posts[0].fields == {"resource": ["vm"], "amount": ["1"], "days": ["2"], "action": ["request"]}


def test_boxes_and_amounts_can_be_given(rehearsing: Rehearsing, site: Site) -> None:
    fields = {"tasks": ["a", "b"], "amount": "300"}
    people = rehearsing.people({"press": ["tasks", "request"], "fields": fields})
    rehearsing.ask()
    work(people, lambda: len(site.posts) == 2)
    assert (site.posts[0].fields["tasks"], site.posts[1].fields["amount"]) == (["a", "b"], ["300"])


def test_a_field_that_no_pressed_form_has_is_a_problem(rehearsing: Rehearsing, site: Site) -> None:
    people = rehearsing.people({"press": ["tasks", "request"], "fields": {"tasks": "a", "reason": "x"}})
    rehearsing.ask()
    work(people, lambda: people.problems)
    assert "no field 'reason'; its fields: amount, days, resource" in people.problems[0]


def test_a_button_that_no_form_has_is_a_problem(rehearsing: Rehearsing) -> None:
    people = rehearsing.people({"press": "explode"})
    rehearsing.ask()
    work(people, lambda: people.problems)
    assert "no button 'explode'; its buttons: tasks, completed, gave_up, more_time, request, note" in people.problems[0]


def test_a_file_is_sent_with_the_form(rehearsing: Rehearsing, site: Site, tmp_path: Path) -> None:
    (tmp_path / "圖.png").write_bytes(b"\x89PNG\xff")
    people = rehearsing.people(
        {"press": ["note", "note"], "fields": {"note": "See 圖", "file": str(tmp_path / "圖.png")}}
    )
    rehearsing.ask()
    work(people, lambda: len(site.posts) == 2)
    assert site.posts[0].fields == {"nonce": ["n"], "note": ["See 圖"], "action": ["note"]}
    assert site.posts[0].files == {"file": ("圖.png", b"\x89PNG\xff")}
    missing = rehearsing.people({"press": "note", "fields": {"file": str(tmp_path / "none")}})
    work(missing, lambda: missing.problems)
    assert "No such file" in missing.problems[0]


def test_without_a_file_its_field_is_sent_empty(rehearsing: Rehearsing, site: Site) -> None:
    people = rehearsing.people({"press": "note"})
    rehearsing.ask()
    work(people, lambda: site.posts)
    assert site.posts[0].files == {"file": ("", b"")}


def test_words_that_the_page_asks_for_are_written(rehearsing: Rehearsing, site: Site) -> None:
    site.answer = lambda post: Answered() if post.fields.get("note") == [SENTENCE] else Answered(422, QUESTION)
    people = rehearsing.people({"press": "note"})
    rehearsing.ask()
    work(people, lambda: len(site.posts) == 2)
    assert (site.pressed(), people.problems) == (["note", "note"], [])


def asks_for_a_code(right: str) -> Callable[[Post], Answered]:
    trusted = "__Host-device=yes; Path=/; Secure; HttpOnly; SameSite=Strict"

    def answer(post: Post) -> Answered:
        if post.fields.get("action") == ["confirm"]:
            return Answered(cookies=(trusted,)) if post.fields["code"] == [right] else Answered(422, CODE_PAGE)
        return Answered() if "__Host-device=yes" in post.cookies else Answered(200, CODE_PAGE)

    return answer


def test_a_code_is_awaited_typed_and_asked_for_once(rehearsing: Rehearsing, site: Site) -> None:
    site.answer = asks_for_a_code("123456")
    people = rehearsing.people()
    rehearsing.mail(f"999999\n\n{site.url}/d/none\n", purpose="code", decision="orders")
    rehearsing.ask()
    work(people, lambda: site.posts)
    rehearsing.mail("Your number:\n\n  123456\n\nNot 12345678.\n", purpose="code")
    rehearsing.mail("888888\n", to="cto", purpose="code")
    work(people, lambda: len(site.posts) == 2)
    assert site.posts[1].fields == {"nonce": ["c"], "code": ["123456"], "action": ["confirm"]}
    rehearsing.ask("two", decision="clean_up")
    work(people, lambda: len(site.posts) == 3)
    rehearsing.ask("three", to="cto")
    work(people, lambda: len(site.posts) == 4)
    assert [bool(post.cookies) for post in site.posts] == [False, False, True, False]
    assert site.gets == [("/d/one", ""), ("/d/two", ""), ("/d/three", "")]
    assert people.problems == []


def test_a_host_cookie_needs_to_be_secure(rehearsing: Rehearsing, site: Site) -> None:
    site.answer = lambda _: Answered(
        cookies=("__Host-a=1; Path=/", "b=2; Path=/; Secure", "__Host-c=3; Path=/d; Secure")
    )
    people = rehearsing.people({"press": ["completed", "completed"]})
    rehearsing.ask()
    work(people, lambda: len(site.posts) == 2)
    assert site.posts[1].cookies == "b=2"


def test_a_code_that_never_comes_is_a_problem(
    rehearsing: Rehearsing, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal_people, "CODE_SECONDS", 0.3)
    site.answer = asks_for_a_code("123456")
    people = rehearsing.people()
    rehearsing.ask()
    work(people, lambda: people.problems)
    assert people.problems == ["head was asked for a code and got none (complete)"]


def test_a_code_that_was_lost_on_purpose_is_no_problem(
    rehearsing: Rehearsing, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal_people, "CODE_SECONDS", 0.3)
    site.answer = asks_for_a_code("123456")
    people = rehearsing.people()
    rehearsing.ask()
    work(people, lambda: site.posts)
    rehearsing.mail("123456\n", purpose="code", lost="bounce")
    work(people, lambda: "head gets no code (complete)" in rehearsing.told)
    assert (site.pressed(), people.problems) == (["completed"], [])


def test_while_one_waits_for_a_code_others_go_on(rehearsing: Rehearsing, site: Site) -> None:
    site.answer = lambda post: Answered(200, CODE_PAGE) if post.path == "/d/one" else Answered()
    people = rehearsing.people()
    rehearsing.ask()
    rehearsing.ask("two", to="cto")
    work(people, lambda: len(site.posts) == 2, seconds=2)
    assert {post.path for post in site.posts} == {"/d/one", "/d/two"}


def test_a_code_of_the_answers_file_is_typed_instead(rehearsing: Rehearsing, site: Site) -> None:
    site.answer = asks_for_a_code("123456")
    people = rehearsing.people({"fields": {"code": "000000"}, "times": 1})
    rehearsing.ask()
    work(people, lambda: "head types another code than the right one (complete, 422)" in rehearsing.told)
    assert site.posts[1].fields["code"] == ["000000"]
    assert people.problems == []


def test_a_code_that_the_page_refuses_is_a_problem(rehearsing: Rehearsing, site: Site) -> None:
    site.answer = asks_for_a_code("123456")
    people = rehearsing.people()
    rehearsing.ask()
    work(people, lambda: site.posts)
    rehearsing.mail("654321\n", purpose="code")
    work(people, lambda: people.problems)
    assert people.problems == ["head's code was refused with 422 (complete)"]


def test_an_authenticator_app_gives_the_code(rehearsing: Rehearsing, site: Site) -> None:
    secret = pyotp.random_base32()
    rehearsing.totp_secrets["head"] = secret
    site.answer = lambda post: Answered() if "code" in post.fields else Answered(200, CODE_PAGE)
    people = rehearsing.people()
    rehearsing.ask()
    work(people, lambda: len(site.posts) == 2)
    assert pyotp.TOTP(secret).verify(site.posts[1].fields["code"][0], valid_window=1)


def test_a_reminder_is_no_second_question_to_who_is_about_to_answer(rehearsing: Rehearsing, site: Site) -> None:
    people = rehearsing.people({"after": 300})
    rehearsing.ask()
    people.work()
    rehearsing.ask("reminded", purpose="reminder")
    idle(people, 0.8)
    assert [post.path for post in site.posts] == ["/d/reminded"]


def test_a_reminder_reaches_who_was_silent(rehearsing: Rehearsing, site: Site) -> None:
    people = rehearsing.people({"silent": True, "times": 1})
    rehearsing.ask()
    people.work()
    rehearsing.ask("reminded", purpose="reminder")
    work(people, lambda: site.posts)
    assert [post.path for post in site.posts] == ["/d/reminded"]


@pytest.mark.parametrize(("status", "told"), [(410, "head answers too late (complete, 410)"), (409, "too late")])
def test_too_late_is_no_problem(rehearsing: Rehearsing, site: Site, status: int, told: str) -> None:
    site.answer = lambda _: Answered(status)
    people = rehearsing.people({"press": ["completed", "note"]})
    rehearsing.ask()
    work(people, lambda: any(told in said for said in rehearsing.told))
    idle(people)
    assert (len(site.posts), people.problems) == (1, [])


def test_a_refusal_is_a_problem(rehearsing: Rehearsing, site: Site) -> None:
    site.answer = lambda _: Answered(403)
    people = rehearsing.people()
    rehearsing.ask()
    work(people, lambda: people.problems)
    assert people.problems == ["head's answer was refused with 403 (complete)"]


def test_who_sees_a_broken_page_looks_again(rehearsing: Rehearsing, site: Site) -> None:
    site.answer = lambda _: Answered(500 if len(site.posts) == 1 else 200)
    people = rehearsing.people()
    rehearsing.ask()
    work(people, lambda: len(site.posts) == 2)
    idle(people)
    assert (len(site.posts), len(site.gets), people.problems) == (2, 2, [])


def test_a_page_that_stays_broken_is_a_problem(rehearsing: Rehearsing, site: Site) -> None:
    site.answer = lambda _: Answered(503)
    people = rehearsing.people()
    rehearsing.ask()
    work(people, lambda: people.problems)
    assert (len(site.posts), people.problems) == (4, ["head's answer was refused with 503 (complete)"])


def test_who_looks_again_finds_an_answer_that_was_recorded(rehearsing: Rehearsing, site: Site) -> None:
    def recorded_and_broken(_: Post) -> Answered:
        site.question = THANKS
        return Answered(500)

    site.answer = recorded_and_broken
    people = rehearsing.people()
    rehearsing.ask()
    work(people, lambda: any("nothing to answer" in said for said in rehearsing.told))
    assert (len(site.posts), people.problems) == (1, [])


WORK = """
<form method="post"><input type="checkbox" name="tasks" value="a"><input type="checkbox" name="tasks" value="b" checked>
<input name="reference"><button name="action" value="tasks">Save</button>
<button name="outcome" value="sent">Sent</button></form><p><a href="/d/one/file">Add a file</a></p>
"""


def test_who_answers_ticks_what_can_be_ticked_and_gives_a_number(rehearsing: Rehearsing, site: Site) -> None:
    site.question = WORK
    people = rehearsing.people()
    rehearsing.ask()
    work(people, lambda: site.posts)
    assert site.posts[0].fields == {"tasks": ["a", "b"], "reference": [REFERENCE], "outcome": ["sent"]}


def test_what_an_answers_file_says_of_tasks_and_numbers_counts(rehearsing: Rehearsing, site: Site) -> None:
    site.question = WORK
    people = rehearsing.people({"press": ["tasks", "sent"], "fields": {"tasks": "a", "reference": "N-1"}})
    rehearsing.ask()
    work(people, lambda: len(site.posts) == 2)
    assert [post.fields["tasks"] for post in site.posts] == [["a"], ["a"]]
    assert site.posts[1].fields["reference"] == ["N-1"]


def test_each_press_has_its_own_fields_and_time(rehearsing: Rehearsing, site: Site) -> None:
    late = {"press": "more_time", "after": 300, "fields": {"reason": "Long."}}
    people = rehearsing.people({"press": [{"press": "note", "fields": {"note": "Short."}}, late], "after": 0})
    rehearsing.ask()
    work(people, lambda: site.posts)
    noted = time.monotonic()
    work(people, lambda: len(site.posts) == 2)
    assert time.monotonic() - noted > 0.2
    assert (site.posts[0].fields["note"], site.posts[1].fields["reason"]) == (["Short."], ["Long."])
    assert people.problems == []


def test_who_is_called_to_help_reads_and_does_nothing(rehearsing: Rehearsing, site: Site) -> None:
    people = rehearsing.people({"press": "explode"})
    rehearsing.ask(decision="", purpose="team_called")
    idle(people)
    assert (site.gets, site.posts, people.problems, rehearsing.told) == ([], [], [], [])


def test_who_is_called_to_help_can_tick(rehearsing: Rehearsing, site: Site) -> None:
    site.question = WORK
    people = rehearsing.people({"kind": "help", "press": "tasks", "fields": {"tasks": "b"}})
    rehearsing.ask(decision="", purpose="team_called")
    work(people, lambda: site.posts)
    assert (site.posts[0].fields["action"], site.posts[0].fields["tasks"]) == (["tasks"], ["b"])


def file_site(site: Site, send_to: str) -> None:
    """Pages that take a file as the app's do: a form to the store, which sends the browser back to a form of ours."""
    form = f"""<form method="post" action="{send_to}" enctype="multipart/form-data"><input type="hidden" name="key" value="k">
    <input type="file" name="file" required><button>Send</button></form>"""
    again = """<form method="post" action="/d/one/file"><input type="hidden" name="key" value="k">
    <button name="action" value="file">Put on record</button></form>"""
    site.pages = {"/d/one": WORK, "/d/one/file": form, "/d/one/file?key=k": again}

    def answer(post: Post) -> Answered:
        return Answered(status=303, location="/d/one/file?key=k") if post.path == "/store" else Answered()

    site.answer = answer


def test_a_file_goes_to_the_store_and_then_on_record(rehearsing: Rehearsing, site: Site, tmp_path: Path) -> None:
    file_site(site, "/store")
    (tmp_path / "graph.png").write_bytes(b"\x89PNG")
    people = rehearsing.people({"press": "file", "fields": {"file": str(tmp_path / "graph.png")}})
    rehearsing.ask()
    work(people, lambda: len(site.posts) == 2)
    idle(people)
    stored, recorded = site.posts
    assert (stored.path, list(stored.fields), stored.files) == ("/store", ["key"], {"file": ("graph.png", b"\x89PNG")})
    assert (recorded.path, recorded.fields) == ("/d/one/file", {"key": ["k"], "action": ["file"]})
    assert people.problems == []


def test_a_file_that_the_store_refuses_is_a_problem(rehearsing: Rehearsing, site: Site, tmp_path: Path) -> None:
    file_site(site, "/store")
    site.answer = lambda _: Answered(status=403, html="<Error><Code>AccessDenied</Code></Error>")
    (tmp_path / "graph.png").write_bytes(b"\x89PNG")
    people = rehearsing.people({"press": "file", "fields": {"file": str(tmp_path / "graph.png")}})
    rehearsing.ask()
    work(people, lambda: people.problems)
    assert "the file was refused with 403" in people.problems[0]


def test_a_form_goes_only_where_its_page_allows(rehearsing: Rehearsing, site: Site, tmp_path: Path) -> None:
    file_site(site, "http://localhost:1/store")
    site.policy = "form-action 'self' http://bucket.example"
    (tmp_path / "graph.png").write_bytes(b"\x89PNG")
    people = rehearsing.people({"press": "file", "fields": {"file": str(tmp_path / "graph.png")}})
    rehearsing.ask()
    work(people, lambda: people.problems)
    assert "doesn't let its forms be sent to http://localhost:1" in people.problems[0]


STATEMENT = """<form method="post"><textarea name="title">Checkout fails</textarea>
<button name="action" value="statement">Ask for approval</button></form>"""


def beside(site: Site) -> None:
    site.pages = {
        "/d/one": WORK + '<a href="/d/one/answers">Answers</a><a href="/d/one/statement">Statement</a>',
        "/d/one/statement": '<a href="/d/one/statement?phase=update">Update</a>',
        "/d/one/statement?phase=update": STATEMENT,
    }


def test_a_button_can_be_on_the_page_behind_links(rehearsing: Rehearsing, site: Site) -> None:
    beside(site)
    on = ["statement", "statement?phase=update"]
    written = {"press": "statement", "on": on, "fields": {"title": "Checkout is slow"}}
    people = rehearsing.people({"press": [written, "sent"]})
    rehearsing.ask()
    work(people, lambda: len(site.posts) == 2)
    assert site.posts[0].path == "/d/one/statement?phase=update"
    assert site.posts[0].fields == {"title": ["Checkout is slow"], "action": ["statement"]}
    assert site.posts[1].path == "/d/one"
    assert people.problems == []


def test_a_link_that_the_page_does_not_have_is_a_problem(rehearsing: Rehearsing, site: Site) -> None:
    beside(site)
    people = rehearsing.people({"press": "statement", "on": "statement?phase=resolved"})
    rehearsing.ask()
    work(people, lambda: people.problems)
    assert "no link to 'statement?phase=resolved'" in people.problems[0]


def test_a_file_can_be_sent_by_the_page_on_which_the_button_is(
    rehearsing: Rehearsing, site: Site, tmp_path: Path
) -> None:
    send = """<form method="post" action="/store" enctype="multipart/form-data"><input type="file" name="file" required>
    <button>Send</button></form>"""
    order = """<form method="post" action="/d/one/replan"><input type="hidden" name="key" value="k">
    <input name="move.north" inputmode="numeric" value="10"><button name="action" value="replan">Order</button></form>"""
    site.pages = {"/d/one": '<a href="/d/one/replan">Re-plan</a>', "/d/one/replan": send}
    site.pages["/d/one/replan?key=k"] = send + order
    site.answer = lambda post: Answered(303, location="/d/one/replan?key=k") if post.path == "/store" else Answered()
    (tmp_path / "orders.csv").write_text("order,region")
    fields = {"file": str(tmp_path / "orders.csv"), "move.north": "7"}
    people = rehearsing.people({"press": [{"press": "replan", "on": "replan", "fields": fields}]})
    rehearsing.ask()
    work(people, lambda: len(site.posts) == 2)
    assert site.posts[0].files == {"file": ("orders.csv", b"order,region")}
    assert site.posts[1].fields == {"key": ["k"], "move.north": ["7"], "action": ["replan"]}
    assert people.problems == []


SUBSCRIBE = """<form method="post" action="{}/subscribe"><input type="hidden" name="locale" value="en">
<input name="website"><input name="address" type="email" required><button>Subscribe</button></form>"""
CONFIRM = '<form method="post"><button>Confirm</button></form>'


@pytest.fixture
def status_page(rehearsing: Rehearsing, site: Site) -> Callable[..., Visitors]:
    """Visitors of a status page with a form to subscribe."""
    site.pages = {"/status/en/index.html": SUBSCRIBE.format(site.url), "/s/mine": CONFIRM}
    stack: Any = SimpleNamespace(url=site.url, status_url=f"{site.url}/status/", mailbox=rehearsing.mailbox)

    def visitors(**about: Any) -> Visitors:
        known = {"address": "reader@shop.example", "locale": "en", **about}
        return Visitors(stack, [Visitor.model_validate(known)], tell=rehearsing.told.append)

    return visitors


def test_a_visitor_subscribes_confirms_and_leaves_with_one_click(
    rehearsing: Rehearsing, site: Site, status_page: Callable[..., Visitors]
) -> None:
    visitors = status_page(unsubscribes_after=2)
    visitors.work()
    assert site.posts[0].fields == {"locale": ["en"], "website": [""], "address": ["reader@shop.example"]}
    rehearsing.mail(f"Please confirm: {site.url}/s/mine\n", to="reader", decision="")
    visitors.work()
    assert [post.path for post in site.posts] == ["/subscribe", "/s/mine"]
    for _ in range(2):
        headers = {
            "List-Unsubscribe": f"<{site.url}/s/mine/unsubscribe>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        rehearsing.mail("A statement.", to="reader", decision="", **headers)
        visitors.work()
    left = site.posts[2]
    assert (left.path, left.fields, left.cookies) == ("/s/mine/unsubscribe", {"List-Unsubscribe": ["One-Click"]}, "")
    visitors.work()
    assert (len(site.posts), visitors.problems) == (3, [])


def test_a_visitor_who_cannot_leave_with_one_click_is_a_problem(
    rehearsing: Rehearsing, site: Site, status_page: Callable[..., Visitors]
) -> None:
    visitors = status_page(unsubscribes_after=1)
    headers = {"List-Unsubscribe": f"<{site.url}/s/mine/unsubscribe>"}
    rehearsing.mail("A statement.", to="reader", decision="", **headers)
    visitors.work()
    assert "no mail program could unsubscribe" in visitors.problems[0]


def test_a_status_page_without_its_form_is_a_problem(site: Site, status_page: Callable[..., Visitors]) -> None:
    site.pages["/status/en/index.html"] = THANKS
    visitors = status_page()
    visitors.work()
    visitors.work()
    assert visitors.problems == ["reader@shop.example could not go on: the page has no form with address"]


def test_a_form_that_the_status_page_may_not_send_is_a_problem(
    site: Site, status_page: Callable[..., Visitors]
) -> None:
    site.policy = "form-action 'none'"
    visitors = status_page()
    visitors.work()
    assert "doesn't let its forms be sent" in visitors.problems[0]
