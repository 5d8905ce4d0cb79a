"""The HTTP API and the static site of the local home as a browser meets them."""

from __future__ import annotations

import base64
import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.engine import clients
from local.engine.faults import Fault, FaultKind
from tests.support.engine_app import function, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.stack import LocalStack

ECHO = """
import json, os

def handler(event, context):
    event["site"] = os.environ["SITE"]
    if event["rawPath"] == "/d/large":
        event["body"] = len(event["body"])
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(event),
            "cookies": ["__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Strict", "b=2"]}
"""
MULTIPART = "multipart/form-data; boundary=x"


SITE = {
    "Files": {"Type": "AWS::S3::Bucket"},
    "Headers": {
        "Type": "AWS::CloudFront::ResponseHeadersPolicy",
        "Properties": {
            "ResponseHeadersPolicyConfig": {
                "Name": "headers",
                "SecurityHeadersConfig": {
                    "ContentSecurityPolicy": {"ContentSecurityPolicy": "default-src 'none'", "Override": True},
                    "ContentTypeOptions": {"Override": True},
                    "ReferrerPolicy": {"ReferrerPolicy": "no-referrer", "Override": True},
                    "StrictTransportSecurity": {"AccessControlMaxAgeSec": 63072000, "Override": True},
                },
            }
        },
    },
    "Site": {
        "Type": "AWS::CloudFront::Distribution",
        "Properties": {
            "DistributionConfig": {
                "Enabled": True,
                "DefaultRootObject": "index.html",
                "Origins": [{"Id": "files", "DomainName": {"Fn::GetAtt": ["Files", "RegionalDomainName"]}}],
                "DefaultCacheBehavior": {
                    "TargetOriginId": "files",
                    "ViewerProtocolPolicy": "redirect-to-https",
                    "ResponseHeadersPolicyId": {"Ref": "Headers"},
                },
                "CustomErrorResponses": [{"ErrorCode": 403, "ResponseCode": 404, "ResponsePagePath": "/404.html"}],
            }
        },
    },
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    api = {"ApiId": {"Ref": "Api"}}
    target = {"Fn::Join": ["", ["integrations/", {"Ref": "Integration"}]]}
    resources = {
        "EchoFunction": function(
            "echo",
            Environment={
                "Variables": {"SITE": {"Fn::Join": ["", ["https://", {"Fn::GetAtt": ["Site", "DomainName"]}, "/"]]}}
            },
        ),
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
        **SITE,
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


def test_a_static_site_is_served_with_its_error_page_and_headers(engine: LocalStack) -> None:
    (bucket,) = engine.loaded.buckets
    pages = {"index.html": b"home", "en/index.html": b"in English", "404.html": b"not here"}
    for key, body in pages.items():
        engine.client("s3").put_object(
            Bucket=bucket, Key=key, Body=body, ContentType="text/html; charset=utf-8", CacheControl="max-age=30"
        )

    def got(path: str, method: str = "GET") -> tuple[int, bytes]:
        answer = ask(engine, method, f"/status{path}")
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
        assert answer.headers["Strict-Transport-Security"] is None
        return answer.status, answer.read()

    assert got("/") == (200, b"home")
    assert got("/en/index.html") == (200, b"in English")
    assert got("/en/") == (404, b"not here")  # a folder has no page of its own on CloudFront
    assert got("/index.html", "HEAD") == (200, b"")
    assert got("/index.html", "POST")[0] == 404
    answer = ask(engine, "GET", "/status/")
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (
        "text/html; charset=utf-8",
        "max-age=30",
    )


def test_functions_know_the_site_by_its_address_on_this_machine(engine: LocalStack) -> None:
    assert event(ask(engine, "GET"))["site"] == engine.status_url == f"{engine.url}/status/"


def test_a_call_can_be_ordered_to_fail(engine: LocalStack) -> None:
    """As AWS fails: an error of its own, and nothing done."""
    (found,) = engine.loaded.functions
    own = clients.client("dynamodb", endpoint=engine.url, region=found.region, key_id=found.access_key_id)
    engine.faults.order(Fault.parse("echo:fail-ListTables:20"))
    with pytest.raises(ClientError, match="InternalServiceException"):
        own.list_tables()
    assert engine.faults.fired("echo", FaultKind.FAIL, "ListTables") > 1, "the client tries again by itself"
    assert own.describe_limits()["AccountMaxReadCapacityUnits"]
    assert ask(engine, "GET").status == 200, "the function's process is alive"


def test_who_asks_whether_to_send_a_body_is_told_at_once(engine: LocalStack) -> None:
    """A put of S3 asks, and waits for a second where it hears nothing."""
    connection = http.client.HTTPConnection(engine.url.removeprefix("http://"), timeout=20)
    connection.putrequest("POST", "/d/link")
    for name, value in {"Content-Length": "1", "Content-Type": "text/plain", "Expect": "100-continue"}.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.sock.recv(12) == b"HTTP/1.1 100"
