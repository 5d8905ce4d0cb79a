"""The link pages: an HTTP API in front of one function."""

from __future__ import annotations

import json

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
_ROUTES = {"/d/{link}": (_GET, _HEAD, _POST), "/d/{link}/report": (_GET, _HEAD)}

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
        apigateway.HttpStage(
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
        for path, methods in _ROUTES.items():
            for route in self.api.add_routes(path=path, methods=list(methods), integration=integration):
                acknowledge(
                    route,
                    "AwsSolutions-APIG4",
                    "The link is the credential: 256 random bits, bound to one person and one decision.",
                )
        rest = apigateway.HttpRoute(
            self, "Rest", http_api=self.api, route_key=apigateway.HttpRouteKey.DEFAULT, integration=integration
        )
        acknowledge(rest, "AwsSolutions-APIG4", "Whatever is no link gets the 404 page, which tells nothing.")
