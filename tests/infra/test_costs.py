"""B7: at rest the system costs storage, alarms with their dashboard, and one key."""

from __future__ import annotations

from tests.infra.template import Template

PAID_AT_REST = {
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::DynamoDB::GlobalTable",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
}
"""Storage, alarms and keys."""

PAID_BY_USE = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SES::ConfigurationSet",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SES::EmailIdentity",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::StepFunctions::StateMachine",
}
"""Free, or paid by what goes through it."""


def test_b7_there_is_nothing_of_a_kind_that_costs_money_for_being_there(template: Template) -> None:
    assert {resource["Type"] for resource in template.resources.values()} <= PAID_AT_REST | PAID_BY_USE


def test_b7_tables_and_functions_are_paid_by_use(template: Template) -> None:
    for table in template.of_type("AWS::DynamoDB::GlobalTable").values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
    for function in template.functions().values():
        assert "ReservedConcurrentExecutions" not in function


def test_b7_the_status_page_has_no_firewall_no_shield_for_its_origin_and_no_metrics_of_its_own(
    template: Template,
) -> None:
    (distribution,) = template.of_type("AWS::CloudFront::Distribution").values()
    shown = distribution["DistributionConfig"]
    assert not {"WebACLId", "Logging"} & shown.keys()
    assert not [origin for origin in shown["Origins"] if "OriginShield" in origin]
    assert not template.of_type("AWS::CloudFront::MonitoringSubscription")


def test_b7_what_runs_by_the_clock_runs_once_a_day(template: Template) -> None:
    rules = template.of_type("AWS::Events::Rule").values()
    assert {rule["ScheduleExpression"] for rule in rules if "ScheduleExpression" in rule} == {"rate(1 day)"}
