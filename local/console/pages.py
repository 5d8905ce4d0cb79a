"""The console's pages. They only read; nothing that is opened here changes anything."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from werkzeug.wrappers import Request, Response

from local.console.flow import flow_of, spans_of
from local.engine.redaction import redact_text
from local.executions import Execution
from local.records import in_english

if TYPE_CHECKING:
    from local.stack import LocalStack

_CONSOLE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DOCUMENT_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; frame-ancestors 'self'"
)
_URL = re.compile(r"https?://[^\s<>\"']+")
_STATIC = {"console.css": "text/css", "console.js": "text/javascript"}


class _NotFoundError(Exception):
    """What was asked for doesn't exist here."""


@dataclass(frozen=True)
class _Path:
    pattern: re.Pattern[str]
    answer: Callable[..., Response]


class Console:
    """Answers the requests that are neither AWS's nor the app's own."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._templates = _templates()
        self._paths = tuple(
            _Path(re.compile(pattern), answer)
            for pattern, answer in (
                (r"/", self._home),
                (r"/mail", self._mails),
                (r"/mail\.json", self._mails_json),
                (r"/mail/([^/]+)", self._mail),
                (r"/mail/([^/]+)/html", self._mail_html),
                (r"/incidents", self._incidents),
                (r"/incidents\.json", self._incidents_json),
                (r"/incidents/([^/]+)", self._incident),
                (r"/incidents/([^/]+)/report", self._report),
                (r"/executions", self._executions),
                (r"/executions\.json", self._executions_json),
                (r"/executions/([^/]+)/([^/]+)", self._execution),
                (r"/notifications", self._notifications),
                (r"/logs", self._logs),
                (r"/logs/([^/]+)", self._log),
                (r"/static/([a-z.]+)", self._static),
            )
        )

    def serve(self, request: Request) -> Response:
        """The answer to a request."""
        if request.method not in ("GET", "HEAD"):
            return self._failed(405, "The console only shows; nothing can be sent to it.")
        try:
            for path in self._paths:
                match = path.pattern.fullmatch(request.path)
                if match:
                    return path.answer(*match.groups())
        except _NotFoundError as error:
            return self._failed(404, str(error))
        return self._failed(404, "There is no such page.")

    # --- Pages -----------------------------------------------------------------------------------------------------

    def _home(self) -> Response:
        executions = self._stack.executions()
        return self._page(
            "home.html",
            incidents=self._stack.reader.incidents()[:10],
            running=[execution for execution in executions if execution.status == "RUNNING"],
            mails=self._stack.mailbox.mails[::-1][:8],
            notifications=self._stack.mailbox.pages[::-1][:3],
        )

    def _mails(self) -> Response:
        return self._page("mails.html", mails=self._stack.mailbox.mails[::-1])

    def _mail(self, mail_id: str) -> Response:
        mail = self._stack.mailbox.find(mail_id)
        if mail is None:
            raise _NotFoundError("There is no such mail.")
        return self._page("mail.html", mail=mail)

    def _mail_html(self, mail_id: str) -> Response:
        mail = self._stack.mailbox.find(mail_id)
        if mail is None or not mail.html:
            raise _NotFoundError("There is no such mail.")
        # Links open beside the mailbox; the mail itself stays in its sandbox.
        return _document(f'<base target="_blank">{redact_text(mail.html)}')

    def _incidents(self) -> Response:
        return self._page("incidents.html", incidents=self._stack.reader.incidents())

    def _incident(self, incident_id: str) -> Response:
        record = self._stack.reader.incident(incident_id)
        if record is None:
            raise _NotFoundError("There is no such incident.")
        executions = [e for e in self._stack.executions() if e.incident_id == incident_id]
        return self._page(
            "incident.html",
            record=record,
            executions=executions[::-1],
            machines={execution.name: execution.machine for execution in executions},
            mails=[mail for mail in self._stack.mailbox.mails if mail.incident_id == incident_id],
            has_report=self._stack.report(incident_id) is not None,
        )

    def _report(self, incident_id: str) -> Response:
        report = self._stack.report(incident_id)
        if report is None:
            raise _NotFoundError("There is no report of this incident yet.")
        return _document(redact_text(report))

    def _executions(self) -> Response:
        return self._page("executions.html", executions=self._stack.executions())

    def _execution(self, machine: str, name: str) -> Response:
        execution = self._find_execution(machine, name)
        return self._page(
            "execution.html",
            execution=execution,
            flow=flow_of(self._stack.definition(machine), execution.visits),
            spans=spans_of(execution, datetime.now(UTC)),
        )

    def _find_execution(self, machine: str, name: str) -> Execution:
        arn = self._stack.loaded.state_machines.get(machine)
        if arn is None:
            raise _NotFoundError("There is no such state machine.")
        try:
            return self._stack.execution(arn.replace(":stateMachine:", ":execution:") + f":{name}")
        except ClientError:
            raise _NotFoundError("There is no such execution.") from None

    def _notifications(self) -> Response:
        return self._page("notifications.html", notifications=self._stack.mailbox.pages[::-1])

    def _logs(self) -> Response:
        return self._page("logs.html", functions=self._stack.functions)

    def _log(self, function: str) -> Response:
        if function not in self._stack.functions:
            raise _NotFoundError("There is no such function.")
        text = redact_text(self._stack.logs(function))
        return self._page("log.html", function=function, lines=text.splitlines()[-500:])

    def _static(self, name: str) -> Response:
        if name not in _STATIC:
            raise _NotFoundError("There is no such file.")
        content = files("local.console").joinpath("static", name).read_text("utf-8")
        return Response(content, mimetype=_STATIC[name], headers={"Cache-Control": "no-cache"})

    # --- For scripts -----------------------------------------------------------------------------------------------

    def _mails_json(self) -> Response:
        return _json([mail.summary() for mail in self._stack.mailbox.mails])

    def _incidents_json(self) -> Response:
        return _json([record.as_json() for record in self._stack.reader.incidents()])

    def _executions_json(self) -> Response:
        return _json([execution.as_json() for execution in self._stack.executions()])

    # --- Plumbing --------------------------------------------------------------------------------------------------

    def _page(self, template: str, status: int = 200, **values: Any) -> Response:
        shared = {"endpoint": self._stack.url, "status_url": self._stack.status_url}
        html = self._templates.get_template(template).render(**shared, **values)
        headers = {"Content-Security-Policy": _CONSOLE_POLICY, **_HEADERS}
        return Response(html, status, mimetype="text/html", headers=headers)

    def _failed(self, status: int, sentence: str) -> Response:
        return self._page("failed.html", status, sentence=sentence)


_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}


def _document(html: str) -> Response:
    return Response(html, mimetype="text/html", headers={"Content-Security-Policy": _DOCUMENT_POLICY, **_HEADERS})


def _json(value: Any) -> Response:
    text = json.dumps(value, ensure_ascii=False, indent=1, default=str)
    return Response(text + "\n", mimetype="application/json", headers=_HEADERS)


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("local.console"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clock": clock,
        "day": day,
        "duration": duration,
        "linked": linked,
        "words": words,
        "english": in_english,
        "status_words": status_words,
        "pretty": pretty,
        "execution_path": execution_path,
    }
    return environment


def clock(moment: datetime | str | None) -> str:
    """A time of day in UTC, as `03:12:41`; empty for none."""
    value = _moment(moment)
    return value.strftime("%H:%M:%S") if value else ""


def day(moment: datetime | str | None) -> str:
    """A day and time in UTC, as `22 Nov, 03:12`; empty for none."""
    value = _moment(moment)
    return f"{value.day} {value.strftime('%b, %H:%M')}" if value else ""


def _moment(moment: datetime | str | None) -> datetime | None:
    if not moment:
        return None
    if isinstance(moment, datetime):
        return moment.astimezone(UTC)
    try:
        return datetime.fromisoformat(moment).astimezone(UTC)
    except ValueError:
        return None


def duration(seconds: float | None) -> str:
    """A length of time in its two largest units, as `3 min 12 s`."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    whole = round(seconds)
    parts = [(whole // 3600, "h"), (whole % 3600 // 60, "min"), (whole % 60, "s")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{count} {unit}" for count, unit in parts[:2])


def linked(text: str) -> Markup:
    """Plain text as HTML with its addresses as links; task tokens are redacted."""
    parts: list[Markup] = []
    end = 0
    clean = redact_text(text)
    for match in _URL.finditer(clean):
        url = match.group(0).rstrip(".,;:!?)]")
        parts.append(escape(clean[end : match.start()]))
        parts.append(Markup('<a href="{0}">{0}</a>').format(url))
        end = match.start() + len(url)
    parts.append(escape(clean[end:]))
    return Markup("").join(parts)


def words(name: str | None) -> str:
    """An identifier as words: `technical_support` as `Technical support`."""
    text = str(name or "").replace("_", " ").strip()
    return text[:1].upper() + text[1:]


_STATUS = {
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "failed",
    "ABORTED": "aborted",
    "reported": "running",
    "active": "running",
    "closed": "succeeded",
    "stood_down": "succeeded",
    "needs_attention": "failed",
}


def status_words(status: str) -> str:
    """The CSS class of an execution's or incident's status."""
    return _STATUS.get(status, status)


def pretty(text: str) -> str:
    """JSON text, indented; other text as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return text


def execution_path(execution: Execution | str) -> str:
    """The console's path of an execution, given itself or its ARN."""
    if isinstance(execution, Execution):
        return f"/executions/{execution.machine}/{execution.name}"
    parts = execution.split(":")
    return f"/executions/{parts[6]}/{parts[7]}"


def details_of(entry: Mapping[str, Any]) -> str:
    """A timeline entry's details on one line."""
    details = entry.get("details") or {}
    return ", ".join(f"{words(key)}: {value}" for key, value in details.items())
