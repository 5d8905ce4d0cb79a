"""What a synthesis refuses, what a deployer can choose, and the template as a whole."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_sqs as sqs

from infra.acknowledgements import as_found
from infra.application import create_app
from infra.context import UnusableContext
from infra.function_settings import SettingsMismatch
from infra.plan_compiler import PlanError
from infra.sources import Sources
from infra.workflow import UnknownPlaceholder
from tests.infra.conftest import unbundled
from tests.infra.template import Template

CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"
SNAPSHOT = Path(__file__).parent / "snapshot.json"


def test_a_setting_that_the_stack_doesn_t_give_fails_the_synthesis(tmp_path: Path) -> None:
    sources = Sources(functions=_copy(Sources().functions, tmp_path / "functions"))
    settings = sources.functions / "triage" / "settings.py"
    settings.write_text(settings.read_text(encoding="utf-8").rstrip() + "\n\n    audit_table: str\n", encoding="utf-8")
    with pytest.raises(SettingsMismatch, match=r"triage: the construct gives no audit_table\."):
        unbundled(tmp_path / "cdk.out", sources)


def test_a_wrong_plan_fails_the_synthesis_with_file_place_and_remedy(tmp_path: Path) -> None:
    sources = Sources(plan=_copy(Sources().plan, tmp_path / "plan"))
    organisation = sources.plan / "organisation.yaml"
    text = organisation.read_text(encoding="utf-8")
    organisation.write_text(re.sub(r"head: \S+", "head: nobody-we-know", text, count=1), encoding="utf-8")
    with pytest.raises(PlanError) as raised:
        unbundled(tmp_path / "cdk.out", sources)
    first = str(raised.value).splitlines()[0]
    assert re.search(r"organisation\.yaml:\d+", first)
    assert "nobody-we-know" in first
    assert not (tmp_path / "cdk.out" / "EmergencyResponse.template.json").exists()


def test_a_placeholder_that_the_stack_doesn_t_have_fails_the_synthesis(tmp_path: Path) -> None:
    sources = Sources(state_machines=_copy(Sources().state_machines, tmp_path / "statemachines"))
    definition = sources.state_machines / "decision.asl.json"
    text = definition.read_text(encoding="utf-8")
    definition.write_text(text.replace("${DecisionRequestFunction}", "${AskFunction}"), encoding="utf-8")
    with pytest.raises(UnknownPlaceholder, match=r"decision\.asl\.json names AskFunction; the stack has .*Function"):
        unbundled(tmp_path / "cdk.out", sources)


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "five years", "", 36_501, None, True])
def test_a_retention_that_is_no_number_of_days_fails_the_synthesis_and_says_what_to_give(
    tmp_path: Path, days: object
) -> None:
    with pytest.raises(UnusableContext, match=r"archive-retention-days is .*a whole number from 1 to 36500"):
        unbundled(tmp_path / "cdk.out", context={"archive-retention-days": days})


@pytest.mark.parametrize(
    ("name", "certificate", "complaint"),
    [
        ("status.example.com", "", r"status-certificate is '': give the ARN .* in us-east-1"),
        ("status.example.com", CERTIFICATE.replace("us-east-1", "ap-northeast-1"), "status-certificate is .*us-east-1"),
        ("", CERTIFICATE, r"status-domain is '': give the name"),
        ("https://status.example.com", CERTIFICATE, "status-domain is 'https://status.example.com'"),
        ("status.example.com.", CERTIFICATE, "status-domain is"),
        ("status_page.example.com", CERTIFICATE, "status-domain is"),
        ("localhost", CERTIFICATE, "status-domain is"),
    ],
)
def test_a_name_for_the_status_page_that_cloudfront_would_refuse_fails_the_synthesis(
    tmp_path: Path, name: str, certificate: str, complaint: str
) -> None:
    with pytest.raises(UnusableContext, match=complaint):
        unbundled(tmp_path / "cdk.out", context={"status-domain": name, "status-certificate": certificate})


def test_a_finding_that_nobody_acknowledged_fails_the_synthesis(tmp_path: Path) -> None:
    app = unbundled(tmp_path / "cdk.out")
    sqs.Queue(app.node.find_child("EmergencyResponse"), "Forgotten")  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = (tmp_path / "cdk.out" / "validation-report.json").read_text(encoding="utf-8")
    assert "AwsSolutions-SQS4" in report
    assert "Serverless-SQSRedrivePolicy" in report


def test_a_second_deployment_has_a_name_of_its_own_and_can_use_the_verified_domain(tmp_path: Path) -> None:
    context = {
        "stack-name": "Drill",
        "mail-identity": "existing",
        "termination-protection": "false",
        "archive-retention-days": "30",  # as the command line gives it
        "status-domain": "status.example.com",
        "status-certificate": CERTIFICATE,
    }
    unbundled(tmp_path, context=context).synth()
    template = Template.read(tmp_path, "Drill")
    assert not template.of_type("AWS::SES::EmailIdentity")
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    properties = manifest["artifacts"]["Drill"]["properties"]
    assert properties.get("terminationProtection", False) is False
    assert properties["tags"] == {"application": "emergency-response", "deployment": "Drill"}
    assert "EmergencyResponse-" not in json.dumps(template.content)
    counted = {f["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"] for f in template.functions().values()}
    assert counted == {"Drill"}
    clocks = template.functions()["deadlines"]["Environment"]["Variables"]["DEADLINE_STATE_MACHINE"]
    assert as_found(clocks).endswith(":stateMachine:Drill-deadline")
    locked = [
        b["ObjectLockConfiguration"]
        for b in template.of_type("AWS::S3::Bucket").values()
        if "ObjectLockConfiguration" in b
    ]
    assert [lock["Rule"]["DefaultRetention"]["Days"] for lock in locked] == [30]
    (shown,) = template.of_type("AWS::CloudFront::Distribution").values()
    assert shown["DistributionConfig"]["Aliases"] == ["status.example.com"]
    assert shown["DistributionConfig"]["ViewerCertificate"] == {
        "AcmCertificateArn": CERTIFICATE,
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }
    told = {
        function: properties["Environment"]["Variables"].get("STATUS_URL")
        for function, properties in template.functions().items()
    }
    assert {url for url in told.values() if url} == {"https://status.example.com"}


def test_only_what_ops_or_aws_find_by_name_has_one_of_its_own_and_the_stack_s_name_is_in_it(template: Template) -> None:
    named = {
        (resource["Type"], value)
        for resource in template.resources.values()
        for key, value in resource.get("Properties", {}).items()
        if key in _PHYSICAL_NAMES and isinstance(value, str)
    }
    assert {kind for kind, _ in named} == {"AWS::Logs::LogGroup", "AWS::StepFunctions::StateMachine"}
    assert all(re.fullmatch(r"(/aws/vendedlogs/\w+/)?EmergencyResponse-\w+", value) for _, value in named)


def test_the_stack_is_protected_tagged_and_bound_to_no_account_or_region(assembly: Path) -> None:
    artifact = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))["artifacts"]["EmergencyResponse"]
    assert artifact["environment"] == "aws://unknown-account/unknown-region"
    assert artifact["properties"]["terminationProtection"] is True


def test_the_outputs_say_where_things_are(template: Template) -> None:
    assert template.content["Outputs"].keys() == {
        "ArchiveBucket",
        "CarrierStateMachine",
        "CarriersFunction",
        "MaintenanceStateMachine",
        "MaintenanceFunction",
        "CustomerHotlineFunction",
        "DeadlineStateMachine",
        "DeadlinesFunction",
        "DecisionFollowUpFunction",
        "DecisionStateMachine",
        "EmergencyResponseStateMachine",
        "FeedbackQueue",
        "IncidentReportFunction",
        "LeadershipTopic",
        "PagesUrl",
        "RecordsTable",
        "RejectedFeedbackQueue",
        "RejectedSignalsQueue",
        "RejectedSignalsQueueArn",
        "ReleaseStateMachine",
        "ReportFunction",
        "ResourcesFunction",
        "SignalQueue",
        "SignalQueueArn",
        "StatementFunction",
        "StatementStateMachine",
        "StatusBucket",
        "StatusName",
        "StatusUrl",
        "SubscribersTable",
        "TaskForceFunction",
        "TeamAssignmentFunction",
        "UndeliveredFeedbackQueue",
        "UndeliveredPagesQueue",
        "UndeliveredSignalsQueue",
        "UnfollowedDecisionsQueue",
        "UnfollowedIncidentsQueue",
        "IncidentFollowUpFunction",
        "SeverityFunction",
        "SeverityStateMachine",
        "UnrefreshedStatusPagesQueue",
        "UploadsBucket",
    }


def test_the_template_is_within_cloudformation_s_limits(template: Template) -> None:
    assert len(json.dumps(template.content)) < 1_000_000
    assert len(template.resources) < 500
    for function in template.functions().values():
        assert len(json.dumps(function["Environment"])) < 4096


def test_configuration_is_the_same_with_and_without_the_cli(assembly: Path) -> None:
    recommended = json.loads((Path(__file__).parents[2] / "cdk.json").read_text(encoding="utf-8"))["context"]
    for flag in ("core:validateAgainstDefaultRules", "core:annotationsInValidationReport"):
        assert recommended[f"@aws-cdk/{flag}"] is True
    assert recommended["@aws-cdk/aws-lambda:useCdkManagedLogGroup"] is True
    app = create_app(context={"aws:cdk:bundling-stacks": []}, output=assembly.parent / "other")
    assert app.node.try_get_context("@aws-cdk/aws-iam:minimizePolicies") is True


def test_the_template_is_the_one_that_was_last_looked_at(template: Template) -> None:
    """After a change that is meant: `UPDATE_SNAPSHOT=1 pytest tests/infra`, and read the difference."""
    found = _normalised(template)
    if os.environ.get("UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert found == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


_PHYSICAL_NAMES = {
    "AlarmName",
    "BucketName",
    "DashboardName",
    "FunctionName",
    "LogGroupName",
    "QueueName",
    "RoleName",
    "StateMachineName",
    "TableName",
    "TopicName",
}


def _normalised(template: Template) -> Any:
    """The template without what changes for other reasons: the asset's hash, the definitions, the company's people and ids."""
    content = json.loads(json.dumps(template.content))
    for name, resource in list(content["Resources"].items()):
        resource.pop("Metadata", None)
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::SNS::Subscription":
            del content["Resources"][name]
        if "DefinitionString" in properties:
            properties["DefinitionString"] = "as in statemachines/"
    domain = next(iter(template.of_type("AWS::SES::EmailIdentity").values()))["EmailIdentity"]
    text = re.sub(r"\b[0-9a-f]{64}\b", "asset-hash", json.dumps(content))
    text = re.sub(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "id-in-amazon-connect", text)
    return json.loads(re.sub(rf"[\w.+-]+@{re.escape(domain)}", "sender", text).replace(domain, "company.example"))


def _copy(source: Path, target: Path) -> Path:
    shutil.copytree(source, target)
    return target
