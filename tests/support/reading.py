"""Pages read as a browser reads them: what their forms would post, and that nothing on them leads nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from emergency.presentation.page import Page


@dataclass
class Form:
    """What a browser would post of one form: its fields with their values, and its buttons."""

    attributes: Mapping[str, str | None]
    fields: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    types: dict[str, str] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)


class Read(HTMLParser):
    """What a browser would read of a page: its forms, which details stand open, and every id and reference."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.ids: list[str] = []
        self.references: set[str] = set()
        self.tags: list[str] = []
        self.open_details = 0
        self.nested_in_open = [0]
        self._form: Form | None = None
        self._select = self._area = ""
        self.feed(html)

    def form(self, button: str) -> Form:
        """The form that has a button of that value."""
        return next(form for form in self.forms if button in [value for _, value in form.buttons])

    @property
    def actions(self) -> list[str]:
        return [value for form in self.forms for name, value in form.buttons if name == "action"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        assert "style" not in values
        self._note_ids(values)
        if tag == "details" and "open" in values:
            self.open_details += 1
        if tag == "form":
            self._form = Form(values)
            self.forms.append(self._form)
        if self._form is not None:
            self._control(self._form, tag, values)

    def _control(self, form: Form, tag: str, values: dict[str, str | None]) -> None:
        name, value = values.get("name") or "", values.get("value") or ""
        if tag in {"input", "select", "textarea"}:
            form.types[name] = values.get("type") or tag
            if "required" in values:
                form.required.add(name)
        if tag == "input" and (values.get("type") != "checkbox" or "checked" in values):
            form.fields.setdefault(name, []).append(value)
        if tag == "select":
            self._select = name
        if tag == "option" and "selected" in values:
            form.fields[self._select] = [value]
        if tag == "textarea":
            form.fields[name], self._area = [""], name
        if tag == "button":
            form.buttons.append((name, value))

    def _note_ids(self, values: dict[str, str | None]) -> None:
        if identity := values.get("id"):
            self.ids.append(identity)
        for attribute in ("aria-describedby", "aria-labelledby", "for"):
            self.references.update((values.get(attribute) or "").split())
        if (href := values.get("href") or "").startswith("#"):
            self.references.add(href[1:])

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        if tag == "form":
            self._form = None

    def handle_data(self, data: str) -> None:
        if self._area and self._form is not None:
            self._form.fields[self._area][0] += data.removeprefix("\n")


def assert_sound(page: Page) -> Read:
    """As `assert_tidy`; and every form goes to the page itself, with its nonce."""
    read = assert_tidy(page)
    for form in read.forms:
        assert "action" not in form.attributes
        assert form.fields["nonce"] == ["the-nonce"]
    return read


def assert_tidy(page: Page) -> Read:
    """The page has one heading, no id twice, and no reference that leads nowhere; it runs and loads nothing."""
    read = Read(page.html)
    assert read.tags.count("h1") == 1
    assert len(read.ids) == len(set(read.ids))
    assert read.references <= set(read.ids)
    assert not {"script", "iframe", "object"} & set(read.tags)
    for form in read.forms:
        assert form.attributes["method"] == "post"
    return read
