"""The status page: files in a bucket, and CloudFront in front of it. Nothing else has to be up for it to be read."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import Aws, Duration, Names
from aws_cdk import aws_certificatemanager as certificates
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.buckets import BROKEN_OFF_KEPT, DocumentBucket
from infra.function import EmergencyFunction, Reach
from infra.permissions import Port
from infra.queues import DeadLetterQueue

_SEEN_AFTER = Duration.minutes(1)
"""How long CloudFront shows a file that doesn't say it by itself."""

_LAST_KNOWN = Duration.days(1)
"""The most that a file can ask for: to be shown for so long while the bucket can't be reached."""

_FORMER_KEPT = Duration.days(90)
"""How long replaced versions stay; what the page was in an incident is in the incident's archive."""

_NOT_FOUND = "/404.html"
_FORBIDDEN_STATUS, _NOT_FOUND_STATUS = 403, 404

_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
"""What the page asks of browsers beside what CloudFront has a field for."""

_REFRESH = {"operation": "refresh"}
"""What `statement` is called with to write the page anew from all that was published."""

_HANDED_OVER_WITHIN, _WRITTEN_WITHIN = Duration.hours(24), Duration.hours(6)
_DELIVERIES, _RETRIES = 185, 2
"""How often, and for how long, EventBridge tries to hand over and Lambda to write; the most that they offer."""


@dataclass(frozen=True, kw_only=True)
class StatusDomain:
    """A name of the company's for the page, and the ARN of its certificate, which CloudFront wants in us-east-1."""

    name: str
    certificate: str


class StatusSite(Construct):
    """The bucket of the page's files, the distribution that shows them, and what has the page written anew.

    Only `statement` writes the files. A deployment puts none there, so it can't put back an older page; once it is
    complete, and once a day, the function writes the page from what was published.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        access_logs: s3.IBucket,
        pages_url: str,
        domain: StatusDomain | None,
    ) -> None:
        """Declares bucket and distribution.

        Args:
            scope: The parent.
            construct_id: The id below the parent.
            access_logs: Where the bucket's access log goes.
            pages_url: Where the page's form for subscribing is sent to.
            domain: A name of the company's; CloudFront's own without it.
        """
        super().__init__(scope, construct_id)
        self.bucket = DocumentBucket(
            self,
            "Bucket",
            # What everybody may read needs no key, and a key would be one more thing that must be up.
            key=None,
            access_logs=access_logs,
            logged_as="status-site",
            lifecycle_rules=[
                s3.LifecycleRule(
                    noncurrent_version_expiration=_FORMER_KEPT,
                    abort_incomplete_multipart_upload_after=BROKEN_OFF_KEPT,
                )
            ],
        )
        self._domain = domain
        self.distribution = self._new_distribution(pages_url)
        self.unrefreshed = DeadLetterQueue(self, "UnrefreshedStatusPages")

    @property
    def url(self) -> str:
        """Where the page is read, without a slash at the end."""
        return f"https://{self._domain.name if self._domain else self.distribution.distribution_domain_name}"

    @property
    def reach(self) -> dict[Port, Reach]:
        """What writing the page touches, and giving up on it."""
        return {
            Port.STATUS_SITE: Reach(
                resources=(self.bucket.bucket_arn, self.bucket.arn_for_objects("*")),
                why_wildcard="The page has files for each incident, whose ids are known only when they happen",
            ),
            Port.DEAD_LETTERS: Reach(resources=(self.unrefreshed.queue_arn,)),
        }

    @property
    def dead_letters(self) -> dict[str, sqs.Queue]:
        """The queue that should stay empty, by what a message in it means."""
        return {"The status page could not be written. Statements can't be published either.": self.unrefreshed}

    def refresh_by(self, statement: EmergencyFunction) -> None:
        """Has the function write the page anew, with nobody asking for it."""
        statement.function.configure_async_invoke(
            max_event_age=_WRITTEN_WITHIN,
            retry_attempts=_RETRIES,
            on_failure=destinations.SqsDestination(self.unrefreshed),
        )
        daily = events.Rule(
            self,
            "Daily",
            description="Writes the status page anew: what is old leaves its history",
            schedule=events.Schedule.rate(Duration.days(1)),
        )
        deployed = events.Rule(
            self,
            "Deployed",
            description="Writes the status page anew after a deployment, the first one too",
            event_pattern=_complete_deployment(),
        )
        for rule in (daily, deployed):
            rule.add_target(
                targets.LambdaFunction(
                    statement.function,
                    event=events.RuleTargetInput.from_object(_REFRESH),
                    dead_letter_queue=self.unrefreshed,
                    max_event_age=_HANDED_OVER_WITHIN,
                    retry_attempts=_DELIVERIES,
                )
            )

    def _new_distribution(self, pages_url: str) -> cloudfront.Distribution:
        own_name = self._domain
        distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment="The status page of the emergency response",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(
                    self.bucket, origin_access_control=self._new_access()
                ),
                allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                cache_policy=self._new_cache_policy(),
                response_headers_policy=self._new_headers(pages_url),
                compress=True,
            ),
            default_root_object="index.html",
            error_responses=[_not_found(_FORBIDDEN_STATUS), _not_found(_NOT_FOUND_STATUS)],
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_200,
            domain_names=[own_name.name] if own_name else None,
            certificate=self._certificate(own_name) if own_name else None,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if own_name else None,
        )
        self._acknowledge(distribution)
        return distribution

    def _certificate(self, domain: StatusDomain) -> certificates.ICertificate:
        return certificates.Certificate.from_certificate_arn(self, "Certificate", domain.certificate)

    def _new_cache_policy(self) -> cloudfront.CachePolicy:
        return cloudfront.CachePolicy(
            self,
            "Caching",
            cache_policy_name=self._worldwide_name("caching"),
            comment="A statement is seen within a minute; a crowd of readers costs the bucket one reading a minute",
            min_ttl=Duration.seconds(0),
            default_ttl=_SEEN_AFTER,
            max_ttl=_LAST_KNOWN,
            enable_accept_encoding_brotli=True,
            enable_accept_encoding_gzip=True,
        )

    def _new_headers(self, pages_url: str) -> cloudfront.ResponseHeadersPolicy:
        return cloudfront.ResponseHeadersPolicy(
            self,
            "Headers",
            response_headers_policy_name=self._worldwide_name("headers"),
            comment="The page runs no script, is in no frame, and sends its one form to the pages of this system",
            security_headers_behavior=_security_headers(pages_url),
            custom_headers_behavior=cloudfront.ResponseCustomHeadersBehavior(
                custom_headers=[
                    cloudfront.ResponseCustomHeader(header=name, value=value, override=True)
                    for name, value in _HEADERS.items()
                ]
            ),
            # A shop's own pages may read status.json and the feed to show that something is wrong.
            cors_behavior=cloudfront.ResponseHeadersCorsBehavior(
                access_control_allow_credentials=False,
                access_control_allow_headers=["*"],
                access_control_allow_methods=["GET", "HEAD"],
                access_control_allow_origins=["*"],
                origin_override=True,
            ),
        )

    def _new_access(self) -> cloudfront.S3OriginAccessControl:
        return cloudfront.S3OriginAccessControl(
            self, "Access", origin_access_control_name=self._worldwide_name("access")
        )

    def _worldwide_name(self, part: str) -> str:
        """CloudFront wants a name, and its own are the same for a stack of that name in another region."""
        return f"{Names.unique_resource_name(self, max_length=32)}-{part}-{Aws.REGION}"

    def _acknowledge(self, distribution: cloudfront.Distribution) -> None:
        for rule, reason in _FINDINGS.items():
            acknowledge(distribution, rule, reason)
        if self._domain is None:
            acknowledge(
                distribution,
                "AwsSolutions-CFR4",
                "With CloudFront's own name it sets the oldest TLS itself; status-domain brings TLS 1.2 (ADR 038).",
            )


_FINDINGS = {
    "AwsSolutions-CFR1": "Customers and media read the page wherever they are.",
    "AwsSolutions-CFR2": "A firewall costs money when idle, and would guard files that everybody may read.",
    "AwsSolutions-CFR3": "Its log would hold the addresses of customers; the bucket's access log says what was read.",
}
"""What the checks find of the distribution, and why it is right."""


def _not_found(status: int) -> cloudfront.ErrorResponse:
    """S3 answers 403 for what isn't there to those who may not list the bucket, and CloudFront may not."""
    return cloudfront.ErrorResponse(
        http_status=status,
        response_http_status=_NOT_FOUND_STATUS,
        response_page_path=_NOT_FOUND,
        ttl=Duration.seconds(10),
    )


def _security_headers(pages_url: str) -> cloudfront.ResponseSecurityHeadersBehavior:
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
        f"form-action {pages_url}; base-uri 'none'; frame-ancestors 'none'"
    )
    return cloudfront.ResponseSecurityHeadersBehavior(
        content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
            content_security_policy=policy, override=True
        ),
        content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
        frame_options=cloudfront.ResponseHeadersFrameOptions(
            frame_option=cloudfront.HeadersFrameOption.DENY, override=True
        ),
        referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
            referrer_policy=cloudfront.HeadersReferrerPolicy.NO_REFERRER, override=True
        ),
        strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
            access_control_max_age=Duration.days(365), override=True
        ),
    )


def _complete_deployment() -> events.EventPattern:
    """What CloudFormation tells the default event bus when this stack is as it should be."""
    return events.EventPattern(
        source=["aws.cloudformation"],
        detail_type=["CloudFormation Stack Status Change"],
        detail={
            "stack-id": [Aws.STACK_ID],
            "status-details": {"status": ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"]},
        },
    )
