"""The bucket in which files wait that browsers have sent (P6.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from emergency.domain.attachment import MOST_BYTES, MOST_UPLOADED, Uploaded, UploadForm

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FORM_LIFE = timedelta(hours=1)
"""How long a form can be used; never longer than the credentials that signed it."""

_NOT_FOUND = frozenset({"404", "NoSuchKey"})


@dataclass(frozen=True)
class S3Uploads:
    """Forms that S3 takes from a browser without a script (POST Object), and what they brought."""

    bucket: str

    @cached_property
    def _client(self) -> S3Client:
        # A form must name the bucket's own region: the global address sends browsers on, or refuses them.
        return boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))

    def form(self, prefix: str, return_to: str) -> UploadForm:
        """See the port. Signing calls nobody."""
        signed = self._client.generate_presigned_post(
            Bucket=self.bucket,
            Key=prefix + "${filename}",
            Fields={"success_action_redirect": return_to},
            Conditions=[
                {"success_action_redirect": return_to},
                ["content-length-range", 1, MOST_UPLOADED],
            ],
            ExpiresIn=int(FORM_LIFE.total_seconds()),
        )
        return UploadForm(url=signed["url"], fields=signed["fields"])

    def look(self, key: str) -> Uploaded | None:
        """See the port."""
        try:
            head = self._client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_FOUND:
                return None
            raise
        return Uploaded(key=key, size=head["ContentLength"], uploaded_at=head["LastModified"])

    def listed(self, prefix: str) -> tuple[Uploaded, ...]:
        """See the port."""
        answer = self._client.list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        found = [
            Uploaded(key=one["Key"], size=one["Size"], uploaded_at=one["LastModified"])
            for one in answer.get("Contents", [])
        ]
        return tuple(sorted(found, key=lambda one: one.uploaded_at, reverse=True))

    def read(self, key: str) -> bytes | None:
        """See the port."""
        try:
            # It may have been replaced since it was looked at: no more is read than what says that it is too large.
            return self._client.get_object(Bucket=self.bucket, Key=key)["Body"].read(MOST_BYTES + 1)
        except self._client.exceptions.NoSuchKey:
            return None
