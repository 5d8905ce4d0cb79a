"""`python -m infra.plan_compiler explain EVENT.json …`: what the plan makes of an event, and why."""

from __future__ import annotations

import gettext
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from emergency.domain.classification import incident_from, rule_for
from emergency.domain.errors import UnusableSignal
from emergency.domain.event import read_signal
from emergency.domain.incident import Incident, proposed
from emergency.domain.plan import Match, Plan, Rule
from emergency.domain.signal import Meaning, Signal
from emergency.presentation.naming import Names
from emergency.presentation.plain import one_line
from emergency.presentation.reasons import ReasonTeller
from emergency.presentation.words import Words
from infra.plan_compiler.compiler import CompiledPlan, compile_plan
from infra.plan_compiler.findings import PlanError, choice

app = typer.Typer(add_completion=False, rich_markup_mode=None)

Rows = Iterator[tuple[str, str]]

_LIMIT = 400
_MEANINGS = {
    Meaning.FAILURE: "a failure: opens an incident, or joins one of its cause",
    Meaning.RECOVERY: "a recovery: clears its alarm in the incident that it belongs to",
    Meaning.NEITHER: "nothing that calls for a response",
}


class UnusableEventError(Exception):
    """A file that holds no event which could be read; the message names file and reason."""


@app.command()
def explain(
    events: Annotated[list[Path], typer.Argument(help="EventBridge envelopes, one in each JSON file.")],
    plan: Annotated[Path, typer.Option(help="The plan's folder.")] = Path("plan"),
    locale: Annotated[str, typer.Option(help="The language of what people would read.")] = "en",
) -> None:
    """Says what a plan makes of events: rule, risk, component, severity, and why. Nothing is sent or recorded."""
    try:
        compiled = compile_plan(plan)
    except PlanError as error:
        _fail(str(error))
    if locale not in compiled.words:
        _fail(f"error: the plan has no words in '{locale}'; {choice(locale, compiled.words)}")
    out = Console(soft_wrap=False)
    for event in events:
        try:
            out.print(_table(event, compiled, _words(compiled, locale)))
        except UnusableEventError as error:
            _fail(f"error: {error}")


def main(arguments: list[str]) -> int:
    """Runs the command; 0 when every event could be explained, 1 when not, 2 for arguments that can't be used."""
    try:
        return int(app(arguments, standalone_mode=False, prog_name="python -m infra.plan_compiler explain") or 0)
    except Exception as error:
        told = getattr(error, "format_message", None)
        if told is None:
            raise
        typer.echo(f"error: {told()}", err=True)
        return 2


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def _words(compiled: CompiledPlan, locale: str) -> Words:
    return Words(locale, gettext.GNUTranslations(io.BytesIO(compiled.words[locale])))


def _table(file: Path, compiled: CompiledPlan, words: Words) -> Table:
    table = Table(title=Text(file.name), title_justify="left", show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in _rows(_signal(file, compiled.plan), compiled.plan, words):
        # Text, so that brackets in an alarm's name are no markup.
        table.add_row(label, Text(one_line(value, _LIMIT)))
    return table


def _signal(file: Path, plan: Plan) -> Signal:
    try:
        return read_signal(json.loads(file.read_text(encoding="utf-8")), plan.sources)
    except OSError as error:
        raise UnusableEventError(f"{file}: can't be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise UnusableEventError(f"{file}: is not JSON") from error
    except UnusableSignal as error:
        raise UnusableEventError(f"{file}: would be rejected: {error}") from error


def _rows(signal: Signal, plan: Plan, words: Words) -> Rows:
    yield "signal", signal.name
    yield "from", f"{signal.source}, {signal.detail_type}, account {signal.account}, {signal.region}"
    yield "means", _MEANINGS[signal.meaning] + (f" ({signal.why_neither})" if signal.why_neither else "")
    if signal.meaning is Meaning.FAILURE:
        rule = rule_for(signal, plan)
        incident = proposed(incident_from(signal, rule, plan, incident_id="INC", now=signal.at), plan)
        yield "rule", _rule(rule, plan)
        yield from _incident(incident, Names(plan, words))


def _rule(rule: Rule, plan: Plan) -> str:
    ids = list(dict.fromkeys(one.id for one in plan.rules))
    return f"{rule.id} ({ids.index(rule.id) + 1} of {len(ids)}), which looks for {_looked_for(rule.match)}"


def _looked_for(match: Match) -> str:
    fields = ("source", "detail_type", "namespace", "metric", "name", "account", "region")
    globs = {name: getattr(match, name) for name in fields} | {f"tag {key}": glob for key, glob in match.tags.items()}
    return ", ".join(f"{name} {glob}" for name, glob in globs.items() if glob) or "anything"


def _incident(incident: Incident, names: Names) -> Rows:
    yield "risk", f"{names.risk(incident.risk)} ({incident.risk})"
    yield "component", incident.component
    yield "title", names.plan.text(incident.title, names.words.locale)
    yield "place", names.plan.text(incident.place, names.words.locale)
    yield "first impact", names.plan.text(incident.first_impact, names.words.locale)
    yield "severity", names.severity(incident.severity)
    yield "likelihood, impact", f"{incident.likelihood} and {incident.impact}, of 5"
    yield "why", ReasonTeller(incident, names).because
    yield "playbook", incident.playbook
    yield "teams", names.teams_alone(incident.teams)
