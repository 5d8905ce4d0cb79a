"""Findings of GuardDuty and Macie, and the events of AWS Health."""

from __future__ import annotations

from dataclasses import replace

from emergency.domain.envelope import Envelope, bare, clean, inside, named, not_after, number, tags_of, text
from emergency.domain.errors import UnusableSignal
from emergency.domain.signal import ARN_LIMIT, NAME_LIMIT, REASON_LIMIT, Figures, Meaning, Signal

_RESOURCES: tuple[tuple[str | int, ...], ...] = (
    ("resourcesAffected", "s3Bucket", "name"),
    ("resource", "s3BucketDetails", 0, "name"),
    ("resource", "instanceDetails", "instanceId"),
    ("resource", "rdsDbInstanceDetails", "dbInstanceIdentifier"),
    ("resource", "lambdaDetails", "functionName"),
    ("resource", "eksClusterDetails", "name"),
    ("resource", "ecsClusterDetails", "name"),
    ("resource", "accessKeyDetails", "userName"),
)
"""Where a finding names what it is about, the most telling first."""

_TAGS: tuple[tuple[str | int, ...], ...] = (
    ("resourcesAffected", "s3Bucket", "tags"),
    *(
        ("resource", *path, "tags")
        for path in (
            ("s3BucketDetails", 0),
            ("instanceDetails",),
            ("rdsDbInstanceDetails",),
            ("lambdaDetails",),
            ("eksClusterDetails",),
            ("ecsClusterDetails",),
        )
    ),
)

_MACIE_SCORES = {1: 2.0, 2: 5.0, 3: 8.0}
"""Macie grades from 1 to 3: low, medium and high, as the middles of the classes that GuardDuty calls so."""

_MOST = 10
"""GuardDuty's gravest."""


def read_finding(envelope: Envelope) -> Signal:
    """A finding. While it is updated it stays the same alarm.

    An archived finding is no recovery: somebody, or a rule, put it away, which doesn't say that the danger is over.
    """
    detail = envelope.detail
    kind = clean(text(detail.get("type")), NAME_LIMIT)
    if not kind:
        raise UnusableSignal("$.detail.type: a finding needs its type")
    signal, why = bare(envelope), _put_away(detail)
    resource = next((name for path in _RESOURCES if (name := text(inside(detail, *path)))), "")
    return replace(
        signal,
        meaning=Meaning.NEITHER if why else Meaning.FAILURE,
        names=(kind,),
        resource=clean(resource, NAME_LIMIT),
        reason=clean(text(detail.get("title")), REASON_LIMIT),
        began_at=not_after(signal.at, detail.get("createdAt")),
        why_neither=why,
        alarm=_same_finding(signal, detail),
        tags=tags_of(*(inside(detail, *path) for path in _TAGS)),
        figures=Figures(score=_score(detail.get("severity"))),
    )


def _put_away(detail: dict[str, object]) -> str:
    """Why a finding calls for nothing; empty where it does."""
    is_archived = detail.get("archived") is True or inside(detail, "service", "archived") is True
    is_sample = detail.get("sample") is True or inside(detail, "service", "additionalInfo", "sample") is True
    return "an archived or sample finding" if is_archived or is_sample else ""


def _same_finding(signal: Signal, detail: dict[str, object]) -> str:
    arn, own = (clean(text(detail.get(key)), ARN_LIMIT) for key in ("arn", "id"))
    return arn or (f"{signal.source}:{signal.account}:{signal.region}:{own}"[:ARN_LIMIT] if own else "")


def _score(severity: object) -> float | None:
    """A finding's own severity from 0 to 10."""
    graded = number(inside(severity, "score"))
    if graded is not None:
        return _MACIE_SCORES.get(round(graded))
    score = number(severity)
    return score if score is not None and 0 <= score <= _MOST else None


def read_health(envelope: Envelope) -> Signal:
    """An event of AWS Health; all its pages and updates are one alarm.

    It can come through a backup region or the organisation's own account, so that where it is stands in the detail.
    """
    detail = envelope.detail
    code = clean(text(detail.get("eventTypeCode")), NAME_LIMIT)
    if not code:
        raise UnusableSignal("$.detail.eventTypeCode: a health event needs its type code")
    is_issue = detail.get("eventTypeCategory") == "issue"
    meaning = Meaning.NEITHER
    if is_issue:
        meaning = Meaning.RECOVERY if detail.get("statusCode") == "closed" else Meaning.FAILURE
    signal = bare(envelope)
    entities = detail.get("affectedEntities")
    first = text(inside(entities, 0, "entityValue"))
    return replace(
        signal,
        account=clean(text(detail.get("affectedAccount")), NAME_LIMIT) or signal.account,
        region=clean(text(detail.get("eventRegion")), NAME_LIMIT) or signal.region,
        meaning=meaning,
        names=(code,),
        namespace=clean(f"AWS/{text(detail.get('service'))}", NAME_LIMIT),
        resource=named(next(iter(envelope.named_resources), first)),
        reason=clean(text(inside(detail, "eventDescription", 0, "latestDescription")), REASON_LIMIT),
        began_at=not_after(signal.at, detail.get("startTime")),
        why_neither="" if is_issue else "a health event that is no issue",
        alarm=clean(text(detail.get("eventArn")), ARN_LIMIT),
        tags=tags_of(inside(entities, 0, "tags")),
    )
