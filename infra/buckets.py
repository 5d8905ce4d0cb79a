"""Buckets: private, versioned, reached through TLS only, kept when the stack goes. One says who read the others."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.acknowledgements import acknowledge

_ACCESS_LOGS_KEPT = Duration.days(365)
BROKEN_OFF_KEPT = Duration.days(7)
"""How long the parts of an upload lie that was never finished."""


class AccessLogs(s3.Bucket):
    """Receives the access logs of the other buckets, and forgets them after a year."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(
            scope,
            construct_id,
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[expiring(_ACCESS_LOGS_KEPT)],
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(self, "AwsSolutions-S1", "It receives the access logs; logging it into itself would never end.")


class DocumentBucket(s3.Bucket):
    """A bucket for what people write and read. The access logs say who did."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey | None,
        access_logs: s3.IBucket,
        logged_as: str,
        lifecycle_rules: Sequence[s3.LifecycleRule],
        locked_for: Duration | None = None,
    ) -> None:
        """Declares the bucket.

        Args:
            scope: The parent.
            construct_id: The id below the parent.
            key: Encrypts the documents; without one, S3 does with a key of its own.
            access_logs: Where its access log goes.
            logged_as: What the names of its logs begin with.
            lifecycle_rules: What becomes of documents by themselves.
            locked_for: For how long no version that is stored can be deleted; without it none is locked. Only a new
                bucket can be made lockable.
        """
        super().__init__(
            scope,
            construct_id,
            versioned=True,
            object_lock_default_retention=s3.ObjectLockRetention.governance(locked_for) if locked_for else None,
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            bucket_key_enabled=True if key else None,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=f"{logged_as}/",
            lifecycle_rules=list(lifecycle_rules),
            removal_policy=RemovalPolicy.RETAIN,
        )


def expiring(after: Duration) -> s3.LifecycleRule:
    """Deletes what is that old for good: first its present version, a day later the version that this leaves behind."""
    return s3.LifecycleRule(
        expiration=after,
        noncurrent_version_expiration=Duration.days(1),
        abort_incomplete_multipart_upload_after=BROKEN_OFF_KEPT,
    )
