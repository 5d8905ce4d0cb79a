from __future__ import annotations

import pytest

from local.engine.calls import CallLog, Signature, operation_of, read_signature

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=ASIAX/20261122/ap-northeast-1/dynamodb/aws4_request, SignedHeaders=a, Signature=b"
)


@pytest.mark.parametrize(
    ("signing_name", "method", "path", "query", "headers", "body", "found"),
    [
        ("dynamodb", "POST", "/", "", {"x-amz-target": "DynamoDB_20120810.GetItem"}, b"{}", ("dynamodb", "GetItem")),
        (
            "states",
            "POST",
            "/",
            "",
            {"x-amz-target": "AWSStepFunctions.SendTaskSuccess"},
            b"{}",
            ("stepfunctions", "SendTaskSuccess"),
        ),
        ("sns", "POST", "/", "", {}, b"Action=Publish&Message=x", ("sns", "Publish")),
        ("ses", "POST", "/v2/email/outbound-emails", "", {}, b"{}", ("sesv2", "SendEmail")),
        ("ses", "POST", "/", "", {}, b"Action=SendRawEmail", ("ses", "SendRawEmail")),
        ("lambda", "POST", "/2015-03-31/functions/arn%3Aaws%3Ax/invocations", "", {}, b"", ("lambda", "Invoke")),
        ("s3", "PUT", "/bucket/reports/x.html", "", {}, b"", ("s3", "PutObject")),
        ("s3", "GET", "/bucket/reports/x.html", "", {}, b"", ("s3", "GetObject")),
        ("s3", "HEAD", "/bucket/reports/x.html", "", {}, b"", ("s3", "HeadObject")),
        ("s3", "GET", "/bucket", "list-type=2&prefix=a", {}, b"", ("s3", "ListObjectsV2")),
        (
            "monitoring",
            "POST",
            "/service/GraniteServiceVersion20100801/operation/PutMetricData",
            "",
            {},
            b"",
            ("cloudwatch", "PutMetricData"),
        ),
        ("s3", "PATCH", "/bucket", "", {}, b"", ("s3", "")),
    ],
)
def test_operations_are_found_by_the_service_models(
    signing_name: str, method: str, path: str, query: str, headers: dict[str, str], body: bytes, found: tuple[str, str]
) -> None:
    assert operation_of(signing_name, method, path, query, headers, body) == found


def test_signatures_stand_in_the_header_or_the_query() -> None:
    expected = Signature("ASIAX", "ap-northeast-1", "dynamodb")
    assert read_signature({"authorization": AUTHORIZATION}, "") == expected
    assert (
        read_signature({}, "X-Amz-Credential=ASIAX%2F20261122%2Fap-northeast-1%2Fdynamodb%2Faws4_request&a=1")
        == expected
    )
    assert read_signature({"authorization": "Bearer x"}, "a=1") is None


def test_only_registered_callers_are_logged() -> None:
    log = CallLog()
    log.register("ASIAX", "triage")
    for key in ("ASIAX", "ASIAX", "OTHER"):
        log.record(Signature(key, "r", "dynamodb"), "POST", "/", "", {"x-amz-target": "D.GetItem"}, b"")
    assert log.seen() == {("triage", "dynamodb", "GetItem")}
    assert log.count("dynamodb", "GetItem") == log.count("dynamodb", "GetItem", "triage") == 2
    assert log.count("dynamodb", "GetItem", "orders") == 0
