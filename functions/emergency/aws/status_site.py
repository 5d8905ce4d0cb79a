"""The status page's files in S3, from where CloudFront serves them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import boto3

from emergency.domain.statement import SiteFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CACHED = "public, max-age=30, stale-while-revalidate=60, stale-if-error=86400"
"""Readers see news within half a minute, and the last known page for a day where the bucket can't be reached."""


@dataclass(frozen=True)
class S3StatusSite:
    """The bucket that holds the status page."""

    bucket: str

    @cached_property
    def _client(self) -> S3Client:
        return boto3.client("s3")

    def put(self, file: SiteFile) -> None:
        """See the port."""
        self._client.put_object(
            Bucket=self.bucket,
            Key=file.path,
            Body=file.content.encode(),
            ContentType=file.content_type,
            CacheControl=_CACHED,
            ChecksumAlgorithm="SHA256",
        )
