"""R22: what holds data is encrypted, reached through TLS, restorable, and outlives the stack."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.template import Properties, Template, listed

KEPT = ("AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::KMS::Key")


@pytest.mark.parametrize("kind", KEPT)
def test_what_holds_data_outlives_the_stack(template: Template, kind: str) -> None:
    kept = [resource for resource in template.resources.values() if resource["Type"] == kind]
    assert kept
    for resource in kept:
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_records_can_be_restored_and_not_be_deleted(template: Template) -> None:
    (table,) = template.of_type("AWS::DynamoDB::GlobalTable").values()
    (replica,) = table["Replicas"]
    assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert replica["DeletionProtectionEnabled"] is True
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert [(k["AttributeName"], k["KeyType"]) for k in table["KeySchema"]] == [("pk", "HASH"), ("sk", "RANGE")]


def test_records_archive_topics_and_logs_are_encrypted_with_the_one_key(template: Template) -> None:
    ((name, key),) = template.of_type("AWS::KMS::Key").items()
    assert key["EnableKeyRotation"] is True
    own = {"Fn::GetAtt": [name, "Arn"]}
    (table,) = template.of_type("AWS::DynamoDB::GlobalTable").values()
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert table["Replicas"][0]["SSESpecification"] == {"KMSMasterKeyId": own}
    assert _default_encryption(_bucket(template, "ArchiveBucket"))["KMSMasterKeyID"] == own
    assert all(topic["KmsMasterKeyId"] == own for topic in template.of_type("AWS::SNS::Topic").values())
    assert all(group["KmsKeyId"] == own for group in template.of_type("AWS::Logs::LogGroup").values())


def test_logs_may_use_the_key_for_every_group_of_this_stack(template: Template) -> None:
    statement = _key_statement(template, "LogsOfThisStack")
    arns = statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    patterns = [str(arn["Fn::Join"][1][-1]) for arn in arns]
    assert patterns == [":log-group:EmergencyResponse-*", ":log-group:/aws/vendedlogs/*/EmergencyResponse-*"]
    for group in template.of_type("AWS::Logs::LogGroup").values():
        name = group.get("LogGroupName", "EmergencyResponse-made-by-CloudFormation")
        assert name.startswith("EmergencyResponse-") or "/EmergencyResponse-" in name.removeprefix("/aws/vendedlogs/")


def test_the_archive_keeps_versions_can_be_locked_and_says_who_read_it(template: Template) -> None:
    archive = _bucket(template, "ArchiveBucket")
    assert archive["VersioningConfiguration"] == {"Status": "Enabled"}
    assert archive["ObjectLockEnabled"] is True
    assert archive["LoggingConfiguration"]["DestinationBucketName"]["Ref"].startswith("ArchiveAccessLogs")


def test_no_bucket_can_be_public_and_access_logs_expire(template: Template) -> None:
    for bucket in template.of_type("AWS::S3::Bucket").values():
        assert all(bucket["PublicAccessBlockConfiguration"].values())
        assert _default_encryption(bucket)
    (rule,) = _bucket(template, "ArchiveAccessLogs")["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 365


@pytest.mark.parametrize(
    ("kind", "policy", "list_of"),
    [
        ("AWS::S3::Bucket", "AWS::S3::BucketPolicy", "Bucket"),
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues"),
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics"),
    ],
)
def test_nothing_is_reached_without_tls(template: Template, kind: str, policy: str, list_of: str) -> None:
    refusing = {
        reference["Ref"]
        for item in template.of_type(policy).values()
        for reference in listed(item[list_of])
        if any(_refuses_plain_text(statement) for statement in item["PolicyDocument"]["Statement"])
    }
    assert refusing == template.of_type(kind).keys()


def test_every_queue_is_encrypted(template: Template) -> None:
    assert all(queue["SqsManagedSseEnabled"] is True for queue in template.of_type("AWS::SQS::Queue").values())


def test_every_log_group_forgets_after_a_year(template: Template) -> None:
    groups = template.of_type("AWS::Logs::LogGroup").values()
    assert {group["RetentionInDays"] for group in groups} == {365}


def _bucket(template: Template, prefix: str) -> Properties:
    return next(p for name, p in template.of_type("AWS::S3::Bucket").items() if name.startswith(prefix))


def _default_encryption(bucket: Properties) -> Properties:
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    default: Properties = rule["ServerSideEncryptionByDefault"]
    return default


def _key_statement(template: Template, sid: str) -> dict[str, Any]:
    (key,) = template.of_type("AWS::KMS::Key").values()
    return next(dict(s) for s in key["KeyPolicy"]["Statement"] if s.get("Sid") == sid)


def _refuses_plain_text(statement: dict[str, Any]) -> bool:
    return statement["Effect"] == "Deny" and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
