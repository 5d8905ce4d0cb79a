"""Holds a file's tree against its shape, and turns what pydantic says into findings that a company can act on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from infra.plan_compiler.findings import Finding, choice, shown
from infra.plan_compiler.shape import CUSTOM, Shape
from infra.plan_compiler.source import Node

AnyShape = TypeVar("AnyShape", bound=Shape)

_QUOTED = re.compile(r"'([^']*)'")

_HINTS = {
    "lead": ("the team has no lead", "add 'lead:' with the id of a contact"),
    "head": ("the leadership group has no head", "add 'head:' with the id of a contact"),
}

_NAMED_VALUES = ("must hold names with values", "write 'name: value' lines, indented, below it")
_WHOLE_NUMBER = ("must be a whole number", "write digits only, without quotes")
_A_LIST = ("must be a list", "write one '- …' line for each entry")
_SIMPLE = {
    "string_type": ("must be text", "write words, and put numbers in quotes"),
    "int_type": _WHOLE_NUMBER,
    "int_parsing": _WHOLE_NUMBER,
    "int_from_float": _WHOLE_NUMBER,
    "float_type": ("must be a number", "write digits, without quotes"),
    "bool_type": ("must be true or false", "write true or false, without quotes"),
    "list_type": _A_LIST,
    "dict_type": _NAMED_VALUES,
    "model_type": _NAMED_VALUES,
    "model_attributes_type": _NAMED_VALUES,
}


def validate(root: Node, shape: type[AnyShape], locales: tuple[str, ...]) -> tuple[AnyShape | None, list[Finding]]:
    """The file's content in its shape, or the findings that say why it has another.

    Args:
        root: The file as read.
        shape: What the file must look like.
        locales: The locales that every text must have.
    """
    try:
        return shape.model_validate(root.plain(), context=locales), []
    except ValidationError as error:
        return None, [_finding(root, shape, details) for details in error.errors(include_url=False)]


def _finding(root: Node, shape: type[Shape], details: ErrorDetails) -> Finding:
    location = tuple(step for step in details["loc"] if step != "[key]")
    node = root.at(location)
    kind = details["type"]
    if kind == "missing":
        return _named(node, str(location[-1])).finding(*_missing(str(location[-1])))
    if location and location[-1] in _HINTS and not str(details["input"] or "").strip():
        return node.finding(*_HINTS[str(location[-1])])
    if kind == "extra_forbidden":
        return node.finding(*_unknown_key(str(location[-1]), _model_at(shape, location[:-1])))
    if kind in {"enum", "literal_error"}:
        return node.finding(*_unknown_name(details))
    return node.finding(*_said(kind, details))


def _named(node: Node, name: str) -> Node:
    return Node(node.file, node.line, f"{node.place}.{name}" if node.place else name)


def _missing(name: str) -> tuple[str, str]:
    return _HINTS.get(name, ("is missing", f"add '{name}:'"))


def _unknown_key(name: str, model: type[Shape] | None) -> tuple[str, str]:
    if model is None:
        return f"nothing reads the key '{shown(name)}'", "remove it"
    if name in model.FOREIGN:
        return model.FOREIGN[name]
    known = _fields(model)
    return f"nothing reads the key '{shown(name)}'", choice(name, known, otherwise="remove it")


def _unknown_name(details: ErrorDetails) -> tuple[str, str]:
    known = _QUOTED.findall(str(details.get("ctx", {}).get("expected", "")))
    written = details["input"]
    if not isinstance(written, str):
        return "must be a name", f"write one of: {', '.join(known)}"
    return f"'{shown(written)}' is not known", choice(written, known)


def _said(kind: str, details: ErrorDetails) -> tuple[str, str]:
    context: dict[str, Any] = details.get("ctx", {})
    if kind == CUSTOM:
        return str(context["problem"]), str(context["remedy"])
    if details["input"] is None:
        return "has no value", "write a value after the colon, or remove the line"
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    bounds: dict[str, Callable[[], tuple[str, str]]] = {
        "greater_than_equal": lambda: (f"{details['input']} is too small", f"write {context['ge']} or more"),
        "less_than_equal": lambda: (f"{details['input']} is too large", f"write {context['le']} or less"),
        "too_short": lambda: ("has no entry", "write at least one"),
    }
    if kind in bounds:
        return bounds[kind]()
    return f"is not usable ({details['msg']})", "write it as the example plan does"


def _model_at(shape: type[Shape], location: tuple[str | int, ...]) -> type[Shape] | None:
    """The shape of the mapping at a location."""
    current: Any = shape
    for step in location:
        model = _model_in(current)
        fields = _fields(model) if model else {}
        current = fields[str(step)] if step in fields else (get_args(current) or (None,))[-1]
    return _model_in(current)


def _model_in(annotation: Any) -> type[Shape] | None:  # noqa: ANN401
    """The shape that an annotation names, also where the value may be left out."""
    named = (annotation, *get_args(annotation))
    return next((one for one in named if isinstance(one, type) and issubclass(one, Shape)), None)


def _fields(model: type[Shape]) -> dict[str, Any]:
    """The keys that a mapping of that shape may have, and what each may hold."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}
