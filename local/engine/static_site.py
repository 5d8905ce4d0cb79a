"""CloudFront before one bucket, in small: what a visitor of a static site gets, its error pages among it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from local.engine.http_api import Response

SITE_PATH = "/status"
"""Where the site is on the one port of the local home; on AWS it has a host name of its own."""

_READS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True)
class StoredFile:
    """A file as the bucket holds it."""

    body: bytes
    headers: tuple[tuple[str, str], ...]


ReadFile = Callable[[str, str], StoredFile | None]
"""(bucket, key) -> the file, or None where the bucket refuses to give one."""


@dataclass(frozen=True, kw_only=True)
class ErrorPage:
    """What a visitor gets instead of the bucket's own error."""

    status: int
    key: str


@dataclass(frozen=True, kw_only=True)
class StaticSite:
    """A distribution with one bucket behind it.

    Attributes:
        domain: The name that the template knows the distribution by.
        root: The key of what is shown at `/` alone; a folder below has no such page, as on CloudFront.
        errors: Error pages by the status that S3 answers.
        headers: What the distribution adds to every answer.
    """

    domain: str
    bucket: str
    root: str = ""
    errors: Mapping[int, ErrorPage] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()

    def answer(self, method: str, path: str, read: ReadFile) -> Response:
        """Answers a request; `path` begins with a slash, and is as the visitor's browser sent it."""
        if method not in _READS:
            return self._refused(403, read)
        key = unquote(path).removeprefix("/") or self.root
        file = read(self.bucket, key)
        # The distribution may not list the bucket, so S3 says of what isn't there that it is forbidden.
        return self._refused(403, read) if file is None else self._given(200, file)

    def _refused(self, status: int, read: ReadFile) -> Response:
        page = self.errors.get(status)
        file = read(self.bucket, page.key) if page else None
        if page and file:
            return self._given(page.status, file)
        return Response(
            status, (("content-type", "application/xml"), *self.headers), b"<Error><Code>AccessDenied</Code></Error>"
        )

    def _given(self, status: int, file: StoredFile) -> Response:
        return Response(status, (*file.headers, *self.headers), file.body)


def read_distribution(
    config: Mapping[str, Any],
    domain: str,
    buckets: Mapping[str, str],
    policies: Mapping[str, tuple[tuple[str, str], ...]],
) -> StaticSite:
    """A distribution as the template declares it. Raises ValueError for what isn't understood.

    `buckets` are names by the domains of their origins, `policies` the headers of response headers policies by id.
    """
    origins, behaviour = config.get("Origins") or [], config["DefaultCacheBehavior"]
    bucket = buckets.get(str(origins[0]["DomainName"])) if len(origins) == 1 else None
    if bucket is None or config.get("CacheBehaviors") or behaviour.get("FunctionAssociations"):
        raise ValueError("only one bucket with one behaviour and no function is supported locally")
    return StaticSite(
        domain=domain,
        bucket=bucket,
        root=str(config.get("DefaultRootObject", "")),
        errors={
            int(one["ErrorCode"]): ErrorPage(
                status=int(one["ResponseCode"]), key=str(one["ResponsePagePath"]).removeprefix("/")
            )
            for one in config.get("CustomErrorResponses") or []
            if "ResponsePagePath" in one
        },
        headers=policies.get(str(behaviour.get("ResponseHeadersPolicyId", "")), ()),
    )


def read_headers_policy(config: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The headers that a response headers policy adds."""
    security = config.get("SecurityHeadersConfig") or {}
    custom = (config.get("CustomHeadersConfig") or {}).get("Items") or []
    added = [(str(item["Header"]).lower(), str(item["Value"])) for item in custom]
    if "ContentSecurityPolicy" in security:
        added.append(("content-security-policy", str(security["ContentSecurityPolicy"]["ContentSecurityPolicy"])))
    if "ContentTypeOptions" in security:
        added.append(("x-content-type-options", "nosniff"))
    if "FrameOptions" in security:
        added.append(("x-frame-options", str(security["FrameOptions"]["FrameOption"])))
    if "ReferrerPolicy" in security:
        added.append(("referrer-policy", str(security["ReferrerPolicy"]["ReferrerPolicy"])))
    # No promise of TLS: this machine has none.
    return tuple(added)
