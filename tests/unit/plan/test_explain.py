"""`explain`: a plan's author sees what the plan makes of an event, and why (P6.1)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from infra.plan_compiler.__main__ import main
from tests.support.events import alarm
from tests.unit.plan.conftest import PLAN_DIR, Spoil

FAR_OVER = {
    "value": "ALARM",
    "reason": "Threshold Crossed",
    "reasonData": '{"recentDatapoints":[1.0,1500.0],"threshold":50.0}',
    "timestamp": "2026-11-22T03:12:41.683+0000",
}


def explained(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, event: object, *options: str, status: int = 0
) -> dict[str, str]:
    """The rows of the table, by their label."""
    file = tmp_path / "event.json"
    file.write_text(event if isinstance(event, str) else json.dumps(event), encoding="utf-8")
    assert main(["explain", str(file), "--plan", str(PLAN_DIR), *options]) == status
    rows: dict[str, str] = {}
    label = ""
    for line in capsys.readouterr().out.splitlines():
        cells = [cell.strip() for cell in line.split("│")[1:-1]]
        if len(cells) == len(("label", "value")):
            label = cells[0] or label
            rows[label] = f"{rows.get(label, '')} {cells[1]}".strip()
    return rows


def test_p61_the_rule_and_the_figures_behind_a_severity_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = explained(capsys, tmp_path, alarm(state="ALARM") | {"detail": {**alarm()["detail"], "state": FAR_OVER}})
    assert rows["signal"] == "checkout-alb-5xx-high"
    assert re.fullmatch(r"checkout \(\d+ of \d+\), which looks for name \*checkout\*", rows["rule"])
    assert rows["risk"] == "System failure (system_failure)"
    assert (rows["component"], rows["playbook"]) == ("checkout", "system_failure")
    assert rows["severity"] == "SEV1"
    assert rows["why"] == (
        "SEV1 because the plan's rule “checkout” gives likelihood 4 and impact 4, of 5; "
        "1,500 is 30 times the threshold of 50 (impact +1)."
    )


def test_it_is_told_in_the_language_that_is_asked_for(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = explained(capsys, tmp_path, alarm(), "--locale", "zh-Hant")
    assert rows["severity"] == "重大"
    assert rows["why"].startswith("評為「重大」，理由：")


def test_what_opens_nothing_says_why(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rows = explained(capsys, tmp_path, {**alarm(), "detail-type": "Another Type"})
    assert rows["means"].startswith("nothing that calls for a response (")
    assert "rule" not in rows
    assert explained(capsys, tmp_path, alarm(state="OK"))["means"].startswith("a recovery")


def test_brackets_in_a_name_are_no_markup(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert explained(capsys, tmp_path, alarm("[red]checkout[/red]"))["signal"] == "[red]checkout[/red]"


@pytest.mark.parametrize(
    ("event", "said"),
    [("{", "is not JSON"), ("[" * 100_000, "is not JSON"), ("{}", "would be rejected"), ("7", "would be rejected")],
    ids=["broken", "deep", "empty", "number"],
)
def test_what_is_no_event_is_refused_in_a_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, event: str, said: str
) -> None:
    file = tmp_path / "event.json"
    file.write_text(event, encoding="utf-8")
    assert main(["explain", str(file), "--plan", str(PLAN_DIR)]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_wrong_arguments_are_refused_in_a_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, plan_dir: Path, spoil: Spoil
) -> None:
    assert main(["explain"]) == 2
    assert main(["explain", str(tmp_path / "none.json"), "--plan", str(PLAN_DIR)]) == 1
    assert main(["explain", str(tmp_path / "none.json"), "--plan", str(PLAN_DIR), "--locale", "fr"]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert ["Missing argument" in lines[0], "can't be read" in lines[1], "no words in 'fr'" in lines[2]] == [True] * 3
    spoil("risks.yaml", "at_least: 9,", "at_least: 90,")
    assert main(["explain", str(tmp_path / "none.json"), "--plan", str(plan_dir)]) == 1
    assert "no finding's severity reaches 90" in capsys.readouterr().err
