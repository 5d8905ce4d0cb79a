"""Resolves CloudFormation's intrinsic functions. Pure: what a Ref or GetAtt stands for is asked of the caller."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

NO_VALUE = object()
"""What AWS::NoValue resolves to; the property or list item around it disappears."""

_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]+)\}")


class TemplateError(ValueError):
    """A template that can't be resolved or loaded here; the message names the place."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What names stand for while one template is resolved.

    Attributes:
        ref: Logical id, parameter or pseudo parameter -> its value.
        get_att: (logical id, attribute) -> its value.
        import_value: Name of an export of another stack -> its value.
        mappings: The template's Mappings.
        conditions: The template's Conditions, unresolved.
    """

    ref: Callable[[str], Any]
    get_att: Callable[[str, str], Any]
    import_value: Callable[[str], Any]
    mappings: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, Any] = field(default_factory=dict)


def resolve(value: Any, scope: Scope) -> Any:
    """A copy of a template value with all its intrinsic functions resolved. Raises TemplateError."""
    if isinstance(value, list):
        return [item for item in (resolve(item, scope) for item in value) if item is not NO_VALUE]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        name, argument = next(iter(value.items()))
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](argument, scope)
        if name.startswith("Fn::"):
            raise TemplateError(f"the intrinsic function {name} is not supported locally")
    resolved = {key: resolve(item, scope) for key, item in value.items()}
    return {key: item for key, item in resolved.items() if item is not NO_VALUE}


def condition_holds(name: str, scope: Scope) -> bool:
    """Whether the template's condition of that name is true. Raises TemplateError."""
    if name not in scope.conditions:
        raise TemplateError(f"the condition {name} is not declared")
    return bool(_condition(scope.conditions[name], scope))


def _condition(value: Any, scope: Scope) -> bool:
    if not (isinstance(value, dict) and len(value) == 1):
        return str(resolve(value, scope)).lower() == "true"
    name, argument = next(iter(value.items()))
    if name == "Condition":
        return condition_holds(argument, scope)
    if name == "Fn::Equals":
        first, second = resolve(argument, scope)
        return bool(first == second)
    if name == "Fn::Not":
        return not _condition(argument[0], scope)
    if name == "Fn::And":
        return all(_condition(item, scope) for item in argument)
    if name == "Fn::Or":
        return any(_condition(item, scope) for item in argument)
    raise TemplateError(f"{name} is not a condition")


def _get_att(argument: Any, scope: Scope) -> Any:
    if isinstance(argument, str):
        logical_id, _, attribute = argument.partition(".")
    else:
        logical_id, attribute = argument[0], str(resolve(argument[1], scope))
    return scope.get_att(logical_id, attribute)


def _join(argument: Any, scope: Scope) -> str:
    separator, parts = argument
    return str(separator).join(str(part) for part in resolve(parts, scope))


def _sub(argument: Any, scope: Scope) -> str:
    text, own = argument if isinstance(argument, list) else (argument, {})
    variables = resolve(own, scope)

    def value_of(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal:
            return "${" + name + "}"
        if name in variables:
            return str(variables[name])
        if "." in name:
            return str(_get_att(name, scope))
        return str(scope.ref(name))

    return _PLACEHOLDER.sub(value_of, text)


def _select(argument: Any, scope: Scope) -> Any:
    index, items = argument
    return resolve(items, scope)[int(resolve(index, scope))]


def _split(argument: Any, scope: Scope) -> list[str]:
    separator, text = argument
    return str(resolve(text, scope)).split(separator)


def _find_in_map(argument: Any, scope: Scope) -> Any:
    name, first, second = resolve(argument, scope)
    try:
        return scope.mappings[name][first][second]
    except KeyError:
        raise TemplateError(f"the mapping {name} has no {first}.{second}") from None


def _if(argument: Any, scope: Scope) -> Any:
    name, yes, no = argument
    return resolve(yes if condition_holds(name, scope) else no, scope)


_FUNCTIONS: Mapping[str, Callable[[Any, Scope], Any]] = {
    "Ref": lambda name, scope: NO_VALUE if name == "AWS::NoValue" else scope.ref(name),
    "Fn::GetAtt": _get_att,
    "Fn::Join": _join,
    "Fn::Sub": _sub,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::FindInMap": _find_in_map,
    "Fn::If": _if,
    "Fn::ImportValue": lambda name, scope: scope.import_value(str(resolve(name, scope))),
    "Fn::Base64": lambda text, scope: base64.b64encode(str(resolve(text, scope)).encode()).decode(),
}
