"""The archive: reports, files and sealed records, kept apart from the records they were made of."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.buckets import BROKEN_OFF_KEPT, AccessLogs, DocumentBucket

MOST_RETENTION_DAYS = 36_500
"""The longest that S3 locks by default."""


class Archive(Construct):
    """A versioned bucket that outlives the stack, and the bucket that says who read it.

    Each version is locked when it is stored. The lock is of the kind GOVERNANCE: who has a right of its own to lift it
    can do so; the functions can't.
    """

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, retention_days: int) -> None:
        """Declares the archive.

        Args:
            scope: The parent.
            construct_id: The id below the parent.
            key: Encrypts the documents.
            retention_days: For how many days a version is locked, 1 to MOST_RETENTION_DAYS.
        """
        super().__init__(scope, construct_id)
        self.access_logs = AccessLogs(self, "AccessLogs")
        self.bucket = DocumentBucket(
            self,
            "Bucket",
            key=key,
            access_logs=self.access_logs,
            logged_as="archive",
            lifecycle_rules=[s3.LifecycleRule(abort_incomplete_multipart_upload_after=BROKEN_OFF_KEPT)],
            locked_for=Duration.days(retention_days),
        )
