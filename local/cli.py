"""The commands of `python -m local`."""

from __future__ import annotations

import json
import logging
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from local import synth
from local.dead_letters import DeadLettersError
from local.dead_letters_cli import LOCAL_ENDPOINT, Redrive, Where
from local.dead_letters_cli import redrive as redrive_letters
from local.dead_letters_cli import show as show_letters
from local.engine.faults import Fault, UnusableFaultError
from local.engine.intrinsics import TemplateError
from local.rehearsal import files
from local.rehearsal.answers import ANSWERS_HELP, AnswerScript, read_answers
from local.rehearsal.errors import UnusableInputError
from local.rehearsal.events import read_event
from local.rehearsal.progress import Progress
from local.rehearsal.rehearse import DEFAULT_TIME_SCALE, Rehearsal, rehearse
from local.sample import SAMPLE_ALARM, SHOP_ALARMS, fire_sample_alarm, make_shop_alarms
from local.server import PortTakenError, check_port
from local.stack import LocalStack, LocalStackError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Runs the whole system on this machine, on a loopback AWS.",
)

Port = Annotated[int, typer.Option(help="Port of console, pages and AWS endpoint; 0 takes a free one.")]
Scale = Annotated[float, typer.Option(help="What the plan's timers are divided by.")]
AssemblyFolder = Annotated[
    Path | None, typer.Option(help="A synthesised cloud assembly to use instead of this repository's own.")
]


@app.command()
def up(port: Port = 8700, time_scale: Scale = 1, assembly: AssemblyFolder = None) -> None:
    """Starts everything and stays up until Ctrl-C."""
    _stay_up(port, time_scale, assembly, fire=False)


@app.command()
def demo(port: Port = 8700, time_scale: Scale = 1, assembly: AssemblyFolder = None) -> None:
    """Starts everything, lets a sample checkout alarm go off, and stays up until Ctrl-C."""
    _stay_up(port, time_scale, assembly, fire=True)


@app.command("rehearse", epilog=ANSWERS_HELP)
def rehearse_events(
    events: Annotated[list[Path], typer.Argument(help="EventBridge envelopes, in the order of their delivery.")],
    answers: Annotated[Path | None, typer.Option(help="Who answers what, when; YAML or JSON.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for summary, records, mails and report.")] = None,
    time_scale: Scale = DEFAULT_TIME_SCALE,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            help="FUNCTION:KIND:TIMES, e.g. triage:crash:2; kinds: crash, refuse, crash-before-CALL, crash-after-CALL, "
            "fail-CALL."
        ),
    ] = None,
    limit: Annotated[
        float | None,
        typer.Option(help="Real seconds after which the rehearsal gives up; default: as long as the plan can take."),
    ] = None,
    assembly: AssemblyFolder = None,
    *,
    now: Annotated[
        bool, typer.Option("--now", help="The events happen when they are delivered, instead of when they say.")
    ] = False,
) -> None:
    """Rehearses events without anybody at a browser: people answer their mails by themselves, or as a file says."""
    plan = replace(_rehearsal(events, answers, time_scale, fault or [], limit), now=now)
    if out is not None:
        files.prepare(out)
    with Progress(Console(stderr=False)) as progress:
        progress.wait_for("Synthesising the app")
        stack, result = rehearse(_assembly(assembly), plan, progress)
        try:
            summary = files.summary(stack, result)
            if out is not None:
                files.write(out, stack, result)
        finally:
            stack.close()
    _say(_summary_line(summary))
    for problem in result.problems:
        sys.stderr.write(f"{problem}\n")
    if not result.is_as_planned:
        raise typer.Exit(1)


@app.command("dead-letters")
def dead_letters(
    endpoint_url: Annotated[str, typer.Option(help="Address of the running local home.")] = LOCAL_ENDPOINT,
    profile: Annotated[str, typer.Option(help="A profile of the AWS configuration; with --aws.")] = "",
    region: Annotated[str, typer.Option(help="Another region than the local home's, or the configuration's.")] = "",
    stack: Annotated[str, typer.Option(help="The stack's name.")] = "EmergencyResponse",
    queue: Annotated[str, typer.Option(help="One queue instead of all, such as RejectedSignals.")] = "",
    to: Annotated[
        str, typer.Option(help="ARN of the queue to send to, where none here was meant; with --redrive and --queue.")
    ] = "",
    to_profile: Annotated[str, typer.Option(help="The profile that may send there.")] = "",
    *,
    aws: Annotated[bool, typer.Option("--aws", help="Ask AWS instead of the local home.")] = False,
    redrive: Annotated[
        bool, typer.Option("--redrive", help="Send what lies there back to where it was meant.")
    ] = False,
) -> None:
    """Shows what lies in dead-letter queues, and redrives it. Redriving twice does no harm: an event counts once."""
    where = Where(endpoint="" if aws else endpoint_url, profile=profile, region=region)
    if redrive:
        redrive_letters(where, stack, queue, Redrive(to=to, profile=to_profile), Console())
    else:
        show_letters(where, stack, queue, Console())


_SHOWN = ("incident_id", "outcome", "risk", "severity", "teams", "mails", "transitions", "seconds")


def main(arguments: list[str] | None = None) -> int:
    """Runs a command. Returns the exit status: 2, after one line on stderr, for input that can't be used."""
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("moto").setLevel(logging.CRITICAL)
    try:
        status = app(arguments, standalone_mode=False, prog_name="python -m local")
    except (UnusableInputError, UnusableFaultError, PortTakenError) as error:
        return _fail(str(error), 2)
    except (LocalStackError, TemplateError, DeadLettersError, synth.SynthesisError) as error:
        return _fail(str(error), 1)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        message = getattr(error, "format_message", None)
        if message is None:
            raise
        return _fail(str(message()), 2)
    return int(status or 0)


def _fail(message: str, status: int) -> int:
    sys.stderr.write(f"error: {message}\n")
    return status


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _rehearsal(
    events: list[Path], answers: Path | None, time_scale: float, faults: list[str], limit: float | None
) -> Rehearsal:
    if not time_scale > 0:
        raise UnusableInputError(f"--time-scale is greater than 0, not {time_scale:g}")
    if limit is not None and not limit > 0:
        raise UnusableInputError(f"--limit is greater than 0, not {limit:g}")
    return Rehearsal(
        events=[read_event(file) for file in events],
        script=read_answers(answers) if answers else AnswerScript(),
        time_scale=time_scale,
        faults=[Fault.parse(text) for text in faults],
        limit=limit,
    )


def _assembly(given: Path | None) -> Path:
    return given if given is not None else synth.assembly()


def _stay_up(port: int, time_scale: float, assembly: Path | None, *, fire: bool) -> None:
    if not time_scale > 0:
        raise UnusableInputError(f"--time-scale is greater than 0, not {time_scale:g}")
    check_port(port)
    _say("Synthesising the app and starting the local home ...")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with LocalStack(_assembly(assembly), time_scale=time_scale, port=port, prepare=make_shop_alarms) as stack:
        _say(f"Console:       {stack.url}/")
        if stack.status_url:
            _say(f"Status page:   {stack.status_url}")
        _say(f"AWS endpoint:  aws --endpoint-url {stack.url} --region ap-northeast-1 stepfunctions list-state-machines")
        _say("               (any credentials will do, for example AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x)")
        _say(f"An alarm:      aws --endpoint-url {stack.url} --region ap-northeast-1 cloudwatch set-alarm-state \\")
        _say(f"                 --alarm-name {SHOP_ALARMS[1]['AlarmName']} --state-value ALARM --state-reason test")
        if fire:
            fire_sample_alarm(stack)
            _say(f"The alarm {SAMPLE_ALARM} went off; the first mail arrives in the mailbox: {stack.url}/mail")
        _say("Ctrl-C ends it.")
        stopped.wait()
    _say("Stopped.")


def _summary_line(summary: dict[str, Any]) -> str:
    return json.dumps({key: summary[key] for key in _SHOWN}, ensure_ascii=False)
