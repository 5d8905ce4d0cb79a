"""What a browser sent, as API Gateway brings it: the form, the file in it, the query, and the cookies."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import parse_qs

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

MOST_FIELDS = 200
"""A form of ours has a field for each task and contact of the plan; more is nobody's answer."""

_MULTIPART = "multipart/form-data"


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A posted form. `file` is the name and the content of the one file that a form can hold."""

    form: Mapping[str, Sequence[str]] = field(default_factory=dict)
    file: tuple[str, bytes] | None = None

    def first(self, name: str) -> str:
        """A field's first value, or empty."""
        return next(iter(self.form.get(name, ())), "")


def body_of(event: APIGatewayProxyEventV2) -> bytes:
    """The body as it was sent. Raises ValueError where it isn't encoded as the event says."""
    body = event.body or ""
    return base64.b64decode(body, validate=True) if event.is_base64_encoded else body.encode()


def posted(event: APIGatewayProxyEventV2) -> Posted:
    """What was posted; whatever is no form of ours is an empty one, which lacks the nonce."""
    try:
        body = body_of(event)
        content_type = event.headers.get("content-type", "")
        if content_type.lower().startswith(_MULTIPART):
            return _multipart(content_type, body)
        return Posted(form=parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except (ValueError, binascii.Error):
        return Posted()


def query(event: APIGatewayProxyEventV2) -> Mapping[str, Sequence[str]]:
    """The address's query as it was sent; whatever is no query of ours is an empty one."""
    try:
        return parse_qs(event.get("rawQueryString") or "", keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}


def asked_for(event: APIGatewayProxyEventV2, name: str) -> str:
    """A value of the address's query, or empty.

    Read from the query as it was sent: S3 writes the blanks of a file's name as `+`, and what API Gateway makes of
    these is not said anywhere.
    """
    return next(iter(parse_qs(event.get("rawQueryString") or "").get(name, ())), "")


def cookie(event: APIGatewayProxyEventV2, name: str) -> str:
    """A cookie's value, or empty."""
    for pair in event.get("cookies") or ():
        key, _, value = str(pair).partition("=")
        if key.strip() == name:
            return value.strip()
    return ""


def _multipart(content_type: str, body: bytes) -> Posted:
    # Few requests hold a file; nobody else waits for this import.
    from python_multipart import parse_form  # noqa: PLC0415
    from python_multipart.multipart import Field, File  # noqa: PLC0415

    form: dict[str, list[str]] = {}
    files: list[tuple[str, bytes]] = []

    def on_field(part: Field) -> None:
        if len(form) < MOST_FIELDS and part.field_name is not None:
            form.setdefault(part.field_name.decode(), []).append((part.value or b"").decode())

    def on_file(part: File) -> None:
        part.file_object.seek(0)
        files.append(((part.file_name or b"").decode("utf-8", "replace"), part.file_object.read()))

    headers = {"Content-Type": content_type.encode(), "Content-Length": str(len(body)).encode()}
    parse_form(headers, BytesIO(body), on_field, on_file)
    given = [(name, content) for name, content in files if name or content]
    return Posted(form=form, file=given[0] if given else None)
