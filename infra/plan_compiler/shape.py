"""The shape of each plan file: its keys, and what each value must be. What values mean together is in `checks`."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Collection, Mapping
from datetime import date, time
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import jmespath
from babel import Locale, UnknownLocaleError
from babel.numbers import list_currencies
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from emergency.domain.plan import DEFAULT_PLAYBOOK, Correlation, NoticeStatus, Plan, Reporting
from emergency.domain.statement import BODY_LIMIT, PLACEHOLDERS, TITLE_LIMIT
from emergency.domain.terms import AutomaticStep, DecisionKind, Factor, Outcome, Phase, Risk, Role, Severity, Team
from infra.plan_compiler.findings import choice, shown

CUSTOM = "plan"
"""The type of the errors that already say problem and remedy."""

YEAR = 365 * 24 * 3600
"""The longest that a Standard execution of Step Functions can run, in seconds."""

LEAST_REMIND, MOST_REMIND = 1, 95
"""After which part of a rung's time its people can be reminded, in percent."""

MOST_STARTS_OVER = 5
"""How often a ladder can begin anew."""

MOST_EXTENSIONS = 10
"""How often more time can be given in one decision."""

MOST_PROMPT = 1_000
"""The latest prompt of a clock, in percent of its time."""

MOST_STEPS = 4
"""By how many steps a figure can shift likelihood or impact: from one end of 1 to 5 to the other."""

CENTS = 100
"""The cents of one unit of the currency."""

PLAYBOOKS: Mapping[str, str] = {name: f"playbooks/{name}.yaml" for name in (*map(str, Risk), DEFAULT_PLAYBOOK)}
"""The file of each playbook, by its name."""

STEPS_OF_TASKS = (
    AutomaticStep.OPEN_HOTLINE,
    AutomaticStep.INTRODUCE_TASK_FORCE,
    AutomaticStep.LEND_RESOURCES,
    AutomaticStep.PROPOSE_REPLAN,
    AutomaticStep.PUBLISH_STATEMENT,
)
"""What the system does by itself while the teams respond."""

STEPS_OF_CLEAN_UP = (AutomaticStep.CLOSE_HOTLINE, AutomaticStep.RETURN_RESOURCES)
"""What the system does by itself at clean-up."""

SIGNAL_PLACEHOLDERS = frozenset({"alarm", "resource", "region", "account"})
"""What triage fills into the title, the place and the first impact of a rule."""

GREETING_PLACEHOLDERS = frozenset({"company", "since"})
"""What is filled into a hotline's greeting. It is said before anybody knows when the next update comes."""

GREETING_LIMIT = 400
"""Characters of a greeting: half a minute, when it is read out. In two languages that is a minute."""

MOST_FLAPS = 20
"""After how many changes an alarm can be said to flap."""

MOST_REPORTS = 1_000
"""How many reports an hour the open page can take."""

_FILLED = 40
"""The characters that what fills a placeholder is taken to have."""

_DURATION = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,8})m)?(?:(\d{1,8})s)?")
_SECONDS = (86_400, 3_600, 60, 1)
_PERCENTAGE = re.compile(r"([0-9]{1,4}) ?%")
_DAY = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}")
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{1,62}(?::[0-9]{1,5})?")
_ADDRESS = re.compile(r"[A-Za-z0-9._~:/?#@!$&'()*+,;=%\[\]-]+")
_PHONE = re.compile(r"\+[0-9](?:[ -]?[0-9]){6,14}")
_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_CONNECT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VOICE = re.compile(r"[A-Z][a-z]{1,30}")
_SPOKEN = re.compile(r"[a-z]{2,3}-[A-Z]{2}")
_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
_MARKUP = re.compile(r"<[^<>]*>")
_COMPONENT = re.compile(r"(?:[a-z0-9/-]|\{[a-z]+\})+")
_SOURCE = re.compile(r"[A-Za-z0-9._/@-]{1,256}")
_ACCOUNT = re.compile(r"[0-9]{12}|(?=.*[*?\[])[0-9*?\[\]!-]{1,40}")
_MAX_SLUG = 40
_MAX_DETAIL_TYPE = 128
_MAX_ADDRESS = 300


def wrong(problem: str, remedy: str) -> PydanticCustomError:
    """An error that carries its own problem and remedy."""
    return PydanticCustomError(CUSTOM, "{problem}", {"problem": problem, "remedy": remedy})


def seconds(text: str) -> int | None:
    """The seconds of a duration like `10m`, `4h` or `1d12h`; None for what isn't one."""
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        return None
    return sum(int(count) * unit for count, unit in zip(match.groups(), _SECONDS, strict=True) if count)


def percent(text: str) -> int | None:
    """The number of a percentage like `60%`; None for what isn't one."""
    match = _PERCENTAGE.fullmatch(text)
    return int(match[1]) if match else None


def day(text: str) -> date | None:
    """The day of a date like `2026-12-24`; None for what isn't one."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def placeholders(text: str) -> frozenset[str]:
    """The names in braces in a text. Raises ValueError for braces that name nothing."""
    names: set[str] = set()
    for _, name, spec, conversion in string.Formatter().parse(text):
        if name is None:
            continue
        if spec or conversion or not re.fullmatch(r"[a-z_]+", name):
            raise ValueError(text)
        names.add(name)
    return frozenset(names)


def _duration(value: object) -> object:
    example = "write a whole number with its unit: s, m, h or d, like 10m, 4h or 2d"
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise wrong(
            f"the duration '{value}' has no unit",
            f"did you mean '{value}m'?" if isinstance(value, int) and value > 0 else example,
        )
    if not isinstance(value, str):
        raise wrong("is not a duration", example)
    counted = seconds(value.strip())
    if counted is None:
        raise wrong(f"'{shown(value)}' is not a duration", example)
    if counted == 0:
        raise wrong(f"'{shown(value)}' leaves no time at all", "write a duration longer than nothing, like 10m")
    if counted > YEAR:
        raise wrong(f"'{shown(value)}' is longer than a year, which no timer can run", "write 365d or less")
    return counted


def _span(value: object) -> object:
    nothing = isinstance(value, str) and seconds(value.strip()) == 0
    return 0 if nothing else _duration(value)


def _percentage(lowest: int, highest: int) -> Callable[[object], int]:
    remedy = f"write a percentage from {lowest}% to {highest}%"

    def read(value: object) -> int:
        if isinstance(value, int | float) and not isinstance(value, bool):
            near = value * 100 if 0 < value < 1 else value
            fits = lowest <= near <= highest
            raise wrong(f"'{value}' has no percent sign", f"did you mean '{round(near)}%'?" if fits else remedy)
        if not isinstance(value, str):
            raise wrong("is not a percentage", remedy)
        counted = percent(value.strip())
        if counted is None:
            raise wrong(f"'{shown(value)}' is not a percentage", remedy)
        if not lowest <= counted <= highest:
            raise wrong(f"{counted}% is too {'small' if counted < lowest else 'large'}", remedy)
        return counted

    return read


def _date(value: object) -> object:
    read = day(value.strip()) if isinstance(value, str) else None
    if read is None:
        told = f"'{shown(str(value))}' is not a date" if isinstance(value, str | int | float) else "is not a date"
        raise wrong(told, "write year, month and day, like 2026-12-24")
    return read


def _time_of_day(value: object) -> time:
    if not isinstance(value, str) or not _TIME_OF_DAY.fullmatch(value):
        told = f"'{shown(str(value))}' is not a time of day" if isinstance(value, str | int) else "is not a time of day"
        raise wrong(told, "write hours and minutes in quotes, like '17:30'")
    return time.fromisoformat(value)


def _connect_id(value: str) -> str:
    if not _CONNECT_ID.fullmatch(value):
        raise wrong(
            f"'{shown(value)}' is not an id of Amazon Connect",
            "write what stands last in its ARN, like 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
        )
    return value


def _voice_name(value: str) -> str:
    if not _VOICE.fullmatch(value):
        raise wrong(f"'{shown(value)}' is not a voice of Amazon Polly", "write its name as Polly does, like Joanna")
    return value


def _spoken(value: str) -> str:
    if not _SPOKEN.fullmatch(value):
        raise wrong(
            f"'{shown(value)}' is not the language of a voice", "write it as Polly does, like en-US, cmn-CN or yue-CN"
        )
    return value


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise wrong(f"'{shown(value)}' is not an e-mail address", "write one address, like ceo@company.example")
    return value


def _phone(value: str) -> str:
    if not _PHONE.fullmatch(value):
        raise wrong(
            f"'{shown(value)}' is not a telephone number",
            "write it in full with country code, in quotes, like '+886 2 0000 0101'",
        )
    return value


def _web_address(value: str) -> str:
    remedy = "write the whole address, like https://wiki.company.example/runbook"
    if len(value) > _MAX_ADDRESS:
        raise wrong(f"is longer than {_MAX_ADDRESS} characters", "write a shorter address")
    try:
        parts = urlsplit(value)
    except ValueError:
        raise wrong(f"'{shown(value)}' is not a web address", remedy) from None
    if parts.scheme == "http":
        raise wrong(
            f"'{shown(value)}' can be read and changed on its way", "write an address that begins with https://"
        )
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc) or not _ADDRESS.fullmatch(value):
        raise wrong(f"'{shown(value)}' is not a web address", remedy)
    return value


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value) or len(value) > _MAX_SLUG:
        raise wrong(
            f"'{shown(value)}' can't be an id",
            f"write small letters, digits and hyphens, {_MAX_SLUG} at most, like head-of-logistics",
        )
    return value


def _one_line(value: str) -> str:
    if not value.strip():
        raise wrong("is blank", "write the text")
    if value != value.strip():
        raise wrong("begins or ends with a space", "leave the space out")
    if not value.isprintable():
        raise wrong("has a line break or an invisible character", "write the text on one line; '>-' folds long ones")
    return value


def _paragraphs(value: str) -> str:
    for paragraph in value.split("\n\n"):
        for line in paragraph.split("\n"):
            if not line.strip():
                raise wrong("has empty lines that part nothing", "write one empty line between two paragraphs")
            if line != line.strip():
                raise wrong(f"has a line that begins or ends with a space: '{shown(line)}'", "leave the space out")
            if not line.isprintable():
                raise wrong(f"has an invisible character in '{shown(line)}'", "write the words without it")
    return value


def locale_of(tag: str) -> Locale | None:
    """Babel's locale for a tag like `zh-Hant`; None for what isn't one."""
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return None


def _locale(value: str) -> str:
    if locale_of(value) is None:
        raise wrong(f"'{shown(value)}' is not a locale", choice(value, ("en", "zh-Hant", "zh-Hans")))
    return value


def _time_zone(value: str) -> str:
    zones = available_timezones()
    if value not in zones:
        raise wrong(
            f"'{shown(value)}' is not a time zone",
            choice(value, sorted(zones), otherwise="write Asia/Taipei"),
        )
    return value


def _currency(value: str) -> str:
    if value not in list_currencies():
        raise wrong(f"'{shown(value)}' is not a currency", "write its three capital letters, like TWD or HKD")
    return value


def _text(value: Mapping[str, str], info: ValidationInfo) -> Mapping[str, str]:
    locales: tuple[str, ...] = info.context or ()
    missing = [locale for locale in locales if locale not in value]
    if missing:
        raise wrong(
            f"has no translation for {' and '.join(missing)}",
            "add " + " and ".join(f"'{locale}: …'" for locale in missing),
        )
    unknown = [locale for locale in value if locale not in locales]
    if unknown:
        raise wrong(
            f"'{shown(unknown[0])}' is not one of the plan's locales",
            choice(unknown[0], locales, far="remove it, or add it to company.locales in organisation.yaml"),
        )
    return value


def _fixed_text(value: Mapping[str, str]) -> Mapping[str, str]:
    for locale, text in value.items():
        if "{" in text or "}" in text:
            raise wrong(f"has braces in {locale}, but nothing is filled in here", "write the words themselves")
    return value


def _filled_with(known: frozenset[str]) -> Callable[[Mapping[str, str]], Mapping[str, str]]:
    def read(value: Mapping[str, str]) -> Mapping[str, str]:
        named: dict[str, frozenset[str]] = {}
        for locale, text in value.items():
            try:
                named[locale] = placeholders(text)
            except ValueError:
                example = f"write placeholders like {{{min(known)}}}"
                raise wrong(f"has braces in {locale} that name nothing", example) from None
            for name in sorted(named[locale] - known):
                raise wrong(f"nothing fills '{{{shown(name)}}}' here", choice(name, sorted(known)))
        if len(set(named.values())) > 1:
            told = "; ".join(f"{locale}: {', '.join(sorted(names)) or 'none'}" for locale, names in named.items())
            raise wrong(f"the placeholders differ between locales ({told})", "use the same ones in each")
        return value

    return read


def _at_most(limit: int) -> Callable[[Mapping[str, str]], Mapping[str, str]]:
    def read(value: Mapping[str, str]) -> Mapping[str, str]:
        for locale, text in value.items():
            length = len(_PLACEHOLDER.sub("x" * _FILLED, text))
            if length > limit:
                raise wrong(
                    f"has {length} characters in {locale} with its placeholders filled, and {limit} is the most",
                    "write it shorter",
                )
        return value

    return read


def _no_markup(value: Mapping[str, str]) -> Mapping[str, str]:
    for locale, text in value.items():
        if found := _MARKUP.search(text):
            raise wrong(f"has markup in {locale}: '{shown(found[0])}'", "write plain words")
    return value


def _fixed_component(value: str) -> str:
    if "{" in value or "}" in value:
        raise wrong("has braces, but nothing is filled in here", "write the component as its incidents have it")
    return _component(value)


def _event_source(value: str) -> str:
    if not _SOURCE.fullmatch(value):
        raise wrong(
            f"'{shown(value)}' can't be the source of an event",
            "write it as its events have it, without globs, like shop.monitoring",
        )
    return value


def _detail_type(value: str) -> str:
    if len(value) > _MAX_DETAIL_TYPE:
        raise wrong(f"is longer than {_MAX_DETAIL_TYPE} characters", "write the detail-type as its events have it")
    return value


def _expression(value: str) -> str:
    try:
        jmespath.compile(value)
    except JMESPathError as error:
        raise wrong(
            f"'{shown(value)}' is not a JMESPath expression ({shown(str(error).partition(chr(10))[0])})",
            "write where it stands in the event, like detail.status",
        ) from None
    return value


def _component(value: str) -> str:
    try:
        named = placeholders(value)
    except ValueError:
        raise wrong("has braces that name nothing", "write placeholders like {alarm}") from None
    for name in sorted(named - SIGNAL_PLACEHOLDERS):
        raise wrong(f"nothing fills '{{{shown(name)}}}' here", choice(name, sorted(SIGNAL_PLACEHOLDERS)))
    if not _COMPONENT.fullmatch(value) or len(value) > _MAX_SLUG:
        raise wrong(
            f"'{shown(value)}' can't name a component",
            "write small letters, digits, hyphens and slashes, like checkout or database/{resource}",
        )
    return value


def _account(value: str) -> str:
    if not _ACCOUNT.fullmatch(value):
        raise wrong(f"'{shown(value)}' is not an account", "write its 12 digits in quotes, or a glob like '1111*'")
    return value


def _playbook_name(value: str) -> str:
    if value not in PLAYBOOKS:
        raise wrong(f"there is no playbook '{shown(value)}'", choice(value, PLAYBOOKS))
    return value


def _step_of(known: Collection[AutomaticStep], other: str) -> Callable[[AutomaticStep], AutomaticStep]:
    def read(value: AutomaticStep) -> AutomaticStep:
        if value not in known:
            raise wrong(
                f"'{value}' is something that the system does in '{other}'",
                f"move it there, or write one of: {', '.join(known)}",
            )
        return value

    return read


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _accounts(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        raise wrong(f"the account {value} stands here as a number", f"write it in quotes: '{value:012}'")
    return _as_list(value)


def _as_waits(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _by_severity(value: object) -> object:
    return value if isinstance(value, dict) else dict.fromkeys(Severity, value)


Line = Annotated[str, AfterValidator(_one_line)]
Slug = Annotated[str, AfterValidator(_slug)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Email = Annotated[str, AfterValidator(_email)]
Phone = Annotated[str, AfterValidator(_phone)]
LocaleTag = Annotated[str, AfterValidator(_locale)]
Duration = Annotated[int, BeforeValidator(_duration)]
Span = Annotated[int, BeforeValidator(_span)]
Waits = Annotated[list[Duration], Field(min_length=1), BeforeValidator(_as_waits)]
Day = Annotated[date, BeforeValidator(_date)]
TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]
ConnectId = Annotated[str, AfterValidator(_connect_id)]
Flag = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=1)]
Level = Annotated[int, Field(strict=True, ge=1, le=5)]
Step = Annotated[int, Field(strict=True, ge=-MOST_STEPS, le=MOST_STEPS)]
Text = Annotated[dict[str, Line], AfterValidator(_text), AfterValidator(_fixed_text)]
SignalText = Annotated[dict[str, Line], AfterValidator(_text), AfterValidator(_filled_with(SIGNAL_PLACEHOLDERS))]
Paragraphs = Annotated[str, AfterValidator(_paragraphs)]
StatementTitle = Annotated[
    dict[str, Line],
    AfterValidator(_text),
    AfterValidator(_filled_with(PLACEHOLDERS)),
    AfterValidator(_at_most(TITLE_LIMIT)),
    AfterValidator(_no_markup),
]
StatementText = Annotated[
    dict[str, Paragraphs],
    AfterValidator(_text),
    AfterValidator(_filled_with(PLACEHOLDERS)),
    AfterValidator(_at_most(BODY_LIMIT)),
    AfterValidator(_no_markup),
]
Answer = Annotated[dict[str, Line], AfterValidator(_text), AfterValidator(_filled_with(PLACEHOLDERS))]
Greeting = Annotated[
    dict[str, Line],
    AfterValidator(_text),
    AfterValidator(_filled_with(GREETING_PLACEHOLDERS)),
    AfterValidator(_at_most(GREETING_LIMIT)),
    AfterValidator(_no_markup),
]
Account = Annotated[str, AfterValidator(_account)]
Globs = Annotated[list[Line], BeforeValidator(_as_list)]
Names = Annotated[list[Line], BeforeValidator(_as_list)]
EventSource = Annotated[Line, AfterValidator(_event_source)]
DetailTypes = Annotated[list[Annotated[Line, AfterValidator(_detail_type)]], BeforeValidator(_as_list)]
Expression = Annotated[Line, AfterValidator(_expression)]
PlaybookName = Annotated[str, AfterValidator(_playbook_name)]
TaskStep = Annotated[AutomaticStep, AfterValidator(_step_of(STEPS_OF_TASKS, "clean_up"))]
CleanUpStep = Annotated[AutomaticStep, AfterValidator(_step_of(STEPS_OF_CLEAN_UP, "tasks"))]


class Shape(BaseModel):
    """A mapping in a plan file; it may hold its own keys only."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    FOREIGN: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """Keys that somebody could look for here: what is wrong with them, and what to write instead."""


class CompanyShape(Shape):
    """Who the plan belongs to, and how the system writes in its name."""

    name: Text
    locale: LocaleTag
    locales: list[LocaleTag] = Field(min_length=1)
    time_zone: Annotated[str, AfterValidator(_time_zone)]
    time_zone_name: Text
    currency: Annotated[str, AfterValidator(_currency)]
    mail_from: Email
    reply_to: Email


class LeadershipShape(Shape):
    """P4: contact ids by rank."""

    head: Line
    deputy_heads: list[Line] = Field(min_length=1)
    members: list[Line] = []
    legal: Line = ""


class TeamShape(Shape):
    """P5: one response team."""

    name: Text
    duty: Text
    lead: Line
    deputies: list[Line] = []
    members: list[Line] = []


class OrganisationFile(Shape):
    """`organisation.yaml`."""

    company: CompanyShape
    leadership: LeadershipShape
    teams: dict[Team, TeamShape]


class AbsenceShape(Shape):
    """Days on which somebody is away, first and last included."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="until")


class ContactShape(Shape):
    """Somebody who can be asked; `delegate` is asked instead on the days `away`."""

    name: Text
    title: Text
    email: Email
    phone: Phone
    locale: Line
    second_factor: Literal[Factor.CODE, Factor.TOTP] = Factor.CODE
    delegate: Line = ""
    away: list[AbsenceShape] = []


class ContactsFile(Shape):
    """`contacts.yaml`."""

    contacts: dict[Slug, ContactShape]


class RiskShape(Shape):
    """P3: one assessed risk."""

    name: Text
    what_happens: Text
    harms: Text
    likelihood: Level
    impact: Level


class ShiftShape(Shape):
    """What is added to likelihood and impact where a figure is at least so much."""

    at_least: Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
    likelihood: Step = 0
    impact: Step = 0


class FiguresShape(Shape):
    """How a signal's own figures change its assessment."""

    times_over: list[ShiftShape] = []
    users: list[ShiftShape] = []
    score: list[ShiftShape] = []


class RisksFile(Shape):
    """`risks.yaml`."""

    risks: dict[Risk, RiskShape]
    matrix: list[list[Severity]]
    figures: FiguresShape = FiguresShape()


class SeverityShape(Shape):
    """One severity and its timers: of each kind of decision one for all rungs, or one for each."""

    name: Text
    means: Text
    wait: dict[DecisionKind, Waits]
    orders_on_silence: Literal[Outcome.ACTIVATE, Outcome.STAND_DOWN]


class SeveritiesFile(Shape):
    """`severities.yaml`."""

    severities: dict[Severity, SeverityShape]


class MoreTimeShape(Shape):
    """How often somebody may ask for more time, and how much of the rung's time it is."""

    times: Annotated[int, Field(strict=True, ge=1, le=MOST_EXTENSIONS)]
    share: Annotated[int, BeforeValidator(_percentage(10, 200))]


class ApprovalShape(Shape):
    """Who decides on requests that are worth no more than `up_to`, in units of the currency."""

    up_to: Count | None = None
    ladder: list[list[Role]]
    needed: Count = 1


class DecisionShape(Shape):
    """How one kind of decision is put to people. Without `second_factor`, its kind says whether one is asked for."""

    ladder: list[list[Role]] = []
    by_amount: list[ApprovalShape] = []
    second_factor: Flag | None = None
    needed: Annotated[
        dict[Severity, Count],
        BeforeValidator(_by_severity),
    ] = {}
    remind: Annotated[int, BeforeValidator(_percentage(LEAST_REMIND, MOST_REMIND))] = 0
    start_over: Annotated[int, Field(strict=True, ge=0, le=MOST_STARTS_OVER)] = 0
    hand_over: Flag = False
    more_time: MoreTimeShape | None = None


class DecisionsFile(Shape):
    """`decisions.yaml`."""

    FOREIGN: ClassVar[Mapping[str, tuple[str, str]]] = {
        "ladders": (
            "is where ladders stood in earlier plans; each now stands with all else about its decision",
            "write 'decisions:', below it 'orders:' and below that 'ladder: [[head], [deputy_heads]]', and so on",
        )
    }

    decisions: dict[DecisionKind, DecisionShape]
    review_rounds: Annotated[int, Field(strict=True, ge=0, le=10)]


class MatchShape(Shape):
    """What to look for in a signal; each field a glob or a list of them, any of which will do."""

    source: Globs = []
    detail_type: Globs = []
    namespace: Globs = []
    metric: Globs = []
    name: Globs = []
    account: Annotated[list[Account], BeforeValidator(_accounts)] = []
    region: Globs = []
    tags: dict[Line, Annotated[Globs, Field(min_length=1)]] = {}


class RuleShape(Shape):
    """One classification rule; `match` holds its alternatives."""

    id: Slug
    match: list[MatchShape] = Field(min_length=1)
    risk: Risk
    component: Annotated[str, AfterValidator(_component)]
    title: SignalText
    place: SignalText
    first_impact: SignalText
    likelihood: Level | None = None
    impact: Level | None = None
    playbook: PlaybookName = ""


class ClassificationFile(Shape):
    """`classification.yaml`."""

    rules: list[RuleShape] = Field(min_length=1)


class _AnyTaskShape(Shape):
    """What tasks and entries of a clean-up have in common. Without `owner`, the team's lead has it to do."""

    id: Slug
    text: Text
    within: dict[Severity, Duration] = {}
    owner: Line = Role.TEAM_LEAD
    after: Names = []
    runbook: WebAddress = ""


class TaskShape(_AnyTaskShape):
    """One task of a playbook."""

    automatic: TaskStep | None = None
    switch_back: Text | None = None


class CleanUpShape(_AnyTaskShape):
    """One entry of a team's checklist for clean-up."""

    FOREIGN: ClassVar[Mapping[str, tuple[str, str]]] = {
        "switch_back": (
            "is for tasks: it says what clean-up has to undo, and this is clean-up already",
            "move it to the task that switches something, or write it as the 'text' here",
        )
    }

    automatic: CleanUpStep | None = None


class LoanShape(Shape):
    """What is lent to a team at activation."""

    resource: Line
    team: Team
    quantity: Count


class PlaybookFile(Shape):
    """`playbooks/<risk>.yaml` and `playbooks/default.yaml`."""

    mobilise: dict[Severity, list[Team]]
    tasks: dict[Team, list[TaskShape]]
    loans: list[LoanShape] = []
    clean_up: dict[Team, list[CleanUpShape]] = {}


ResourceKind = Literal["servers", "network", "communication", "tools", "people", "funds"]


class ReservistShape(Shape):
    """Somebody of a reserve list, who can be called to help a team."""

    id: Slug
    name: Text
    email: Email
    phone: Phone
    locale: Line


class ResourceShape(Shape):
    """P7: one line of the inventory; whole cents for funds, a list of names for people."""

    kind: ResourceKind
    name: Text
    unit: Text
    stock: Annotated[int, Field(strict=True, ge=0)] | None = None
    reserve: list[ReservistShape] = []
    counted: Day | None = None
    value: Annotated[int, Field(strict=True, ge=0)] = 0


class ContactCentreShape(Shape):
    """The Amazon Connect instance that answers the hotlines, with its queue and opening hours."""

    instance: ConnectId
    queue: ConnectId
    hours: ConnectId


class HotlineShape(Shape):
    """A telephone number that customer service can open; with both ids, Amazon Connect switches it."""

    id: Slug
    number: Phone
    name: Text
    phone_number: ConnectId = ""
    flow: ConnectId = ""


class RegionShape(Shape):
    """A region that parcels are delivered to, and its other names in lists of orders."""

    name: Text
    also: list[Line] = []


class LaneShape(Shape):
    """What a carrier does in one region: whole cents a parcel, and the parcels of a usual day."""

    cost: Count
    parcels: Annotated[int, Field(strict=True, ge=0)]


class CarrierShape(Shape):
    """A logistics company that parcels can be moved to."""

    FOREIGN: ClassVar[Mapping[str, tuple[str, str]]] = {
        "regions": (
            "is where a carrier's regions stood in earlier plans; each now says its cost and parcels",
            "write 'lanes:', and below it the region with '{ cost: 6500, parcels: 1200 }'",
        )
    }

    id: Slug
    name: Text
    lanes: Annotated[dict[Slug, LaneShape], Field(min_length=1)]
    daily_capacity: Count
    cut_off: TimeOfDay
    contact_email: Email
    contact_phone: Phone
    locale: Line


class ResourcesFile(Shape):
    """`resources.yaml`."""

    resources: dict[Slug, ResourceShape]
    shortage_to: Annotated[list[Role], Field(min_length=1)] = [Role.DEPUTY_HEADS]
    contact_centre: ContactCentreShape | None = None
    hotlines: list[HotlineShape] = Field(min_length=1)
    regions: Annotated[dict[Slug, RegionShape], Field(min_length=1)]
    carriers: list[CarrierShape] = Field(min_length=1)


class MediaContactShape(Shape):
    """A newsroom that gets every statement."""

    id: Slug
    name: Text
    email: Email
    locale: Line


class StatementShape(Shape):
    """What a statement says before people edit it."""

    title: StatementTitle
    text: StatementText


class QuestionShape(Shape):
    """What customers ask, and what the hotline's agents answer."""

    question: Answer
    answer: Answer


class VoiceShape(Shape):
    """How the hotline speaks a language: a voice of Amazon Polly."""

    name: Annotated[str, AfterValidator(_voice_name)]
    language: Annotated[str, AfterValidator(_spoken)]


class CommunicationsFile(Shape):
    """`communications.yaml`."""

    name: Text
    locales: list[LocaleTag] = Field(min_length=1)
    voices: dict[str, VoiceShape]
    media: list[MediaContactShape] = []
    greetings: dict[PlaybookName, Greeting]
    statements: dict[PlaybookName, dict[Phase, StatementShape]]
    answers: dict[PlaybookName, Annotated[list[QuestionShape], Field(min_length=1)]]


class PromptShape(Shape):
    """Who is mailed when so much of a clock's time is over."""

    at: Annotated[int, BeforeValidator(_percentage(1, MOST_PROMPT))]
    to: list[Role] = Field(min_length=1)


class UpdatesShape(Shape):
    """How often the public is told what is going on."""

    first: dict[Severity, Duration]
    every: dict[Severity, Duration]
    prompts: list[PromptShape] = []


class NoticeShape(Shape):
    """A duty to tell an authority. Without `severities`, it concerns all."""

    name: Text
    recipient: Text
    term: Text
    source: Text
    url: WebAddress
    checked: Day
    status: NoticeStatus
    begins: Line
    within: Duration
    risks: list[Risk] = Field(min_length=1)
    severities: Annotated[list[Severity], Field(min_length=1)] = list(Severity)


class DeadlinesFile(Shape):
    """`deadlines.yaml`."""

    tasks: list[PromptShape] = []
    updates: UpdatesShape | None = None
    notices: dict[Slug, NoticeShape] = {}


class CriterionShape(Shape):
    """P8: one criterion, the question it asks, and what is measured for it."""

    id: Slug
    name: Text
    question: Text
    measures: list[Text] = Field(min_length=1)


class EvaluationFile(Shape):
    """`evaluation.yaml`."""

    every: Duration
    criteria: list[CriterionShape] = Field(min_length=1)


class CorrelationFile(Shape):
    """`correlation.yaml`. What is left out is as the compiled plan has it."""

    related: Span = Correlation.related
    aftershocks: Span = Correlation.aftershocks
    returns: Span = Correlation.returns
    quiet: Span = Correlation.quiet
    flaps: Annotated[int, Field(strict=True, ge=2, le=MOST_FLAPS)] = Correlation.flaps
    flaps_within: Duration = Correlation.flaps_within
    depends: dict[Line, Globs] = {}


class ReportPlaceShape(Shape):
    """A place that people can name in an incident report."""

    id: Slug
    name: Text
    component: Annotated[str, AfterValidator(_fixed_component)]


class ReportingFile(Shape):
    """`reporting.yaml`."""

    places: list[ReportPlaceShape] = []
    open_page: Flag = Reporting.open_page
    per_hour: Annotated[int, Field(strict=True, ge=1, le=MOST_REPORTS)] = Reporting.per_hour
    longest_maintenance: Duration = Plan.longest_maintenance


class SourceShape(Shape):
    """How events of another source are read. Expressions are JMESPath over the whole event."""

    id: Slug
    source: EventSource
    detail_types: DetailTypes = []
    name: Expression
    alarm: Expression = ""
    state: Expression = ""
    failure: Names = []
    recovery: Names = []
    namespace: Expression = ""
    metric: Expression = ""
    resource: Expression = ""
    reason: Expression = ""
    at: Expression = ""
    began_at: Expression = ""
    value: Expression = ""
    threshold: Expression = ""
    score: Expression = ""
    users: Expression = ""


class SourcesFile(Shape):
    """`sources.yaml`."""

    sources: list[SourceShape] = []


DEADLINES = "deadlines.yaml"
CORRELATION = "correlation.yaml"
REPORTING = "reporting.yaml"
SOURCES = "sources.yaml"

FILES: Mapping[str, type[Shape]] = {
    "organisation.yaml": OrganisationFile,
    "contacts.yaml": ContactsFile,
    "risks.yaml": RisksFile,
    "severities.yaml": SeveritiesFile,
    "decisions.yaml": DecisionsFile,
    "classification.yaml": ClassificationFile,
    "resources.yaml": ResourcesFile,
    "communications.yaml": CommunicationsFile,
    DEADLINES: DeadlinesFile,
    CORRELATION: CorrelationFile,
    REPORTING: ReportingFile,
    SOURCES: SourcesFile,
    "evaluation.yaml": EvaluationFile,
    **dict.fromkeys(PLAYBOOKS.values(), PlaybookFile),
}
"""The files of a plan beside its words, and the shape of each."""

OPTIONAL = frozenset({DEADLINES, CORRELATION, REPORTING, SOURCES})
"""The files that a plan can do without."""
