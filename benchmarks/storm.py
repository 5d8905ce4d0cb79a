"""Storms of alarms, made from a seed: the same seed gives the same events, to the byte.

    python -m benchmarks.storm --seed 6 --signals 1000 --causes 7 > storm.jsonl

prints one EventBridge event a line, in the order of their delivery. Whatever a real storm brings is in it: many alarms
of few causes, alarms that go on and off, events that come twice, late, and before those that they follow.
"""

from __future__ import annotations

import json
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from local.engine import envelopes

ACCOUNT, REGION = "111122223333", "ap-northeast-1"
FIRST = datetime(2026, 11, 22, 3, 9, tzinfo=UTC)
"""When a storm begins where nothing else is said."""

_PERIOD = 60
_POINTS = 3
_STEP = timedelta(milliseconds=1)
"""No two changes of one storm have the same time, as CloudWatch gives it."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """Alarms of one cause, as a shop of the example plan has them: one a measure, a place and an instance.

    `cause` is what the plan's rules make of each of them: `<risk>/<component>`.
    """

    cause: str
    names: tuple[str, ...]
    namespace: str
    metric: str
    dimension: tuple[str, str]
    threshold: float


FAMILIES = (
    Family(
        cause="system_failure/checkout",
        names=("checkout-alb-5xx", "checkout-api-latency-p99", "cart-service-errors"),
        namespace="AWS/ApplicationELB",
        metric="HTTPCode_Target_5XX_Count",
        dimension=("LoadBalancer", "app/checkout-prod/7c1d5f0a9be24e63"),
        threshold=50.0,
    ),
    Family(
        cause="system_failure/payments",
        names=("payments-api-5xx", "payments-worker-timeouts", "refund-service-errors"),
        namespace="AWS/ApiGateway",
        metric="5XXError",
        dimension=("ApiName", "payments-api"),
        threshold=25.0,
    ),
    Family(
        cause="network_attack/edge",
        names=("edge-ddos-detected", "edge-syn-flood", "edge-http-flood"),
        namespace="AWS/DDoSProtection",
        metric="DDoSAttackRequestsPerSecond",
        dimension=("ResourceArn", f"arn:aws:cloudfront::{ACCOUNT}:distribution/E2EXAMPLE4SHOP"),
        threshold=9000.0,
    ),
    Family(
        cause="logistics_delay/carriers/harbour-express",
        names=("carrier-sla-parcels-overdue", "carrier-delay-scans-missing"),
        namespace="Shop/Logistics",
        metric="ParcelsPastDeliverySla",
        dimension=("Carrier", "harbour-express"),
        threshold=150.0,
    ),
    Family(
        cause="system_failure/login",
        names=("login-service-errors", "sign-in-latency-p99", "session-store-misses"),
        namespace="AWS/ApplicationELB",
        metric="TargetResponseTime",
        dimension=("LoadBalancer", "app/login-prod/5be80f3c1d2a9476"),
        threshold=2.0,
    ),
    Family(
        cause="system_failure/search",
        names=("search-latency", "search-index-errors"),
        namespace="AWS/ES",
        metric="SearchLatency",
        dimension=("DomainName", "search-prod"),
        threshold=800.0,
    ),
    Family(
        cause="system_failure/catalogue",
        names=("catalogue-api-errors", "pricing-service-timeouts", "inventory-lag"),
        namespace="AWS/ApplicationELB",
        metric="HTTPCode_Target_5XX_Count",
        dimension=("LoadBalancer", "app/catalogue-prod/1f0e2d3c4b5a6978"),
        threshold=40.0,
    ),
)
"""Seven causes of which none depends on another by the example plan."""

OTHERS = (
    Family(
        cause="system_failure/messages",
        names=("email-bounces", "sms-gateway-errors"),
        namespace="Shop/Notifications",
        metric="Failures",
        dimension=("Channel", "all"),
        threshold=20.0,
    ),
    Family(
        cause="system_failure/service-desk",
        names=("contact-centre-queue-time",),
        namespace="AWS/Connect",
        metric="LongestQueueWaitTime",
        dimension=("InstanceId", "shop-support"),
        threshold=300.0,
    ),
)
"""Two more causes, for what is not to be mistaken for the storm itself."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a storm is made of. The same recipe gives the same storm.

    Attributes:
        signals: How many changes of alarms there are; deliveries are more, by those that come twice.
        families: The alarms that there are.
        causes: How many of the families they come from.
        seconds: How long it lasts.
        onset: The part of that time within which each cause has begun, so that some begin in the midst of others.
        returning: The part of the changes that are of an alarm that is known already: it goes off, or on again.
        twice: The part of the events that are delivered a second time.
        late: The part of the deliveries that come late, by up to `lateness` seconds: behind others that happened later.
        first: When it begins.
    """

    seed: int = 6
    signals: int = 1000
    families: tuple[Family, ...] = FAMILIES
    causes: int = len(FAMILIES)
    seconds: float = 60.0
    onset: float = 0.5
    returning: float = 0.25
    twice: float = 0.1
    late: float = 0.2
    lateness: float = 20.0
    first: datetime = FIRST


@dataclass(frozen=True)
class Delivery:
    """One event as it is delivered, `after` that many seconds of the storm."""

    after: float
    event: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Storm:
    """What is delivered, in order, and what is true of it however it is delivered.

    Attributes:
        ids: The ids of the events by cause.
        failures: How many of them say that something is wrong, by cause.
        on: The ARNs of the alarms that are on at the end, by cause.
        alarms: How many alarms were on at some time, by cause.
    """

    deliveries: tuple[Delivery, ...]
    ids: Mapping[str, frozenset[str]]
    failures: Mapping[str, int]
    on: Mapping[str, frozenset[str]]
    alarms: Mapping[str, int]

    @property
    def signals(self) -> int:
        """How many signals there are, each counted once."""
        return sum(len(ids) for ids in self.ids.values())

    @property
    def events(self) -> tuple[Mapping[str, Any], ...]:
        """The events in the order of their delivery."""
        return tuple(delivery.event for delivery in self.deliveries)


@dataclass
class _Alarm:
    family: Family
    name: str
    is_on: bool = False
    changed_at: datetime = FIRST

    @property
    def arn(self) -> str:
        return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{self.name}"


@dataclass
class _Making:
    """A storm in the making: the alarms so far, and the changes of them in the order in which they happened."""

    recipe: Recipe
    chance: random.Random
    alarms: list[_Alarm] = field(default_factory=list)
    ids: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    failures: Counter[str] = field(default_factory=Counter)

    def happenings(self) -> Iterator[Delivery]:
        """Every change of an alarm, at the time at which it happens; the first one of each cause opens it."""
        recipe = self.recipe
        causes = recipe.families[: recipe.causes]
        latest = recipe.seconds * recipe.onset
        begin = dict(zip([0.0, *sorted(self.chance.uniform(0, latest) for _ in causes[1:])], causes, strict=True))
        others = [self.chance.uniform(0, recipe.seconds) for _ in range(recipe.signals - len(causes))]
        going_on: list[Family] = []
        for number, after in enumerate(sorted([*begin, *others])):
            at = recipe.first + timedelta(seconds=after) + number * _STEP
            going_on += [begin[after]] if after in begin else []
            is_known = after not in begin and self.chance.random() < recipe.returning
            known = self.chance.choice(self.alarms) if is_known else None
            family = begin.get(after) or self.chance.choice(going_on)
            yield Delivery(after, self._change(known or self._new(family, at), at))

    def _new(self, family: Family, at: datetime) -> _Alarm:
        zone = self.chance.choice("acd")
        alarm = _Alarm(family, f"{self.chance.choice(family.names)}-{REGION}{zone}-{len(self.alarms):04d}")
        alarm.changed_at = at - timedelta(days=self.chance.randint(1, 90))
        self.alarms.append(alarm)
        return alarm

    def _change(self, alarm: _Alarm, at: datetime) -> Mapping[str, Any]:
        before = self._state(alarm, alarm.changed_at)
        alarm.is_on, alarm.changed_at = not alarm.is_on, at
        event = envelopes.alarm_state_change(
            alarm_name=alarm.name,
            alarm_arn=alarm.arn,
            configuration=_configuration(alarm),
            previous=before,
            current=self._state(alarm, at),
            account=ACCOUNT,
            region=REGION,
            now=at,
            event_id=str(uuid.UUID(int=self.chance.getrandbits(128), version=4)),
        )
        self.ids[alarm.family.cause].add(event["id"])
        self.failures[alarm.family.cause] += alarm.is_on
        return event

    def _state(self, alarm: _Alarm, at: datetime) -> dict[str, Any]:
        threshold = alarm.family.threshold
        low, high = (1.1, 6.0) if alarm.is_on else (0.1, 0.9)
        points = [round(threshold * self.chance.uniform(low, high), 1) for _ in range(_POINTS)]
        data = {
            "version": "1.0",
            "queryDate": envelopes.aws_timestamp(at),
            "startDate": envelopes.aws_timestamp(at - timedelta(seconds=_POINTS * _PERIOD)),
            "statistic": "Sum",
            "period": _PERIOD,
            "recentDatapoints": points,
            "threshold": threshold,
        }
        crossed = f"{'were' if alarm.is_on else 'were not'} greater than the threshold ({threshold})"
        return envelopes.alarm_state(
            value="ALARM" if alarm.is_on else "OK",
            reason=f"Threshold Crossed: {_POINTS} datapoints {points} {crossed}.",
            reason_data=json.dumps(data, separators=(",", ":")),
            at=at,
        )

    def deliveries(self, happenings: list[Delivery]) -> Iterator[Delivery]:
        """Each event as often and as late as it comes."""
        recipe = self.recipe
        for happening in happenings:
            for _ in range(2 if self.chance.random() < recipe.twice else 1):
                is_late = self.chance.random() < recipe.late
                delay = self.chance.uniform(0, recipe.lateness) if is_late else 0.0
                yield Delivery(min(happening.after + delay, recipe.seconds), happening.event)


def _configuration(alarm: _Alarm) -> dict[str, Any]:
    family = alarm.family
    return envelopes.single_metric_configuration(
        namespace=family.namespace,
        metric=family.metric,
        dimensions=dict([family.dimension]),
        period=_PERIOD,
        stat="Sum",
        description=None,
        query_id="m1",
    )


def storm(recipe: Recipe) -> Storm:
    """The storm of a recipe."""
    making = _Making(recipe, random.Random(recipe.seed))  # noqa: S311 - to be repeated, not to be secret
    happenings = list(making.happenings())
    deliveries = sorted(making.deliveries(happenings), key=lambda delivery: delivery.after)
    causes = [family.cause for family in recipe.families[: recipe.causes]]
    of = {cause: [alarm for alarm in making.alarms if alarm.family.cause == cause] for cause in causes}
    return Storm(
        deliveries=tuple(deliveries),
        ids={cause: frozenset(making.ids[cause]) for cause in causes},
        failures={cause: making.failures[cause] for cause in causes},
        on={cause: frozenset(alarm.arn for alarm in of[cause] if alarm.is_on) for cause in causes},
        alarms={cause: len(of[cause]) for cause in causes},
    )


def _print(
    *,
    seed: Annotated[int, typer.Option(help="The same seed gives the same storm.")] = 6,
    signals: Annotated[int, typer.Option(min=1, help="How many changes of alarms.")] = 1000,
    causes: Annotated[int, typer.Option(min=1, max=len(FAMILIES), help="How many causes they have.")] = 7,
) -> None:
    """Prints a storm of alarms, one EventBridge event a line, in the order of their delivery."""
    for event in storm(Recipe(seed=seed, signals=signals, causes=causes)).events:
        typer.echo(json.dumps(event, separators=(",", ":")))


if __name__ == "__main__":
    typer.run(_print)
