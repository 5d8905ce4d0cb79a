"""Where files wait that browsers have sent, until their person puts them on record or a week is over."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.buckets import DocumentBucket, expiring
from infra.function import Reach

_KEPT = Duration.days(7)
"""Longer than anybody leaves a page open; what is on record is in the archive by then."""


class Uploads(Construct):
    """A bucket of its own: in the archive, what is stored is locked, and files of which nobody knew would be too."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey, access_logs: s3.IBucket) -> None:
        super().__init__(scope, construct_id)
        self._key_arn = key.key_arn
        self.bucket = DocumentBucket(
            self,
            "Bucket",
            key=key,
            access_logs=access_logs,
            logged_as="uploads",
            lifecycle_rules=[expiring(_KEPT)],
        )

    @property
    def reach(self) -> Reach:
        """What signing a form and taking in what it brought touches. S3 lets a form do what its signer may do."""
        return Reach(
            resources=(self.bucket.bucket_arn, self.bucket.arn_for_objects("*")),
            key_arn=self._key_arn,
            why_wildcard="The key of an upload holds its incident's id and its file's name, known only when it happens",
        )
