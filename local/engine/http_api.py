"""API Gateway's HTTP API in small: routes, payload format 2.0, and Lambda's answers. Pure but for the clock."""

from __future__ import annotations

import base64
import json
import re
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

LARGEST_BODY = 10 * 1024 * 1024
"""Bytes of a request's body that API Gateway takes."""

LARGEST_EVENT = 6 * 1024 * 1024
"""Bytes of JSON that Lambda takes as one synchronous request; a body in Base64 is a third longer in it."""

_TEXT = re.compile(r"text/|application/(json|xml|javascript|x-www-form-urlencoded)|.*\+(json|xml)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route key and the function behind it."""

    method: str
    path: str
    function: str
    api_id: str = "local"

    @property
    def key(self) -> str:
        """The route key as it is declared."""
        return "$default" if self.path == "$default" else f"{self.method} {self.path}"

    @classmethod
    def parse(cls, key: str, function: str, api_id: str) -> Route:
        """Reads a route key: `GET /d/{link}`, `ANY /x/{rest+}` or `$default`."""
        method, _, path = key.partition(" ")
        if not path:
            return cls(method="ANY", path="$default", function=function, api_id=api_id)
        return cls(method=method, path=path, function=function, api_id=api_id)

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The path parameters where the route takes the request, else None."""
        if self.method not in ("ANY", method):
            return None
        if self.path == "$default":
            return {}
        match = self._pattern().fullmatch(path)
        return {name: unquote(value) for name, value in match.groupdict().items()} if match else None

    def _pattern(self) -> re.Pattern[str]:
        def segment(part: str) -> str:
            if part.startswith("{") and part.endswith("+}"):
                return f"(?P<{part[1:-2]}>.+)"
            if part.startswith("{") and part.endswith("}"):
                return f"(?P<{part[1:-1]}>[^/]+)"
            return re.escape(part)

        return re.compile("/".join(segment(part) for part in self.path.split("/")))

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Smaller is more specific: full matches before greedy ones before $default, a method before ANY."""
        return (
            self.path == "$default",
            self.path.count("+}"),
            self.path.count("{"),
            self.method == "ANY",
        )


def find_route(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The most specific route that takes the request, with its path parameters; None where none does."""
    for route in sorted(routes, key=lambda route: route.rank):
        parameters = route.match(method, path)
        if parameters is not None:
            return route, parameters
    return None


def find_app_route(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """As `find_route`, but `$default` takes only what begins like the paths of other routes.

    On AWS the whole host is the app's; here it shares one with the console, which keeps every other path.
    """
    known = list(routes)
    found = find_route(known, method, path)
    if found is None or found[0].path != "$default":
        return found
    tops = {_top(route.path) for route in known if route.path.startswith("/")}
    return found if path.startswith("/") and _top(path) in tops else None


def _top(path: str) -> str:
    """The first segment of a path that begins with a slash."""
    return path.split("/")[1]


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request as it arrived. `headers` may hold a name twice; `path` is still percent-encoded."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    host: str
    source_ip: str = "127.0.0.1"


def payload_v2(request: Request, route: Route, parameters: Mapping[str, str], *, account: str) -> dict[str, Any]:
    """The event of payload format 2.0: repeated headers and query values joined by commas, cookies apart."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for name, value in request.headers:
        key = name.lower()
        if key == "cookie":
            cookies += [cookie.strip() for cookie in value.split(";") if cookie.strip()]
        else:
            headers[key] = f"{headers[key]},{value}" if key in headers else value
    query: dict[str, str] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": unquote(request.path),
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": _context(request, route, headers, account),
        "isBase64Encoded": False,
    }
    optional = (("cookies", cookies), ("queryStringParameters", query), ("pathParameters", dict(parameters)))
    event |= {name: value for name, value in optional if value}
    if request.body:
        event |= _body(request.body, headers.get("content-type", ""))
    return event


def _body(body: bytes, content_type: str) -> dict[str, Any]:
    # API Gateway passes text as text; a form post arrives Base64-encoded.
    is_form = content_type.lower().startswith("application/x-www-form-urlencoded")
    if _TEXT.match(content_type) and not is_form:
        try:
            return {"body": body.decode("utf-8"), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def _context(request: Request, route: Route, headers: Mapping[str, str], account: str) -> dict[str, Any]:
    return {
        "accountId": account,
        "apiId": route.api_id,
        "domainName": request.host,
        "domainPrefix": route.api_id,
        "http": {
            "method": request.method,
            "path": unquote(request.path),
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": uuid.uuid4().hex[:16],
        "routeKey": route.key,
        "stage": "$default",
        "time": datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(time.time() * 1000),
    }


@dataclass(frozen=True)
class Response:
    """What goes back to the browser."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)


INTERNAL_ERROR = Response(500, (("content-type", "application/json"),), b'{"message":"Internal Server Error"}')
TOO_LARGE = Response(413, (("content-type", "application/json"),), b'{"message":"Request Entity Too Large"}')
NOT_FOUND = Response(404, (("content-type", "application/json"),), b'{"message":"Not Found"}')


def response_of(payload: str, *, is_error: bool) -> Response:
    """The HTTP response for a function's answer, by API Gateway's rules for format 2.0."""
    if is_error:
        return INTERNAL_ERROR
    result = json.loads(payload or "null")
    if not (isinstance(result, Mapping) and "statusCode" in result):
        text = result if isinstance(result, str) else json.dumps(result)
        return Response(200, (("content-type", "application/json"),), text.encode())
    try:
        return _declared(result)
    except (TypeError, ValueError):
        return INTERNAL_ERROR


def _declared(result: Mapping[str, Any]) -> Response:
    headers = [(str(name).lower(), str(value)) for name, value in (result.get("headers") or {}).items()]
    headers += [("set-cookie", str(cookie)) for cookie in result.get("cookies") or ()]
    if not any(name == "content-type" for name, _ in headers):
        headers.append(("content-type", "text/plain; charset=utf-8"))
    text = result.get("body") or ""
    body = base64.b64decode(text) if result.get("isBase64Encoded") else str(text).encode()
    return Response(int(result["statusCode"]), tuple(headers), body)
