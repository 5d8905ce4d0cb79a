"""Where the response has its home, and the accounts and regions whose signals it takes: read from the context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

import msgspec
from aws_cdk import Environment
from aws_cdk.region_info import RegionInfo

from infra.context import UnusableContext

_T = TypeVar("_T")
_Account = Annotated[str, msgspec.Meta(pattern=r"\A[0-9]{12}\Z")]


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One region of one account."""

    account: _Account
    region: str

    def __str__(self) -> str:
        return f"{self.account}/{self.region}"

    @property
    def environment(self) -> Environment:
        """The place as stacks are bound to it."""
        return Environment(account=self.account, region=self.region)

    @property
    def partition(self) -> str:
        """Which of AWS's separate worlds it lies in, such as `aws` or `aws-cn`; empty for a region that isn't known."""
        return RegionInfo.get(self.region).partition or ""


class _Monitored(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place as the context names it; without an account it is the home's."""

    region: str
    account: _Account | None = None

    def beside(self, home: Place) -> Place:
        return Place(account=self.account or home.account, region=self.region)


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The home and the other places that are monitored.

    Attributes:
        home: Where the response is deployed; None leaves it to the credentials of whoever deploys.
        monitored: Where signals are forwarded from; never the home itself, whose signals need no forwarding.
    """

    home: Place | None = None
    monitored: tuple[Place, ...] = ()

    @property
    def other_accounts(self) -> tuple[str, ...]:
        """The accounts beside the home's own, each once, sorted."""
        own = self.home.account if self.home else None
        return tuple(sorted({place.account for place in self.monitored} - {own}))


_HOME_REMEDY = 'give {"account": "…", "region": "…"} (12 digits, and a region such as ap-east-1), or nothing'
_MONITORED_REMEDY = 'give a list of {"account": "…", "region": "…"}; the home\'s own account can be left out'


def read_fleet(home: object, monitored: object) -> Fleet:
    """The fleet as the context describes it, as values of `cdk.json` or as JSON text from the command line.

    Args:
        home: Account and region of the response; empty for wherever the deployer's credentials lead.
        monitored: The other places, a list; empty for none.

    Raises:
        UnusableContext: With what to give instead.
    """
    at_home = _read("home", home, Place, _HOME_REMEDY) if home else None
    named = _read("monitored", monitored, list[_Monitored], _MONITORED_REMEDY) if monitored else []
    if named and at_home is None:
        raise UnusableContext(
            f"monitored names places and there is no home for their signals: for home, {_HOME_REMEDY}."
        )
    places = tuple(place.beside(at_home) for place in named) if at_home else ()
    fleet = Fleet(home=at_home, monitored=places)
    _check(fleet)
    return fleet


def _read(name: str, value: object, kind: type[_T], remedy: str) -> _T:
    try:
        return msgspec.json.decode(value, type=kind) if isinstance(value, str) else msgspec.convert(value, kind)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise UnusableContext(f"{name} is {value!r}: {error}. For {name}, {remedy}.") from None


def _check(fleet: Fleet) -> None:
    home = fleet.home
    if home is None:
        return
    for name, place in (("home", home), *(("monitored", place) for place in fleet.monitored)):
        if not place.partition:
            raise UnusableContext(
                f"{name} names {place.region!r}, which is no region of AWS: write ap-east-1, for one."
            )
    for place in fleet.monitored:
        _check_monitored(place, home, fleet.monitored)


def _check_monitored(place: Place, home: Place, all_places: Sequence[Place]) -> None:
    if place == home:
        raise UnusableContext(
            f"monitored names {place}, the home itself: its own signals need no forwarding, leave it out."
        )
    if all_places.count(place) > 1:
        raise UnusableContext(f"monitored names {place} more than once: leave the others out.")
    if place.partition != home.partition:
        raise UnusableContext(
            f"monitored names {place}, which lies in {place.partition}, and the home {home} lies in "
            f"{home.partition}: events don't cross from one to the other. Deploy a second response, with a home there."
        )
