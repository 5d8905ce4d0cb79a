"""Puts the app together: configuration, plan, asset, stacks, checks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App, AssetHashType, Stack, Validations
from aws_cdk import aws_lambda as lambda_
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from emergency.domain.plan import Plan
from infra import asset
from infra.archive import MOST_RETENTION_DAYS
from infra.context import UnusableContext
from infra.fleet import read_fleet
from infra.forwarding import Forwarding
from infra.plan_compiler import CompiledPlan, compile_plan
from infra.sources import REPOSITORY, Sources
from infra.stack import EmergencyResponse, StackSettings
from infra.status_site import StatusDomain

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+{_LABEL}")
_CERTIFICATE = re.compile(r"arn:aws:acm:us-east-1:\d{12}:certificate/[\w-]+", re.ASCII)


def create_app(
    *, output: Path | None = None, context: Mapping[str, Any] | None = None, sources: Sources | None = None
) -> App:
    """Creates the app, ready for `synth()`.

    The configuration is that of `cdk.json` also without the CDK CLI; what the CLI passes on goes above both.

    Args:
        output: Where the cloud assembly goes.
        context: Values above those of `cdk.json`.
        sources: Other folders than the repository's own.

    Raises:
        UnusableContext: What the deployer chose makes no sense.
        PlanError: The plan can't be used; the message says where and what to write instead.
        SettingsMismatch: A function and its construct don't name the same settings.
        UnknownPlaceholder: A state machine names what the stack doesn't have.
        BuildFailed: The asset could not be built.
    """
    sources = sources or Sources()
    app = App(
        outdir=str(output) if output else None,
        context={**_configuration(), **(context or {})},
        analytics_reporting=False,
    )
    compiled = compile_plan(sources.plan)
    platform = asset.Platform(app.node.try_get_context("asset-platform") or asset.Platform.LAMBDA)
    settings = _settings(app)
    EmergencyResponse(
        app,
        settings=settings,
        sources=sources,
        plan=compiled.plan,
        package=_packaging(sources, compiled, platform),
    )
    _add_forwarding(app, settings, compiled.plan)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    return app


def _add_forwarding(app: App, settings: StackSettings, plan: Plan) -> None:
    if settings.fleet.home is not None:
        for place in settings.fleet.monitored:
            Forwarding(app, settings=settings, home=settings.fleet.home, place=place, plan=plan)


def _configuration() -> dict[str, Any]:
    context: dict[str, Any] = json.loads((REPOSITORY / "cdk.json").read_text(encoding="utf-8"))["context"]
    return context


def _settings(app: App) -> StackSettings:
    """What the deployer chose. The command line gives every value as text."""
    context = app.node.try_get_context
    return StackSettings(
        name=context("stack-name"),
        termination_protection=str(context("termination-protection")).lower() != "false",
        create_mail_identity=context("mail-identity") != "existing",
        archive_retention_days=_retention_days(context("archive-retention-days")),
        status_domain=_status_domain(context("status-domain"), context("status-certificate")),
        fleet=read_fleet(context("home"), context("monitored")),
    )


def _retention_days(value: object) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_RETENTION_DAYS):
        raise UnusableContext(
            f"archive-retention-days is {text!r}: give the days for which documents in the archive are locked, a whole "
            f"number from 1 to {MOST_RETENTION_DAYS} (cdk.json, or -c archive-retention-days=…)."
        )
    return int(text)


def _status_domain(name: object, certificate: object) -> StatusDomain | None:
    """The status page's own name, for which CloudFront needs a certificate; none of both is fine."""
    if not name and not certificate:
        return None
    if not _HOST_NAME.fullmatch(str(name or "")):
        raise UnusableContext(
            f"status-domain is {str(name or '')!r}: give the name under which customers read the status page, such as "
            f"status.example.com, together with status-certificate; or neither of them."
        )
    if not _CERTIFICATE.fullmatch(str(certificate or "")):
        raise UnusableContext(
            f"status-certificate is {str(certificate or '')!r}: give the ARN of a certificate for {name} from AWS "
            f"Certificate Manager in us-east-1, the only region from which CloudFront takes them."
        )
    return StatusDomain(name=str(name), certificate=str(certificate))


def _packaging(sources: Sources, compiled: CompiledPlan, platform: asset.Platform) -> Callable[[Stack], lambda_.Code]:
    def package(stack: Stack) -> lambda_.Code:
        if not stack.bundling_required:
            return lambda_.Code.from_asset(str(sources.functions), exclude=["**/__pycache__"])
        built = asset.build(sources, compiled, platform)
        return lambda_.Code.from_asset(str(built.path), asset_hash=built.digest, asset_hash_type=AssetHashType.CUSTOM)

    return package
