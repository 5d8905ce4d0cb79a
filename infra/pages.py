"""The pages that people write on: an HTTP API, its links for one function, its subscriptions for another."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import jsii
from aws_cdk import Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_kms as kms
from aws_cdk.aws_apigateway import AccessLogFormat
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.function import EmergencyFunction
from infra.logs import LogGroup

_GET, _HEAD, _POST = apigateway.HttpMethod.GET, apigateway.HttpMethod.HEAD, apigateway.HttpMethod.POST
_LINK_ROUTES = {
    "/d/{link}": (_GET, _HEAD, _POST),
    "/d/{link}/answers": (_GET, _HEAD),
    "/d/{link}/replan": (_GET, _HEAD, _POST),
    "/d/{link}/report": (_GET, _HEAD),
    "/d/{link}/statement": (_GET, _HEAD, _POST),
}
_SUBSCRIBERS_ROUTES = {
    "/subscribe": (_POST,),
    "/s/{token}": (_GET, _HEAD, _POST),
    "/s/{token}/unsubscribe": (_GET, _HEAD, _POST),
}

_REPORT_ROUTES = {
    "/r": (_GET, _HEAD, _POST),
    "/r/{link}": (_GET, _HEAD, _POST),
    "/r/{link}/reports/{incident}": (_GET, _HEAD),
    "/r/{link}/reports/{incident}/file": (_GET, _HEAD, _POST),
    "/report": (_GET, _HEAD, _POST),
}

_MAINTENANCE_ROUTES = {"/r/{link}/maintenance": (_GET, _HEAD, _POST)}

_LIMITS = {
    "POST /subscribe": (2, 10),
    "GET /s/{token}": (20, 40),
    "POST /s/{token}/unsubscribe": (20, 40),
    "POST /r": (2, 10),
    "POST /r/{link}": (5, 20),
    "POST /r/{link}/maintenance": (5, 20),
    "GET /report": (5, 20),
    "POST /report": (2, 10),
}
"""Route → requests a second, and how many at once.

Anybody can ask for a mail to anybody, and report where the plan lets them, so that is slow for all together. What a
statement's mails bring back may come in crowds, and must not crowd out those who answer for the company.
"""

# The route, never the path: whoever holds a path's link can answer for its owner.
_ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "route": "$context.routeKey",
    "status": "$context.status",
    "latency": "$context.responseLatency",
    "error": "$context.integrationErrorMessage",
}


@jsii.implements(apigateway.IAccessLogSettings)
class _AccessLog:
    """Where the access log goes and what a line of it holds."""

    def __init__(self, logs: LogGroup) -> None:
        self._destination = apigateway.LogGroupLogDestination(logs)

    @property
    def destination(self) -> apigateway.IAccessLogDestination:
        return self._destination

    @property
    def format(self) -> AccessLogFormat:
        return AccessLogFormat.custom(json.dumps(_ACCESS_LOG))


class Pages(Construct):
    """The API and its one stage. It exists before the functions, since mails hold its address."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self.api = apigateway.HttpApi(
            self,
            "Api",
            description="The pages behind the links of the emergency response",
            create_default_stage=False,
        )
        logs = LogGroup(self, "AccessLogs", key=key, name=f"/aws/vendedlogs/apis/{Stack.of(self).stack_name}-pages")
        self._stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=50, burst_limit=100),
            detailed_metrics_enabled=True,
            access_log_settings=_AccessLog(logs),
        )

    @property
    def url(self) -> str:
        """Where the links of mails begin, without a slash at the end."""
        return self.api.api_endpoint

    def serve(self, decision_page: EmergencyFunction) -> None:
        """Routes the links to the function, and all else too: a link that a mail program mangled gets its 404 page."""
        integration = integrations.HttpLambdaIntegration("DecisionPage", decision_page.function)
        self._route(
            _LINK_ROUTES,
            integration,
            "The link is the credential: 256 random bits, bound to one person and one decision.",
        )
        rest = apigateway.HttpRoute(
            self, "Rest", http_api=self.api, route_key=apigateway.HttpRouteKey.DEFAULT, integration=integration
        )
        acknowledge(rest, "AwsSolutions-APIG4", "Whatever is no link gets the 404 page, which tells nothing.")

    def serve_subscribers(self, subscriptions: EmergencyFunction) -> None:
        """Routes what customers do about the statements' mails to the function, within limits of their own."""
        integration = integrations.HttpLambdaIntegration("Subscriptions", subscriptions.function)
        routes = self._route(
            _SUBSCRIBERS_ROUTES,
            integration,
            "Any customer may ask for a mail; all else takes the random token that it brings.",
        )
        self._limit(routes)

    def serve_reports(self, incident_report: EmergencyFunction) -> None:
        """Routes the pages on which people report to the function, within limits of their own."""
        integration = integrations.HttpLambdaIntegration("IncidentReport", incident_report.function)
        routes = self._route(
            _REPORT_ROUTES,
            integration,
            "The link is the credential: 256 random bits, bound to one person. Others report where the plan lets them.",
        )
        self._limit(routes)

    def serve_maintenance(self, maintenance: EmergencyFunction) -> None:
        """Routes the page on which maintenance is planned to the function, within limits of its own."""
        integration = integrations.HttpLambdaIntegration("Maintenance", maintenance.function)
        routes = self._route(
            _MAINTENANCE_ROUTES,
            integration,
            "The link is the credential: 256 random bits, bound to one person.",
        )
        self._limit(routes)

    def _route(
        self,
        paths: Mapping[str, Sequence[apigateway.HttpMethod]],
        integration: apigateway.HttpRouteIntegration,
        why_open: str,
    ) -> list[apigateway.HttpRoute]:
        routes = [
            route
            for path, methods in paths.items()
            for route in self.api.add_routes(path=path, methods=list(methods), integration=integration)
        ]
        for route in routes:
            acknowledge(route, "AwsSolutions-APIG4", why_open)
        return routes

    def _limit(self, routes: Iterable[apigateway.HttpRoute]) -> None:
        """Sets the limits below the construct, which has none by route. A stage limits only what is there already."""
        stage = cast("apigateway.CfnStage", self._stage.node.default_child)
        stage.route_settings = {
            route: {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst, "DetailedMetricsEnabled": True}
            for route, (rate, burst) in _LIMITS.items()
        }
        for route in routes:
            self._stage.node.add_dependency(route)
