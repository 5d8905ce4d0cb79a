"""R22: what holds data is encrypted, reached through TLS, restorable, and outlives the stack."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.template import Properties, Template, allowed, listed

KEPT = ("AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::KMS::Key")


@pytest.mark.parametrize("kind", KEPT)
def test_what_holds_data_outlives_the_stack(template: Template, kind: str) -> None:
    kept = [resource for resource in template.resources.values() if resource["Type"] == kind]
    assert kept
    for resource in kept:
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize(("name", "days"), [("Records", 35), ("Subscribers", 7)])
def test_a_table_can_be_restored_and_not_be_deleted(template: Template, name: str, days: int) -> None:
    """Whoever unsubscribes is gone for good after a week."""
    table = _table(template, name)
    (replica,) = table["Replicas"]
    assert replica["PointInTimeRecoverySpecification"] == {
        "PointInTimeRecoveryEnabled": True,
        "RecoveryPeriodInDays": days,
    }
    assert replica["DeletionProtectionEnabled"] is True
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert [(k["AttributeName"], k["KeyType"]) for k in table["KeySchema"]] == [("pk", "HASH"), ("sk", "RANGE")]


def test_records_documents_topics_and_logs_are_encrypted_with_the_one_key(template: Template) -> None:
    ((name, key),) = template.of_type("AWS::KMS::Key").items()
    assert key["EnableKeyRotation"] is True
    own = {"Fn::GetAtt": [name, "Arn"]}
    for table in template.of_type("AWS::DynamoDB::GlobalTable").values():
        assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
        assert table["Replicas"][0]["SSESpecification"] == {"KMSMasterKeyId": own}
    for name in ("ArchiveBucket", "UploadsBucket"):
        assert _default_encryption(_bucket(template, name))["KMSMasterKeyID"] == own
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


def test_the_archive_locks_every_version_for_five_years(template: Template) -> None:
    """Only a new bucket can be made lockable, so this must be right from the first deployment on."""
    archive = _bucket(template, "ArchiveBucket")
    assert archive["VersioningConfiguration"] == {"Status": "Enabled"}
    assert archive["ObjectLockEnabled"] is True
    locked = archive["ObjectLockConfiguration"]
    assert locked["ObjectLockEnabled"] == "Enabled"
    assert locked["Rule"] == {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1826}}
    assert all("ExpirationInDays" not in rule for rule in archive["LifecycleConfiguration"]["Rules"])


def test_nobody_s_role_deletes_a_document_or_lifts_its_lock(template: Template) -> None:
    held = {action for role in template.of_type("AWS::IAM::Role").values() for action, _ in allowed(role)}
    assert {action for action in held if action.startswith("s3:")} == {"s3:GetObject", "s3:ListBucket", "s3:PutObject"}


def test_uploads_are_gone_after_a_week_whoever_sent_them(template: Template) -> None:
    uploads = _bucket(template, "UploadsBucket")
    (rule,) = uploads["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", 7)
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert not {"Prefix", "TagFilters"} & rule.keys()
    assert not {"ObjectLockEnabled", "ObjectLockConfiguration"} & uploads.keys()


def test_a_browser_sends_a_form_to_the_uploads_and_no_script_may(template: Template) -> None:
    assert "CorsConfiguration" not in _bucket(template, "UploadsBucket")


@pytest.mark.parametrize(
    ("name", "logged_as"), [("Archive", "archive"), ("Uploads", "uploads"), ("StatusSite", "status-site")]
)
def test_it_is_on_record_who_read_a_document(template: Template, name: str, logged_as: str) -> None:
    logging = _bucket(template, f"{name}Bucket")["LoggingConfiguration"]
    assert logging["DestinationBucketName"]["Ref"].startswith("ArchiveAccessLogs")
    assert logging["LogFilePrefix"] == f"{logged_as}/"


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


def _table(template: Template, prefix: str) -> Properties:
    return next(p for name, p in template.of_type("AWS::DynamoDB::GlobalTable").items() if name.startswith(prefix))


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
