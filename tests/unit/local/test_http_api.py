from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from local.engine.http_api import Request, Route, find_app_route, find_route, payload_v2, response_of

ROUTES = [
    Route.parse(key, key, "api")
    for key in ("ANY /d/{link}", "GET /d/{link}", "GET /d/{link}/report", "GET /x/{rest+}", "POST /d/fixed")
]


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("GET", "/d/abc", "GET /d/{link}", {"link": "abc"}),
        ("POST", "/d/a%20b", "ANY /d/{link}", {"link": "a b"}),
        ("HEAD", "/d/abc", "ANY /d/{link}", {"link": "abc"}),
        ("POST", "/d/fixed", "POST /d/fixed", {}),
        ("GET", "/d/abc/report", "GET /d/{link}/report", {"link": "abc"}),
        ("GET", "/x/a/b", "GET /x/{rest+}", {"rest": "a/b"}),
    ],
)
def test_the_most_specific_route_takes_the_request(
    method: str, path: str, key: str, parameters: dict[str, str]
) -> None:
    found = find_route(ROUTES, method, path)
    assert found is not None
    assert (found[0].key, found[1]) == (key, parameters)


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("GET", "/d/"), ("POST", "/x/a"), ("GET", "/d/a/b")])
def test_other_requests_have_no_route(method: str, path: str) -> None:
    assert find_route(ROUTES, method, path) is None


def test_the_default_route_takes_the_rest() -> None:
    found = find_route([*ROUTES, Route.parse("$default", "f", "api")], "PUT", "/anything")
    assert found is not None
    assert found[0].key == "$default"


WITH_DEFAULT = [*ROUTES, Route.parse("$default", "f", "api")]


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/d/abc", "GET /d/{link}"),
        ("GET", "/d/a/b", "$default"),
        ("PUT", "/d/a/report", "$default"),
        ("GET", "/d/", "$default"),
        ("GET", "/d", "$default"),
        ("GET", "/x", "$default"),
        ("GET", "/", None),
        ("GET", "/mail", None),
        ("GET", "/data/abc", None),
        ("GET", "/$default", None),
        ("GET", "*", None),
    ],
)
def test_beside_the_console_the_default_route_takes_only_what_begins_like_other_routes(
    method: str, path: str, key: str | None
) -> None:
    found = find_app_route(WITH_DEFAULT, method, path)
    assert (found and found[0].key) == key


def test_without_a_default_route_nothing_is_taken_that_no_route_matches() -> None:
    assert find_app_route(ROUTES, "GET", "/d/a/b") is None


def event(method: str = "GET", query: str = "", body: bytes = b"", **headers: str) -> dict[str, Any]:
    given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    request = Request(
        method=method,
        path="/d/a%20b",
        query=query,
        headers=(*given, ("X-Two", "1"), ("X-Two", "2")),
        body=body,
        host="127.0.0.1:8700",
    )
    return payload_v2(request, ROUTES[0], {"link": "a b"}, account="123456789012")


def test_a_plain_request() -> None:
    given = event(query="a=1&a=2&b=", User_Agent="Browser", Cookie="x=1; y=2")
    assert given["rawPath"] == "/d/a b"
    assert given["rawQueryString"] == "a=1&a=2&b="
    assert given["queryStringParameters"] == {"a": "1,2", "b": ""}
    assert given["headers"] == {"user-agent": "Browser", "x-two": "1,2"}
    assert given["cookies"] == ["x=1", "y=2"]
    assert given["pathParameters"] == {"link": "a b"}
    assert given["requestContext"]["http"]["userAgent"] == "Browser"
    assert "body" not in given


def test_without_cookies_and_query_the_keys_are_missing() -> None:
    assert not {"cookies", "queryStringParameters"} & event().keys()


def test_a_form_arrives_as_base64() -> None:
    given = event("POST", body=b"a=1", Content_Type="application/x-www-form-urlencoded")
    assert given["isBase64Encoded"] is True
    assert base64.b64decode(given["body"]) == b"a=1"


@pytest.mark.parametrize(
    ("kind", "body", "encoded"),
    [("application/json", b"{}", False), ("text/plain", b"\xff", True), ("image/png", b"x", True)],
)
def test_text_arrives_as_text(kind: str, body: bytes, *, encoded: bool) -> None:
    assert event("POST", body=body, Content_Type=kind)["isBase64Encoded"] is encoded


def test_a_declared_response() -> None:
    answer = response_of(
        json.dumps(
            {
                "statusCode": 303,
                "headers": {"Location": "/x", "Content-Type": "text/html"},
                "cookies": ["a=1", "b=2"],
                "body": base64.b64encode(b"\x00").decode(),
                "isBase64Encoded": True,
            }
        ),
        is_error=False,
    )
    assert answer.status == 303
    assert answer.headers == (
        ("location", "/x"),
        ("content-type", "text/html"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
    )
    assert answer.body == b"\x00"


@pytest.mark.parametrize(
    ("payload", "is_error", "status", "body"),
    [
        ('{"statusCode": 200}', False, 200, b""),
        ('{"a": 1}', False, 200, b'{"a": 1}'),
        ('"text"', False, 200, b"text"),
        ('{"statusCode": "x"}', False, 500, b'{"message":"Internal Server Error"}'),
        ('{"errorType": "X"}', True, 500, b'{"message":"Internal Server Error"}'),
    ],
)
def test_other_answers(payload: str, *, is_error: bool, status: int, body: bytes) -> None:
    answer = response_of(payload, is_error=is_error)
    assert (answer.status, answer.body) == (status, body)
