"""What S3 asks of a form that a browser posts to a bucket: that it keeps to the policy that was signed with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_FREE_FIELDS = frozenset({"policy", "x-amz-signature", "file"})
"""The fields of a form that its policy need not name."""

_IGNORED = "x-ignore-"


class FormRefusedError(ValueError):
    """The form doesn't keep to its policy; `code` and `status` are S3's own."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True, kw_only=True)
class PostedForm:
    """A form as it was posted: its fields but for the file, with `key` as it is stored, and the file's bytes."""

    bucket: str
    fields: Mapping[str, str]
    size: int


def check_form(form: PostedForm, now: datetime) -> None:
    """Raises FormRefusedError where the form is unsigned, too old, or other than its policy says."""
    fields = {name.lower(): value for name, value in form.fields.items()}
    policy = _policy(fields)
    if now >= _moment(policy):
        raise _denied("Invalid according to Policy: Policy expired.")
    given = {**fields, "bucket": form.bucket}
    conditions = [_condition(condition) for condition in policy.get("conditions", [])]
    for operator, name, wanted in conditions:
        if operator == "content-length-range":
            _check_size(form.size, int(name), int(wanted))
        elif not _holds(operator, given.get(name, ""), wanted):
            raise _denied(
                f'Invalid according to Policy: Policy Condition failed: ["{operator}", "${name}", "{wanted}"]'
            )
    named = {name for _, name, _ in conditions} | _FREE_FIELDS
    extra = sorted(name for name in fields if name not in named and not name.startswith(_IGNORED))
    if extra:
        raise _denied(f"Invalid according to Policy: Extra input fields: {extra[0]}")


def _policy(fields: Mapping[str, str]) -> Mapping[str, Any]:
    if not fields.get("policy") or not fields.get("x-amz-signature"):
        raise _denied("Access Denied")
    try:
        policy: Mapping[str, Any] = json.loads(base64.b64decode(fields["policy"], validate=True))
    except ValueError:
        raise FormRefusedError("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.", 400) from None
    return policy


def _moment(policy: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(str(policy["expiration"])).astimezone(UTC)
    except (KeyError, ValueError):
        raise FormRefusedError("InvalidPolicyDocument", "Invalid Policy: Invalid 'expiration' value.", 400) from None


def _condition(condition: Mapping[str, str] | Sequence[Any]) -> tuple[str, str, str]:
    """Operator, field in small letters without its dollar, value; a range of lengths has its bounds in their place."""
    if isinstance(condition, Mapping):
        ((name, wanted),) = condition.items()
        return "eq", name.lower(), str(wanted)
    operator, name, wanted = (str(part) for part in condition)
    return operator.lower(), name.removeprefix("$").lower(), wanted


def _holds(operator: str, value: str, wanted: str) -> bool:
    return value.startswith(wanted) if operator == "starts-with" else value == wanted


def _check_size(size: int, least: int, most: int) -> None:
    if size < least:
        raise FormRefusedError(
            "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed object size.", 400
        )
    if size > most:
        raise FormRefusedError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400)


def _denied(message: str) -> FormRefusedError:
    return FormRefusedError("AccessDenied", message, 403)
