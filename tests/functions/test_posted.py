"""What a browser sends, read: forms, files, cookies; and what is no form of ours (R6)."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

import pytest
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from hypothesis import given
from hypothesis import strategies as st

from emergency.aws.web import MOST_FIELDS, asked_for, cookie, posted

BOUNDARY = "----boundary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


def event(
    content: bytes, content_type: str = "application/x-www-form-urlencoded", **more: Any
) -> APIGatewayProxyEventV2:
    raw = {
        "headers": {"content-type": content_type},
        "body": base64.b64encode(content).decode(),
        "isBase64Encoded": True,
    }
    return APIGatewayProxyEventV2({**raw, **more})


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def multipart(*parts: bytes) -> APIGatewayProxyEventV2:
    return event(b"".join(parts) + f"--{BOUNDARY}--\r\n".encode(), MULTIPART)


def test_a_form_is_read_whether_the_api_encoded_it_or_not() -> None:
    body = urlencode({"nonce": "n", "comment": "看過了"})
    for sent in (event(body.encode()), event(b"", body=body, isBase64Encoded=False)):
        assert posted(sent).form == {"nonce": ["n"], "comment": ["看過了"]}


def test_a_file_comes_with_its_name_and_its_bytes() -> None:
    sent = posted(
        multipart(part("nonce", b"n"), part("note", "看過了".encode()), part("file", b"\x89PNG\x00", "圖.png"))
    )
    assert sent.form == {"nonce": ["n"], "note": ["看過了"]}
    assert sent.file == ("圖.png", b"\x89PNG\x00")


def test_a_form_without_a_chosen_file_has_none() -> None:
    sent = posted(multipart(part("nonce", b"n"), part("file", b"", "")))
    assert sent.file is None
    assert sent.first("nonce") == "n"


def test_a_large_file_is_read_whole() -> None:
    content = bytes(range(256)) * 12_000
    assert posted(multipart(part("file", content, "a.png"))).file == ("a.png", content)


@pytest.mark.parametrize(
    "sent",
    [
        event(b"\xff\xfe=1"),
        event(b"&".join(b"a%d=1" % n for n in range(MOST_FIELDS + 1))),
        event(b"", body="not base64!", isBase64Encoded=True),
        event(b"no boundary in here", MULTIPART),
        event(b"x", "multipart/form-data"),
        APIGatewayProxyEventV2({"headers": {}}),
    ],
)
def test_whatever_is_no_form_of_ours_is_an_empty_one(sent: APIGatewayProxyEventV2) -> None:
    assert posted(sent).form == {}


@given(st.binary(max_size=400))
def test_no_body_makes_the_reader_stumble(body: bytes) -> None:
    for content_type in ("application/x-www-form-urlencoded", MULTIPART):
        assert posted(event(body, content_type)).file is None


def test_a_cookie_is_found_by_its_whole_name() -> None:
    sent = event(b"", cookies=["__Host-device-ab=1", "__Host-device-abc=2=3"])
    assert cookie(sent, "__Host-device-abc") == "2=3"
    assert cookie(sent, "__Host-device-a") == ""
    assert cookie(event(b""), "any") == ""


@pytest.mark.parametrize("sent", ["key=a%2FScreenshot+3%2B1.png", "key=a%2FScreenshot%203%2B1.png"])
def test_the_key_with_which_s3_sends_a_browser_back_is_read_however_it_writes_blanks(sent: str) -> None:
    """Taken out: the query as it was sent. A file whose name has a blank could never be put on record."""
    came = event(b"", rawQueryString=f"bucket=uploads&{sent}", queryStringParameters={"key": "a/Screenshot+3 1.png"})
    assert asked_for(came, "key") == "a/Screenshot 3+1.png"
    assert asked_for(came, "etag") == ""
    assert asked_for(event(b""), "key") == ""
