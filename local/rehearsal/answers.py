"""The answers file of a rehearsal: who answers what, when, and how; or stays silent. See docs in `ANSWERS_HELP`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from local.engine.mail_faults import MailFault, MailFaultKind
from local.rehearsal.errors import UnusableInputError
from local.rehearsal.events import read_event

ANSWERS_HELP = """\
An answers file is YAML or JSON:

\b
  default: natural            # or silent: what people do whom no entry names
  answers:
    - who: head               # a contact id of the plan or a mail address; * and ? as in file names; default *
      kind: orders            # orders, acknowledge, complete, release, duties, notice, statement, carrier, severity,
                              # clean_up, review; default *
      team: "*"               # technical_support, ...; default *
      decision: "*"           # the question's id, such as notice-gdpr-article-33; default *
      incident: 1             # which one, in the order in which they were reported; default: any
      after: 30               # plan seconds between mail and answer (real seconds: divided by the time scale)
      press: stand_down       # the value of the button; default: the first button that answers
      fields: {comment: "A false alarm."}
      times: 1                # how often this entry is used; default: always
    - kind: complete
      after: 600
      press:                  # one after another, each that much later, or as it says itself
        - tasks
        - {press: skip, after: 30, fields: {task: verify, reason: "Nothing was restored."}}
        - completed
      fields: {tasks: all}    # ticks every box that the page shows
    - kind: help              # members of a team, whose link is to work on its tasks; without an entry they do nothing
      who: security-engineer
      press: file             # sends a file by the page's link, and puts it on record
      fields: {file: log.txt}
    - kind: complete
      team: public_relations
      press: statement
      on: [statement, statement?phase=resolved]  # ends of links, from the mail's page to the page with the button
    - who: deputy-*
      silent: true            # never answers

The first entry that fits a mail, and isn't used up, says what its reader does.

\b
  mail:
    - who: head               # as above
      what: bounce            # soft_bounce, suppressed, reject, complaint, delay, refuse, throttle
      times: 1                # how many mails; default: all

\b
  visitors:                   # customers who subscribe on the status page, and confirm it
    - address: reader@example.net
      locale: en
      unsubscribes_after: 1   # statements; default: never

\b
  signals:                    # what happens during the incident
    - after: 900              # plan seconds since the last of the events that were given
      event: worse.json       # a file beside this one, or the event itself
"""

NATURAL_AFTER = 10.0
"""Plan seconds that a person takes to answer where nothing else is said."""

HELP = "help"
"""The kind of a link that is there to work on tasks, not to answer. Only entries that name it are about it."""

Fields = Mapping[str, str | list[str]]
"""What is written into the fields of forms, by name."""


_On = Annotated[tuple[str, ...], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]
"""The links by which somebody goes to another page: one, or several one after another."""


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    press: str
    on: _On = ()
    after: Annotated[float, Field(ge=0)] | None = None
    fields: dict[str, str | list[str]] = {}


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    who: str = "*"
    kind: str = "*"
    team: str = "*"
    decision: str = "*"
    incident: Annotated[int, Field(ge=1)] | None = None
    after: Annotated[float, Field(ge=0)] = NATURAL_AFTER
    press: str | Annotated[list[str | _Step], Field(min_length=1)] | None = None
    on: _On = ()
    fields: dict[str, str | list[str]] = {}
    times: Annotated[int, Field(ge=1)] | None = None
    silent: bool = False

    @model_validator(mode="after")
    def _silence_says_nothing(self) -> _Entry:
        if self.silent and (self.press is not None or self.fields):
            raise ValueError("who stays silent presses and writes nothing")
        return self

    @property
    def presses(self) -> tuple[Press, ...]:
        steps = self.press if isinstance(self.press, list) else [self.press]
        return tuple(
            Press(
                button=step.press,
                on=step.on or self.on,
                after=self.after if step.after is None else step.after,
                fields=step.fields,
            )
            if isinstance(step, _Step)
            else Press(button=step, on=self.on, after=self.after)
            for step in steps
        )


def _event(given: Any, about: ValidationInfo) -> Any:
    """An event as it stands, or out of the file that is named, beside the answers file."""
    return read_event(Path(about.context or ".") / given) if isinstance(given, str) else given


class _MailTrouble(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    who: str = "*"
    what: MailFaultKind
    times: Annotated[int, Field(ge=1)] | None = None


class Visitor(BaseModel):
    """A customer who subscribes on the status page, in one of its languages, and confirms it.

    After so many statements they unsubscribe, as mail programs do with one click; without a number they stay.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str
    locale: str
    unsubscribes_after: Annotated[int, Field(ge=1)] | None = None


class LaterSignal(BaseModel):
    """An event that comes so many plan seconds after those that the rehearsal begins with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: Annotated[float, Field(ge=0)]
    event: Annotated[dict[str, Any], BeforeValidator(_event)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    default: Literal["natural", "silent"] = "natural"
    answers: list[_Entry] = []
    mail: list[_MailTrouble] = []
    visitors: list[Visitor] = []
    signals: list[LaterSignal] = []


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is known of a mail's question. `contact` is the reader's contact id, or empty.

    `incident` counts the incidents in the order in which they were reported, from 1.
    """

    address: str
    contact: str
    kind: str
    team: str
    decision: str = ""
    incident: int = 1


@dataclass(frozen=True, kw_only=True)
class Press:
    """One button, so many plan seconds after the mail or the press before; None is the first one that answers.

    `on` are the ends of links that lead from the mail's page to the page with the button. `fields` are written into the
    button's own form, which has to have them.
    """

    button: str | None = None
    on: tuple[str, ...] = ()
    after: float = NATURAL_AFTER
    fields: Fields = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """What a reader does: presses these buttons one by one, and writes these fields into the forms that have them."""

    presses: tuple[Press, ...] = (Press(),)
    fields: Fields = field(default_factory=dict)


class AnswerScript:
    """Decides for each mail what its reader does, and says which mails don't simply arrive.

    Attributes:
        visitors: Who reads the status page, and subscribes.
        signals: What happens during the incident.
    """

    def __init__(
        self,
        entries: list[_Entry] | None = None,
        *,
        default: str = "natural",
        mail: list[_MailTrouble] | None = None,
        visitors: Sequence[Visitor] = (),
        signals: Sequence[LaterSignal] = (),
    ) -> None:
        self.visitors = visitors
        self.signals = signals
        self._entries = entries or []
        self._mail = mail or []
        self._left = [entry.times for entry in self._entries]
        self._default = default

    def reaction(self, question: Question) -> Reaction | None:
        """What the reader does, or None for silence. Uses up one time of the entry that fits."""
        for position, entry in enumerate(self._entries):
            left = self._left[position]
            if left == 0 or not _fits(entry, question):
                continue
            if left is not None:
                self._left[position] = left - 1
            if entry.silent:
                return None
            return Reaction(presses=entry.presses, fields=entry.fields)
        return None if self._default == "silent" or question.kind == HELP else Reaction()

    def mail_faults(self, contacts: Mapping[str, str]) -> tuple[MailFault, ...]:
        """What is to happen to mails. `contacts` maps mail addresses to contact ids."""
        return tuple(
            MailFault((trouble.who.lower(), *_addresses(trouble.who, contacts)), trouble.what, trouble.times)
            for trouble in self._mail
        )


def _addresses(who: str, contacts: Mapping[str, str]) -> tuple[str, ...]:
    found = (address for address, contact in contacts.items() if fnmatchcase(contact.lower(), who.lower()))
    return tuple(escape(address) for address in found)


def _fits(entry: _Entry, question: Question) -> bool:
    people = (question.address, question.contact)
    return (
        any(fnmatchcase(person.lower(), entry.who.lower()) for person in people if person)
        and (entry.kind == HELP) == (question.kind == HELP)
        and fnmatchcase(question.kind, entry.kind)
        and fnmatchcase(question.team, entry.team)
        and fnmatchcase(question.decision, entry.decision)
        and entry.incident in (None, question.incident)
    )


def read_answers(file: Path) -> AnswerScript:
    """Reads an answers file. Raises UnusableInputError naming the entry and what is wrong with it."""
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise UnusableInputError(f"{file}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UnusableInputError(f"{file}: not UTF-8 text") from None
    return parse_answers(_parse(text, file), str(file), file.parent)


def parse_answers(content: Any, source: str, folder: Path = Path()) -> AnswerScript:
    """Reads the content of an answers file, which names others in that folder. Raises UnusableInputError."""
    try:
        parsed = _File.model_validate(content, context=folder)
    except ValidationError as error:
        raise UnusableInputError(f"{source}: {_first(error)}") from None
    return AnswerScript(
        parsed.answers, default=parsed.default, mail=parsed.mail, visitors=parsed.visitors, signals=parsed.signals
    )


def _parse(text: str, file: Path) -> Any:
    if file.suffix == ".json":
        try:
            return json.loads(text)
        except ValueError as error:
            raise UnusableInputError(f"{file}: not JSON: {error}") from None
    try:
        return YAML(typ="safe", pure=True).load(text) or {}
    except YAMLError as error:
        what = " ".join(str(error).split())
        raise UnusableInputError(f"{file}: not YAML: {what}") from None


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).lstrip(".")
    what = "unknown key" if first["type"] == "extra_forbidden" else first["msg"].removeprefix("Value error, ")
    return f"{place}: {what}" if place else what
