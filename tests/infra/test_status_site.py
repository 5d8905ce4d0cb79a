"""The status page: read by everybody, written by one function, and up when everything else is down."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.infra.template import Properties, Template, actions, allowed, places, spelled, statements

ROLES = "AWS::IAM::Role"


def test_customers_reach_the_files_through_cloudfront_alone(template: Template) -> None:
    name, bucket = _bucket(template)
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    ((distribution, _),) = template.of_type("AWS::CloudFront::Distribution").items()
    (policy,) = [p for p in template.of_type("AWS::S3::BucketPolicy").values() if p["Bucket"] == {"Ref": name}]
    (reading,) = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert reading["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert actions(reading) == ["s3:GetObject"]
    assert places(reading) == [f"<{name}.Arn>/*"]
    (source,) = spelled(reading["Condition"])["StringEquals"].values()
    assert source["Fn::Join"][1][-1] == f"<{distribution}>"


def test_the_origin_signs_what_it_asks_of_the_bucket(template: Template) -> None:
    (origin,) = _shown(template)["Origins"]
    access = template.resources[origin["OriginAccessControlId"]["Fn::GetAtt"][0]]["Properties"]
    assert access["OriginAccessControlConfig"].items() >= {
        ("SigningBehavior", "always"),
        ("SigningProtocol", "sigv4"),
        ("OriginAccessControlOriginType", "s3"),
    }
    assert origin["S3OriginConfig"] == {"OriginAccessIdentity": ""}


def test_it_hangs_on_no_key_no_function_and_no_table(template: Template) -> None:
    """What is read needs the bucket alone: not even the system's key, which a wrong policy can take away."""
    _, bucket = _bucket(template)
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    shown = _shown(template)
    assert len(shown["Origins"]) == 1
    behaviour = shown["DefaultCacheBehavior"]
    assert not {"LambdaFunctionAssociations", "FunctionAssociations"} & behaviour.keys()
    assert "CacheBehaviors" not in shown


def test_it_is_read_by_tls_only_and_written_by_nobody_through_cloudfront(template: Template) -> None:
    behaviour = _shown(template)["DefaultCacheBehavior"]
    assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"
    assert set(behaviour["AllowedMethods"]) == {"GET", "HEAD"}


def test_files_may_ask_to_outlive_the_bucket_by_a_day_and_nothing_of_a_reader_makes_another_page(
    template: Template,
) -> None:
    (policy,) = template.of_type("AWS::CloudFront::CachePolicy").values()
    settings = policy["CachePolicyConfig"]
    assert (settings["MinTTL"], settings["DefaultTTL"], settings["MaxTTL"]) == (0, 60, 86400)
    key = settings["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    assert key["HeadersConfig"] == {"HeaderBehavior": "none"}
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "none"}


def test_what_is_not_there_is_said_so_on_a_page_of_its_own(template: Template) -> None:
    shown = _shown(template)
    assert shown["DefaultRootObject"] == "index.html"
    answers = {e["ErrorCode"]: (e["ResponseCode"], e["ResponsePagePath"]) for e in shown["CustomErrorResponses"]}
    assert answers == {403: (404, "/404.html"), 404: (404, "/404.html")}


def test_the_page_runs_no_script_and_sends_its_form_to_this_system_alone(template: Template) -> None:
    headers = _headers(template)["SecurityHeadersConfig"]
    parts = headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Join"][1]
    (api,) = template.of_type("AWS::ApiGatewayV2::Api")
    policy = "".join(part if isinstance(part, str) else "API" for part in parts)
    assert {"Fn::GetAtt": [api, "ApiEndpoint"]} in parts
    directives = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert directives == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "'self' data:",
        "form-action": "API",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize(
    ("header", "settings"),
    [
        ("ContentTypeOptions", {"Override": True}),
        ("FrameOptions", {"FrameOption": "DENY", "Override": True}),
        ("ReferrerPolicy", {"ReferrerPolicy": "no-referrer", "Override": True}),
        ("StrictTransportSecurity", {"AccessControlMaxAgeSec": 31536000, "Override": True}),
    ],
)
def test_browsers_are_told_to_be_careful(template: Template, header: str, settings: dict[str, Any]) -> None:
    assert _headers(template)["SecurityHeadersConfig"][header] == settings


def test_a_shop_s_own_pages_may_read_it_but_without_their_reader_s_cookies(template: Template) -> None:
    cors = _headers(template)["CorsConfig"]
    assert cors["AccessControlAllowOrigins"] == {"Items": ["*"]}
    assert cors["AccessControlAllowMethods"] == {"Items": ["GET", "HEAD"]}
    assert cors["AccessControlAllowCredentials"] is False


def test_the_same_stack_fits_into_two_regions_although_cloudfront_s_names_are_worldwide(template: Template) -> None:
    configurations = [
        _headers(template),
        *(p["CachePolicyConfig"] for p in template.of_type("AWS::CloudFront::CachePolicy").values()),
        *(p["OriginAccessControlConfig"] for p in template.of_type("AWS::CloudFront::OriginAccessControl").values()),
    ]
    assert len(configurations) == 3
    for configuration in configurations:
        parts = configuration["Name"]["Fn::Join"][1]
        assert {"Ref": "AWS::Region"} in parts
        assert sum(len(part) for part in parts if isinstance(part, str)) + len("ap-southeast-99") <= 64


def test_one_function_writes_the_page_and_no_deployment_does(template: Template) -> None:
    name, _ = _bucket(template)
    writing = {
        role
        for role, p in template.of_type(ROLES).items()
        for a, place in allowed(p)
        if name in place and a == "s3:PutObject"
    }
    own = template.functions()["statement"]["Role"]["Fn::GetAtt"][0]
    assert writing == {own}
    assert not [kind for kind in _kinds(template) if kind.startswith("Custom::")]


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_the_page_is_written_anew_after_a_deployment_of_this_stack(template: Template, status: str) -> None:
    (rule,) = template.rules_that_match(_stack_event(status))
    assert rule.startswith("StatusSiteDeployed")


@pytest.mark.parametrize(
    "event",
    [("UPDATE_IN_PROGRESS", "<AWS::StackId>"), ("DELETE_COMPLETE", "<AWS::StackId>"), ("UPDATE_COMPLETE", "another")],
)
def test_and_not_during_one_nor_after_another_stack_s(template: Template, event: tuple[str, str]) -> None:
    assert not template.rules_that_match(_stack_event(*event))


def test_the_page_is_written_anew_once_a_day(template: Template) -> None:
    scheduled = [r for r in template.of_type("AWS::Events::Rule").values() if "ScheduleExpression" in r]
    assert [rule["ScheduleExpression"] for rule in scheduled] == ["rate(1 day)"]


def test_a_writing_that_fails_comes_again_and_then_lies_where_people_look(template: Template) -> None:
    (function,) = [
        name for name, p in template.of_type("AWS::Lambda::Function").items() if p == template.functions()["statement"]
    ]
    rules = [r for name, r in template.of_type("AWS::Events::Rule").items() if name.startswith("StatusSite")]
    assert len(rules) == 2
    for rule in rules:
        (target,) = rule["Targets"]
        assert target["Arn"] == {"Fn::GetAtt": [function, "Arn"]}
        assert target["Input"] == '{"operation":"refresh"}'
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
        assert _queue_in(target["DeadLetterConfig"]["Arn"])
    (asynchronous,) = template.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert asynchronous["FunctionName"] == {"Ref": function}
    assert (asynchronous["MaximumEventAgeInSeconds"], asynchronous["MaximumRetryAttempts"]) == (21600, 2)
    queue = asynchronous["DestinationConfig"]["OnFailure"]["Destination"]
    assert _queue_in(queue)
    sending = statements(template.role_of(template.functions()["statement"]), "dead-letters")
    assert [(actions(s), places(s)) for s in sending] == [(["sqs:SendMessage"], [f"<{queue['Fn::GetAtt'][0]}.Arn>"])]


def test_a_rule_may_call_the_function_and_only_these_rules_may(template: Template) -> None:
    sources = {
        permission["SourceArn"]["Fn::GetAtt"][0]
        for permission in template.of_type("AWS::Lambda::Permission").values()
        if permission["Principal"] == "events.amazonaws.com"
    }
    assert sources == {name for name in template.of_type("AWS::Events::Rule") if name.startswith("StatusSite")}


def _stack_event(status: str, stack: str = "<AWS::StackId>") -> dict[str, Any]:
    """An event as CloudFormation sends it when a stack's status changes."""
    return {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": "CloudFormation Stack Status Change",
        "source": "aws.cloudformation",
        "account": "111122223333",
        "time": "2026-11-20T03:12:41Z",
        "region": "ap-northeast-1",
        "resources": [stack],
        "detail": {
            "stack-id": stack,
            "status-details": {"status": status, "status-reason": ""},
            "client-request-token": "",
        },
    }


def _bucket(template: Template) -> tuple[str, Properties]:
    return next((n, p) for n, p in template.of_type("AWS::S3::Bucket").items() if n.startswith("StatusSiteBucket"))


def _shown(template: Template) -> Properties:
    (distribution,) = template.of_type("AWS::CloudFront::Distribution").values()
    return dict(distribution["DistributionConfig"])


def _headers(template: Template) -> Properties:
    (policy,) = template.of_type("AWS::CloudFront::ResponseHeadersPolicy").values()
    return dict(policy["ResponseHeadersPolicyConfig"])


def _queue_in(arn: Properties) -> bool:
    return bool(re.match(r"StatusSiteUnrefreshedStatusPages", arn["Fn::GetAtt"][0]))


def _kinds(template: Template) -> set[str]:
    return {str(resource["Type"]) for resource in template.resources.values()}
