"""The HTTP API of the local home as a browser meets it."""

from __future__ import annotations

import base64
import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.engine_app import function, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.stack import LocalStack

ECHO = """
import json

def handler(event, context):
    if event["rawPath"] == "/d/large":
        event["body"] = len(event["body"])
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(event),
            "cookies": ["__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Strict", "b=2"]}
"""
MULTIPART = "multipart/form-data; boundary=x"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    api = {"ApiId": {"Ref": "Api"}}
    target = {"Fn::Join": ["", ["integrations/", {"Ref": "Integration"}]]}
    resources = {
        "EchoFunction": function("echo"),
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "pages", "ProtocolType": "HTTP"}},
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                **api,
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": {"Fn::GetAtt": ["EchoFunction", "Arn"]},
                "PayloadFormatVersion": "2.0",
            },
        },
        **{
            f"Route{method}": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {**api, "RouteKey": f"{method} /d/{{link}}", "Target": target},
            }
            for method in ("GET", "HEAD", "POST")
        },
    }
    with running(tmp_path_factory.mktemp("app"), resources, {"echo": ECHO}) as stack:
        yield stack


def ask(
    engine: LocalStack, method: str, path: str = "/d/link", body: bytes | None = None, **headers: str
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(engine.url.removeprefix("http://"), timeout=20)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, named)
    return connection.getresponse()


def event(answer: http.client.HTTPResponse) -> dict[str, Any]:
    assert answer.status == 200
    return dict(json.loads(answer.read()))


def test_a_form_with_a_file_arrives_unharmed(engine: LocalStack) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n\x00\xff\r\n--x--\r\n'
    given = event(ask(engine, "POST", body=body, Content_Type=MULTIPART))
    assert given["isBase64Encoded"] is True
    assert base64.b64decode(given["body"]) == body
    assert given["headers"]["content-type"] == MULTIPART


def test_cookies_come_and_go_one_by_one(engine: LocalStack) -> None:
    answer = ask(engine, "GET", Cookie="__Host-a=1; b=2")
    assert answer.headers.get_all("Set-Cookie") == ["__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Strict", "b=2"]
    given = event(answer)
    assert given["cookies"] == ["__Host-a=1", "b=2"]
    assert "cookie" not in given["headers"]


def test_head_has_headers_and_no_body(engine: LocalStack) -> None:
    answer = ask(engine, "HEAD")
    assert (answer.status, answer.read()) == (200, b"")
    assert answer.headers["Content-Type"] == "application/json"
    assert int(answer.headers["Content-Length"]) > 100


@pytest.mark.parametrize(
    ("megabytes", "kind", "status"),
    [
        (4, "image/png", 200),
        (5, "text/plain", 200),
        (5, "image/png", 413),
        (7, "text/plain", 413),
        (11, "text/plain", 413),
    ],
)
def test_a_body_has_its_limits(engine: LocalStack, megabytes: int, kind: str, status: int) -> None:
    answer = ask(engine, "POST", "/d/large", b"x" * (megabytes * 1024 * 1024), Content_Type=kind)
    assert answer.status == status
    if status == 413:
        assert json.loads(answer.read()) == {"message": "Request Entity Too Large"}


def test_what_is_too_large_for_the_api_is_not_read_to_its_end(engine: LocalStack) -> None:
    connection = http.client.HTTPConnection(engine.url.removeprefix("http://"), timeout=20)
    connection.putrequest("POST", "/d/large")
    connection.putheader("Content-Length", str(11 * 1024 * 1024))
    connection.endheaders(b"x")
    assert connection.getresponse().status == 413
