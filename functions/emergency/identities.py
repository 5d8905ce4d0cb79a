"""Ids and secrets from the operating system's random source."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is read as a digit, over the telephone either."""


_SHORTEST, _LONGEST = 0.02, 0.5
"""Seconds that a pause may take after nobody, and after many."""


class RandomIdentities:
    """The real source of ids; see the port Identities."""

    def incident_id(self, now: datetime) -> str:
        """See the port. The date is in UTC; one day has a million ids, and a taken one is never given out again."""
        return f"INC-{now:%Y%m%d}-{''.join(secrets.choice(_ALPHABET) for _ in range(4))}"

    def secret(self) -> str:
        """See the port."""
        return secrets.token_urlsafe(32)


def utc_now() -> datetime:
    """The present time, in UTC."""
    return datetime.now(UTC)


def pause(attempt: int) -> None:
    """Waits before another attempt, twice as long each time and at random, so that those who collided part."""
    time.sleep(secrets.randbelow(1_000) / 1_000 * min(_LONGEST, _SHORTEST * 2**attempt))


@contextmanager
def at_least(seconds: float) -> Iterator[None]:
    """Takes so long at least, so that how long it took tells nothing of what was done meanwhile."""
    ends = time.monotonic() + seconds
    try:
        yield
    finally:
        time.sleep(max(0.0, ends - time.monotonic()))
