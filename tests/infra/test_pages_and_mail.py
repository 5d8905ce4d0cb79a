"""The pages behind links, and the mails that hold them."""

from __future__ import annotations

import json

from emergency.domain.plan import Plan
from infra.acknowledgements import as_found
from tests.infra.template import Properties, Template, actions, allowed, statements

READ, WRITE = {"GET", "HEAD"}, {"GET", "HEAD", "POST"}
ROUTES = {
    "decision_page": {
        "/d/{link}": WRITE,
        "/d/{link}/answers": READ,
        "/d/{link}/replan": WRITE,
        "/d/{link}/report": READ,
        "/d/{link}/statement": WRITE,
    },
    "incident_report": {
        "/r": WRITE,
        "/r/{link}": WRITE,
        "/r/{link}/reports/{incident}": READ,
        "/r/{link}/reports/{incident}/file": WRITE,
        "/report": WRITE,
    },
    "maintenance": {"/r/{link}/maintenance": WRITE},
    "subscriptions": {"/subscribe": {"POST"}, "/s/{token}": WRITE, "/s/{token}/unsubscribe": WRITE},
}
"""Function → path → methods."""


def test_links_and_subscriptions_have_routes_and_whatever_is_neither_goes_to_the_links_page(template: Template) -> None:
    found = {
        (_function_behind(template, route), route["RouteKey"])
        for route in template.of_type("AWS::ApiGatewayV2::Route").values()
    }
    known = {
        (function, f"{method} {path}")
        for function, paths in ROUTES.items()
        for path, methods in paths.items()
        for method in methods
    }
    assert found == known | {("decision_page", "$default")}


def test_the_api_calls_functions_with_payload_2_and_may_do_so_from_their_routes_only(template: Template) -> None:
    for integration in template.of_type("AWS::ApiGatewayV2::Integration").values():
        assert integration["PayloadFormatVersion"] == "2.0"
    permitted = {
        (_function_of(template, permission["FunctionName"]), permission["SourceArn"]["Fn::Join"][1][-1])
        for permission in template.of_type("AWS::Lambda::Permission").values()
        if permission["Principal"] == "apigateway.amazonaws.com"
    }
    routed = {(function, f"/*/*{path}") for function, paths in ROUTES.items() for path in paths}
    assert permitted == routed | {("decision_page", "/*/*")}


def test_the_access_log_never_holds_a_link(template: Template) -> None:
    fields = json.loads(_stage(template)["AccessLogSettings"]["Format"])
    assert fields["route"] == "$context.routeKey"
    assert not {"$context.path", "$context.http.path", "$context.rawPath"} & set(fields.values())


def test_the_api_is_throttled(template: Template) -> None:
    settings = _stage(template)["DefaultRouteSettings"]
    assert settings["ThrottlingRateLimit"] == 50
    assert settings["ThrottlingBurstLimit"] == 100


def test_asking_for_a_mail_is_slow_for_all_together_and_no_crowd_of_subscribers_takes_what_links_need(
    template: Template,
) -> None:
    limits = {
        route: (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"])
        for route, settings in _stage(template)["RouteSettings"].items()
    }
    assert {limits[route] for route in ("POST /subscribe", "POST /r", "POST /report")} == {(2, 10)}
    assert all(rate < 50 for rate, _ in limits.values())
    assert not [route for route in limits if "/d/" in route]


def test_a_route_exists_before_the_stage_limits_it(template: Template) -> None:
    """API Gateway refuses limits for a route that isn't there yet."""
    (stage,) = [r for r in template.resources.values() if r["Type"] == "AWS::ApiGatewayV2::Stage"]
    keys = {name: route["RouteKey"] for name, route in template.of_type("AWS::ApiGatewayV2::Route").items()}
    assert {keys[name] for name in stage["DependsOn"] if name in keys} >= set(stage["Properties"]["RouteSettings"])


def test_mails_hold_the_api_s_address(template: Template) -> None:
    (api,) = template.of_type("AWS::ApiGatewayV2::Api")
    for name in (
        "decision_request",
        "decision_page",
        "team_assignment",
        "statement",
        "subscriptions",
        "incident_report",
    ):
        variables = template.functions()[name]["Environment"]["Variables"]
        assert variables["PAGES_URL"] == {"Fn::GetAtt": [api, "ApiEndpoint"]}


def test_the_page_signs_forms_for_the_uploads_and_nobody_else_reaches_them(template: Template) -> None:
    """S3 lets a form do what may do the role that signed it, and takes nothing it can't encrypt for that role."""
    (uploads,) = [name for name in template.of_type("AWS::S3::Bucket") if name.startswith("UploadsBucket")]
    reaching = {
        function: {action for action, place in allowed(template.role_of(properties)) if uploads in place}
        for function, properties in template.functions().items()
    }
    assert {function: held for function, held in reaching.items() if held} == {
        "decision_page": {"s3:GetObject", "s3:ListBucket", "s3:PutObject"},
        "incident_report": {"s3:GetObject", "s3:ListBucket", "s3:PutObject"},
    }
    page = template.functions()["decision_page"]
    assert page["Environment"]["Variables"]["UPLOADS_BUCKET"] == {"Ref": uploads}
    key_use = [s for s in statements(template.role_of(page), "uploads") if "kms:GenerateDataKey" in actions(s)]
    (condition,) = [statement["Condition"] for statement in key_use]
    assert as_found(condition["StringEquals"]["kms:ViaService"]) == "s3.<AWS::Region>.<AWS::URLSuffix>"


def test_the_identity_is_the_domain_of_the_plan_s_sender(template: Template, company: Plan) -> None:
    (identity,) = template.of_type("AWS::SES::EmailIdentity").values()
    assert identity["EmailIdentity"] == company.company.mail_from.partition("@")[2]


def test_mails_demand_tls_and_nobody_is_silenced_by_one_refused_mail(template: Template) -> None:
    (settings,) = template.of_type("AWS::SES::ConfigurationSet").values()
    assert settings["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert settings["ReputationOptions"] == {"ReputationMetricsEnabled": True}
    assert settings["SuppressionOptions"] == {"SuppressedReasons": []}


def test_refused_mails_are_told_to_the_event_bus_and_counted(template: Template) -> None:
    destinations = [
        item["EventDestination"] for item in template.of_type("AWS::SES::ConfigurationSetEventDestination").values()
    ]
    assert {frozenset(item) & {"EventBridgeDestination", "CloudWatchDestination"} for item in destinations} == {
        frozenset({"EventBridgeDestination"}),
        frozenset({"CloudWatchDestination"}),
    }
    for item in destinations:
        late = {"deliveryDelay"} if "EventBridgeDestination" in item else set()
        assert set(item["MatchingEventTypes"]) == {"bounce", "complaint", "reject"} | late


def _function_behind(template: Template, route: Properties) -> str:
    integration = template.resources[route["Target"]["Fn::Join"][1][-1]["Ref"]]["Properties"]
    return _function_of(template, integration["IntegrationUri"])


def _function_of(template: Template, reference: Properties) -> str:
    properties = template.resources[reference["Fn::GetAtt"][0]]["Properties"]
    return str(properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"])


def _stage(template: Template) -> Properties:
    (stage,) = template.of_type("AWS::ApiGatewayV2::Stage").values()
    return stage
