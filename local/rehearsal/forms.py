"""Reads the forms of a page and fills them in as a browser would. Reads nothing else but files that are to be sent."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from urllib3.filepost import encode_multipart_formdata

_TEXT_TYPES = frozenset({"text", "search", "email", "tel", "url", "date", "time", "datetime-local", "password", ""})
_NUMBER_MODES = frozenset({"numeric", "decimal"})
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_ACTION = "action"
"""The name of buttons that do something beside answering."""

ALL = "all"
"""What stands in an answers file for every box of a field."""

CODE_FIELD = "code"
"""The name of the field into which a person types a code."""


class FormError(ValueError):
    """The form can't be filled in as asked; the message says what it has instead."""


@dataclass
class Control:
    """One named control: its present values, and whether a person must give it one.

    `kind` is hidden, text, number, textarea, choice (select or radio), check or file (whose value is a path). `options`
    are a choice's or check's values; `least` is the smallest number that is allowed.
    """

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    required: bool = False
    least: str = ""

    def natural(self, sentence: str) -> str:
        """What a person gives who has to give something: the first option, the least number, or the sentence."""
        if self.kind == "number":
            return self.least or "1"
        return next((option for option in self.options if option), sentence)

    def allowed(self, values: list[str]) -> list[str]:
        """The values as a person can give them. Raises FormError for what can't be chosen.

        Of a choice, `*` and `?` stand for what nobody knows beforehand; `all` ticks every box.
        """
        if self.kind == "check" and values == [ALL]:
            return [*self.options]
        return [self._option(value) for value in values] if self.kind in ("choice", "check") else values

    def _option(self, value: str) -> str:
        fitting = [value] if value in self.options else [o for o in self.options if o and fnmatchcase(o, value)]
        if not fitting:
            raise FormError(f"the field {self.name!r} takes {', '.join(self.options)}, not {value!r}")
        return fitting[0]


@dataclass(frozen=True)
class Button:
    """A submit button, in document order."""

    name: str
    value: str
    text: str = ""
    action: str | None = None

    @property
    def answers(self) -> bool:
        """Whether it answers the question, instead of doing something beside."""
        return self.name != _ACTION

    def is_called(self, press: str) -> bool:
        """Whether a person who presses that means this button: by its value or its text."""
        return press in (self.value, self.text)


@dataclass(frozen=True)
class Submission:
    """What a browser posts when a button is pressed."""

    url: str
    content_type: str
    body: bytes


@dataclass
class Form:
    """One form of a page, as it stands when the page is opened."""

    action: str
    method: str
    encoding: str = _URLENCODED
    controls: dict[str, Control] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def fill(self, fields: Mapping[str, str | list[str]], sentence: str) -> None:
        """Gives the named controls their values; required texts that stay empty get the sentence. Raises FormError."""
        for name, value in fields.items():
            control = self.controls.get(name)
            if control is None or control.kind == "hidden":
                known = ", ".join(sorted(c.name for c in self.controls.values() if c.kind != "hidden")) or "none"
                raise FormError(f"the form has no field {name!r}; its fields: {known}")
            control.values = control.allowed([value] if isinstance(value, str) else list(value))
        for control in self.controls.values():
            if control.required and not any(control.values):
                control.values = [control.natural(sentence)]

    def fill_texts(self, sentence: str) -> None:
        """Writes the sentence into every text area that is still empty."""
        for control in self.controls.values():
            if control.kind == "textarea" and not any(control.values):
                control.values = [sentence]

    def submission(self, button: Button, page_url: str) -> Submission:
        """What a browser sends when the button is pressed. Raises FormError for a file that can't be read."""
        url = urljoin(page_url, button.action or self.action or page_url)
        pressed = [(button.name, button.value)] if button.name else []
        if self.encoding == _MULTIPART:
            parts = [(c.name, _part(c, value)) for c in self.controls.values() for value in c.values or _unsent(c)]
            body, content_type = encode_multipart_formdata([*parts, *pressed])
            return Submission(url, content_type, body)
        pairs = [(c.name, value) for c in self.controls.values() for value in c.values]
        return Submission(url, _URLENCODED, urlencode([*pairs, *pressed]).encode())


def _unsent(control: Control) -> list[str]:
    """A browser sends a file field without a file too, under an empty name."""
    return [""] if control.kind == "file" else []


def find_file_form(forms: Sequence[Form]) -> tuple[Form, Button] | None:
    """The form that sends a file, with its button, where the page has one."""
    sending = (form for form in forms if form.buttons and any(c.kind == "file" for c in form.controls.values()))
    return next(((form, form.buttons[0]) for form in sending), None)


def find_link(html: str, page_url: str, ending: str) -> str | None:
    """The address of the page's first link that ends so; its query counts where the ending has one. None for none."""
    reader = _LinkReader()
    reader.feed(html)
    reader.close()
    targets = (urljoin(page_url, target) for target in reader.targets)
    return next((target for target in targets if _compared(target, ending).endswith(ending)), None)


def _compared(url: str, ending: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if "?" in ending else parts.path


class _LinkReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href") if tag == "a" else None
        if target:
            self.targets.append(target)


def _part(control: Control, value: str) -> str | tuple[str, bytes, str]:
    if control.kind != "file":
        return value
    file = Path(value)
    try:
        content = file.read_bytes() if value else b""
    except OSError as error:
        raise FormError(f"{file}: {error.strerror or error}") from None
    kind, _ = mimetypes.guess_type(file.name)
    return file.name if value else "", content, kind or "application/octet-stream"


def find_button(forms: Sequence[Form], press: str | None = None) -> tuple[Form, Button] | None:
    """The button to press, and its form: the one called that, or the first that answers; None where nothing can be.

    Raises FormError where the page has buttons, and none is called that.
    """
    posted = [(form, button) for form in forms if form.method == "post" for button in form.buttons]
    if press is None:
        return next(((form, button) for form, button in posted if button.answers), None)
    found = next(((form, button) for form, button in posted if button.is_called(press)), None)
    if posted and found is None:
        known = ", ".join(button.value for _, button in posted)
        raise FormError(f"the page has no button {press!r}; its buttons: {known}")
    return found


def find_code_form(forms: Sequence[Form]) -> Form | None:
    """The form that asks for a code, where the page has one."""
    return next((form for form in forms if form.method == "post" and CODE_FIELD in form.controls), None)


def read_forms(html: str) -> list[Form]:
    """The forms of a page, in document order."""
    reader = _FormReader()
    reader.feed(html)
    reader.close()
    return reader.forms


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._text: list[str] | None = None
        self._textarea: Control | None = None
        self._select: Control | None = None
        self._button: dict[str, str | None] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._form = Form(
                action=given.get("action") or "",
                method=(given.get("method") or "get").lower(),
                encoding=(given.get("enctype") or _URLENCODED).lower(),
            )
            self.forms.append(self._form)
        elif self._form is None or "disabled" in given:
            return
        elif tag == "input":
            self._input(self._form, given)
        elif tag == "textarea":
            self._textarea = Control(given.get("name") or "", "textarea", required="required" in given)
            self._text = []
        elif tag == "select":
            self._select = Control(given.get("name") or "", "choice", required="required" in given)
        elif tag == "option" and self._select is not None:
            value = given.get("value") or ""
            self._select.options.append(value)
            if "selected" in given or len(self._select.options) == 1:
                self._select.values = [value]
        elif tag == "button" and (given.get("type") or "submit").lower() == "submit":
            self._button, self._text = given, []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif self._form is None:
            return
        elif tag == "textarea" and self._textarea is not None:
            # HTML drops the newline straight after the opening tag.
            text = "".join(self._text or []).removeprefix("\n")
            self._textarea.values = [text]
            self._add(self._form, self._textarea)
            self._textarea, self._text = None, None
        elif tag == "select" and self._select is not None:
            self._add(self._form, self._select)
            self._select = None
        elif tag == "button" and self._button is not None:
            text = " ".join("".join(self._text or []).split())
            given = self._button
            button = Button(given.get("name") or "", given.get("value") or "", text, given.get("formaction"))
            self._form.buttons.append(button)
            self._button, self._text = None, None

    def _input(self, form: Form, given: Mapping[str, str | None]) -> None:
        kind, name = (given.get("type") or "text").lower(), given.get("name") or ""
        value, required = given.get("value") or "", "required" in given
        if kind == "submit":
            form.buttons.append(Button(name, value, value, given.get("formaction")))
        elif kind == "hidden":
            self._add(form, Control(name, "hidden", [value]))
        elif kind in ("radio", "checkbox"):
            control = form.controls.get(name) or Control(name, "choice" if kind == "radio" else "check")
            control.options.append(value or "on")
            control.required = control.required or required
            if "checked" in given:
                control.values.append(value or "on")
            self._add(form, control)
        elif kind == "file":
            self._add(form, Control(name, "file", required=required))
        elif kind == "number" or given.get("inputmode") in _NUMBER_MODES:
            self._add(form, Control(name, "number", [value], required=required, least=given.get("min") or ""))
        elif kind in _TEXT_TYPES:
            self._add(form, Control(name, "text", [value], required=required))

    @staticmethod
    def _add(form: Form, control: Control) -> None:
        if control.name:
            form.controls[control.name] = control
