"""Rehearsals and console, over a small response system; real processes, real HTTP."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local import synth
from local.cli import main
from local.engine.redaction import TOKEN_PREFIX
from local.stack import LocalStack
from tests.support.small_response import alarm_event, small_response

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_response(tmp_path_factory.mktemp("small"))


@pytest.fixture
def event_file(tmp_path: Path) -> Path:
    return write(tmp_path / "event.json", alarm_event("e-1"))


def write(file: Path, content: Any) -> Path:
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def rehearse(assembly: Path, out: Path, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    status = main(["rehearse", *map(str, arguments), "--assembly", str(assembly), "--out", str(out), "--limit", "60"])
    summary = out / "summary.json"
    return status, json.loads(summary.read_text()) if summary.exists() else {}


def test_an_incident_ends_closed_and_leaves_its_files(assembly: Path, event_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    status, summary = rehearse(assembly, out, event_file)
    assert status == 0
    assert (
        summary.items()
        >= {
            "incident_id": "INC-e-1",
            "outcome": "closed",
            "risk": "system_failure",
            "severity": "SEV2",
            "teams": ["technical_support"],
            "mails": 1,
            "transitions": 8,
        }.items()
    )
    incident = json.loads((out / "incident.json").read_text())
    assert incident["incident"]["status"] == "closed"
    assert incident["decisions"][0]["answer"]["comment"]
    executions = json.loads((out / "executions.json").read_text())
    assert {(e["name"], e["status"]) for e in executions} == {("INC-e-1", "SUCCEEDED"), ("INC-e-1-orders", "SUCCEEDED")}
    assert json.loads((out / "history" / "INC-e-1-orders.json").read_text())[-1]["type"] == "ExecutionSucceeded"
    assert (out / "mails" / "001-head@shop.example.eml").read_text().startswith("From: plan@shop.example")
    assert (out / "report.html").read_text() == "<h1>Report</h1>"
    assert not any(TOKEN_PREFIX in file.read_text() for file in out.rglob("*") if file.is_file())


def test_a_rehearsal_ends_when_streams_are_dealt_with(assembly: Path, event_file: Path, tmp_path: Path) -> None:
    rehearse(assembly, tmp_path / "out", event_file)
    assert json.loads((tmp_path / "out" / "incident.json").read_text())["incident"]["settled"] is True


def test_answers_come_from_the_file(assembly: Path, event_file: Path, tmp_path: Path) -> None:
    answers = write(
        tmp_path / "answers.yaml",
        "answers:\n  - {who: head, kind: orders, press: stand_down, after: 5, fields: {comment: No, severity: SEV3}}\n",
    )
    status, summary = rehearse(assembly, tmp_path / "out", event_file, "--answers", answers)
    assert (status, summary["outcome"]) == (0, "stood_down")
    record = json.loads((tmp_path / "out" / "incident.json").read_text())
    assert record["decisions"][0]["answer"].items() >= {"severity": "SEV3", "comment": "No"}.items()


def test_silence_runs_into_the_scaled_timeout(assembly: Path, event_file: Path, tmp_path: Path) -> None:
    answers = write(tmp_path / "answers.json", {"default": "silent"})
    status, summary = rehearse(assembly, tmp_path / "out", event_file, "--answers", answers)
    assert (status, summary["outcome"]) == (1, "needs_attention")
    assert summary["seconds"] < 30  # the plan waits 120 s, divided by 30


def test_who_never_gets_the_mail_never_answers(assembly: Path, event_file: Path, tmp_path: Path) -> None:
    answers = write(tmp_path / "answers.json", {"mail": [{"who": "head", "what": "bounce"}]})
    status, summary = rehearse(assembly, tmp_path / "out", event_file, "--answers", answers, "--time-scale", "60")
    assert (status, summary["outcome"], summary["mails"]) == (1, "needs_attention", 1)


def test_a_function_that_crashes_twice_is_retried(assembly: Path, event_file: Path, tmp_path: Path) -> None:
    status, summary = rehearse(assembly, tmp_path / "out", event_file, "--fault", "close:crash:2")
    assert (status, summary["outcome"], summary["transitions"]) == (0, "closed", 10)


def test_the_last_event_decides_the_outcome(assembly: Path, event_file: Path, tmp_path: Path) -> None:
    ok = write(tmp_path / "ok.json", alarm_event("e-2", "OK"))
    status, summary = rehearse(assembly, tmp_path / "ignored", event_file, ok)
    assert (status, summary["outcome"], summary["incident_id"]) == (0, "ignored", "INC-e-1")
    status, summary = rehearse(assembly, tmp_path / "joined", event_file, event_file)
    assert (status, summary["outcome"], summary["incident_id"]) == (0, "joined", "INC-e-1")


def test_events_that_no_rule_matches_are_ignored(assembly: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other.json", {**alarm_event("e-3"), "detail-type": "Something else"})
    status, summary = rehearse(assembly, tmp_path / "out", other)
    assert (status, summary["outcome"], summary["incident_id"]) == (0, "ignored", None)


def test_events_that_intake_cannot_take_are_rejected(assembly: Path, tmp_path: Path) -> None:
    poison = write(tmp_path / "poison.json", alarm_event("e-4", poison=True))
    status, summary = rehearse(assembly, tmp_path / "out", poison)
    assert (status, summary["outcome"]) == (1, "rejected")


def test_a_press_that_the_form_does_not_have_is_a_problem(assembly: Path, event_file: Path, tmp_path: Path) -> None:
    answers = write(tmp_path / "answers.json", {"answers": [{"press": "explode"}]})
    status, summary = rehearse(assembly, tmp_path / "out", event_file, "--answers", answers)
    assert status == 1
    assert "activate, stand_down" in summary["problems"][0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["/nowhere/event.json"], "No such file"),
        (["{bad}"], "not JSON"),
        (["{list}"], "is a JSON object"),
        (["{part}"], "needs 'detail-type'"),
        (["{good}", "--time-scale", "0"], "greater than 0"),
        (["{good}", "--time-scale", "soon"], "--time-scale"),
        (["{good}", "--answers", "{bad}"], "answers"),
        (["{good}", "--answers", "{typo}"], "answers[1].pres: unknown key"),
        (["{good}", "--answers", "/nowhere/answers.yaml"], "No such file"),
        (["{good}", "--fault", "triage:explode:1"], "FUNCTION:KIND:TIMES"),
        (["{good}", "--out", "{good}/x"], "Not a directory"),
        ([], "Missing argument"),
    ],
)
def test_unusable_input_is_one_clear_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    files = {
        "bad": write(tmp_path / "answers-bad.json", "{"),
        "list": write(tmp_path / "list.json", []),
        "part": write(tmp_path / "part.json", {"version": "0", "id": "x"}),
        "good": write(tmp_path / "good.json", alarm_event("e")),
        "typo": write(tmp_path / "typo.json", {"answers": [{}, {"pres": "x"}]}),
    }
    assert main(["rehearse", *(argument.format(**files) for argument in arguments)]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


@pytest.fixture(scope="module")
def home(assembly: Path) -> Iterator[LocalStack]:
    with LocalStack(assembly) as stack:
        stack.put_event(alarm_event("console"))
        stack.mailbox.wait_for(1, timeout=20)
        yield stack


def get(stack: LocalStack, path: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(stack.url + path, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


PAGES = [
    ("/", "Checkout fails"),
    ("/mail", "Activate the plan?"),
    ("/incidents", "INC-console"),
    ("/incidents/INC-console", "Decisions"),
    ("/executions", "INC-console-orders"),
    ("/executions/decision/INC-console-orders", "Prepare"),
    ("/executions/emergency_response/INC-console", "Asks the head."),
    ("/notifications", "Nothing has been published yet"),
    ("/logs", "intake"),
    ("/logs/intake", "intake"),
    ("/static/console.css", "--paper"),
]


@pytest.mark.parametrize(("path", "shows"), PAGES)
def test_the_console_shows(home: LocalStack, path: str, shows: str) -> None:
    status, html = get(home, path)
    assert status == 200
    assert shows in html
    assert TOKEN_PREFIX not in html


@pytest.mark.parametrize("path", ["/nothing", "/mail/x", "/incidents/x", "/executions/x/y", "/logs/x", "/static/x.css"])
def test_what_is_not_there_is_a_clear_page(home: LocalStack, path: str) -> None:
    status, html = get(home, path)
    assert status == 404
    assert "Not here" in html


def test_a_mail_is_shown_in_a_sandbox(home: LocalStack) -> None:
    mail = home.mailbox.mails[0]
    _, page = get(home, f"/mail/{mail.id}")
    assert 'sandbox="allow-popups' in page
    assert f'<a href="{home.url}/d/' in page
    with urllib.request.urlopen(f"{home.url}/mail/{mail.id}/html") as answer:
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")


def test_json_for_scripts(home: LocalStack) -> None:
    (mail,) = json.loads(get(home, "/mail.json")[1])
    assert set(mail) == {"id", "at", "to", "subject", "text", "html"}
    assert mail["to"] == "head@shop.example"
    (incident,) = json.loads(get(home, "/incidents.json")[1])
    assert incident["incident"]["status"] == "active"
    assert {e["state_machine"] for e in json.loads(get(home, "/executions.json")[1])} == {
        "decision",
        "emergency_response",
    }


def test_other_names_for_this_machine_are_refused(home: LocalStack) -> None:
    assert get(home, "/mail.json", Host="rebound.example")[0] == 421


def test_head_opens_a_page_without_its_body(home: LocalStack) -> None:
    link = next(word for word in home.mailbox.mails[0].text.split() if "/d/" in word)
    request = urllib.request.Request(link, method="HEAD")
    with urllib.request.urlopen(request) as answer:
        assert (answer.status, answer.read()) == (200, b"")
        assert answer.headers["Set-Cookie"] == "seen=1; Path=/"
    assert get(home, "/d/unknown")[0] == 404


def test_calls_are_logged_by_function_service_and_operation(home: LocalStack) -> None:
    assert home.calls.seen() >= {
        ("intake", "dynamodb", "GetItem"),
        ("intake", "dynamodb", "PutItem"),
        ("intake", "stepfunctions", "StartExecution"),
        ("ask", "sesv2", "SendEmail"),
    }


def test_a_taken_port_is_said_before_anything_is_synthesised(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synth, "assembly", lambda: pytest.fail("synthesised"))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["up", "--port", str(taken.getsockname()[1])]) == 2
    assert "is not free" in capsys.readouterr().err


def test_up_answers_until_it_is_interrupted(assembly: Path) -> None:
    command = [sys.executable, "-m", "local", "demo", "--port", "0", "--assembly", str(assembly)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                break
        url = next(line.split()[1] for line in lines if line.startswith("Console:"))
        with urllib.request.urlopen(url + "mail.json") as answer:
            assert answer.status == 200
        process.terminate()
        assert process.wait(15) == 0
