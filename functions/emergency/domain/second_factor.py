"""The second factor: a code for the named person, and a device trusted for one incident (design §4; R2, R7, R8).

Codes are never stored. A mailed code follows from the decision's secret, the person and a running number (HOTP,
RFC 4226), so a function that runs twice mails the same code; an authenticator's code follows from its own secret and
the time (TOTP, RFC 6238).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pyotp

from emergency.domain.decision import Decision
from emergency.domain.errors import CodeExpired, TooManyCodes, WrongCode
from emergency.domain.terms import Factor

CODE_LIFE = timedelta(minutes=10)
"""How long a code can be entered after it was asked for."""

TRIES = 5
"""How often a code can be entered."""

GUESSES = 25
"""How often all of a person's codes in one decision can be entered together: so many guesses at a million."""

CODES = 20
"""How many codes one person is mailed in one decision: a scanner that presses every button leaves them some."""

TRUST_LIFE = timedelta(days=30)
"""How long a device remembers that it is trusted, at most; the trust ends with the incident anyway."""

_DIGITS = 6

_STEP = 30
"""Seconds of one TOTP code (RFC 6238, 5.2)."""


@dataclass(frozen=True, kw_only=True)
class Challenge:
    """One person's proof of who they are, for one answer to one decision.

    `draft` is the answer that the person gave; it counts once the code is right. `number` counts the person's codes in
    this decision, `earlier_tries` what was entered for those before. `mail_id` is empty until the code's mail was
    accepted.
    """

    incident_id: str
    decision_id: str
    contact: str
    factor: Factor
    number: int
    opened_at: datetime
    draft: Mapping[str, Sequence[str]] = field(default_factory=dict)
    tries: int = 0
    earlier_tries: int = 0
    mail_id: str = ""
    passed_at: datetime | None = None
    version: int = 0

    @property
    def expires_at(self) -> datetime:
        """When the code can no longer be entered."""
        return self.opened_at + CODE_LIFE

    @property
    def tries_left(self) -> int:
        """How often the code can still be entered."""
        return max(0, min(TRIES - self.tries, GUESSES - self.earlier_tries - self.tries))

    def is_live(self, now: datetime) -> bool:
        """Whether the code can still be entered."""
        return self.passed_at is None and self.tries_left > 0 and now < self.expires_at


def challenged(
    decision: Decision,
    contact: str,
    factor: Factor,
    draft: Mapping[str, Sequence[str]],
    earlier: Challenge | None,
    *,
    anew: bool = False,
    now: datetime,
) -> Challenge:
    """The challenge under which an answer waits for its code: the live one of the same answer, or the next one.

    A code makes no other answer count than the one for which it was mailed, whoever else holds the link.
    `anew` asks for a fresh code. Raises TooManyCodes.
    """
    if earlier and earlier.is_live(now) and earlier.factor is factor and earlier.draft == draft and not anew:
        return earlier
    number = earlier.number + 1 if earlier else 1
    earlier_tries = earlier.earlier_tries + earlier.tries if earlier else 0
    if number > CODES or earlier_tries >= GUESSES:
        raise TooManyCodes(decision.id)
    return Challenge(
        incident_id=decision.incident_id,
        decision_id=decision.id,
        contact=contact,
        factor=factor,
        number=number,
        opened_at=now,
        draft=draft,
        earlier_tries=earlier_tries,
        version=earlier.version if earlier else 0,
    )


def tried(challenge: Challenge | None, now: datetime) -> Challenge:
    """The challenge with one try more, counted before the code is looked at. Raises CodeExpired."""
    if challenge is None or not challenge.is_live(now):
        raise CodeExpired
    return replace(challenge, tries=challenge.tries + 1)


def mailed(challenge: Challenge, mail_id: str) -> Challenge:
    """The challenge after the mail provider has accepted its code's mail."""
    return replace(challenge, mail_id=mail_id)


def passed(challenge: Challenge, now: datetime) -> Challenge:
    """The challenge after the right code; it can't be used again."""
    return replace(challenge, passed_at=now)


def mailed_code(decision: Decision, challenge: Challenge) -> str:
    """The six digits that are mailed for this challenge."""
    return pyotp.HOTP(_code_key(decision, challenge), digest=hashlib.sha256).at(challenge.number)


def check_mailed_code(decision: Decision, challenge: Challenge, entered: str) -> None:
    """Raises WrongCode unless these are the digits that were mailed; compared in constant time."""
    if not hmac.compare_digest(mailed_code(decision, challenge).encode(), digits(entered).encode()):
        raise WrongCode(challenge.tries_left)


def is_a_code(entered: str) -> bool:
    """Whether what was typed can be a code at all; what can't is no guess."""
    return len(digits(entered)) == _DIGITS


def totp_step(secret: str, challenge: Challenge, entered: str, now: datetime) -> int:
    """The time step whose TOTP code was entered, the present one or a neighbour. Raises WrongCode.

    The step must be spent once and for all: RFC 6238, 5.2 accepts a code a single time.
    """
    totp, present = pyotp.TOTP(secret, interval=_STEP), int(now.timestamp()) // _STEP
    matching = [step for step in (present - 1, present, present + 1) if _is_code_of(totp, step, entered)]
    if not matching:
        raise WrongCode(challenge.tries_left)
    return matching[0]


def digits(entered: str) -> str:
    """A code as it was typed, in any script's digits, without the spaces and dashes that people put between them."""
    return "".join(str(unicodedata.decimal(character)) for character in entered if character.isdecimal())


def device_token(device_key: str, incident_id: str, contact: str) -> str:
    """What a trusted device holds: proof that this person gave a code in this incident."""
    bound = f"device\n{incident_id}\n{contact}"
    return hmac.new(device_key.encode(), bound.encode(), hashlib.sha256).hexdigest()


def is_trusted(device_key: str, incident_id: str, contact: str, token: str) -> bool:
    """Whether a device's token was made for this person and incident; compared in constant time."""
    return hmac.compare_digest(device_token(device_key, incident_id, contact).encode(), token.encode())


def device_name(incident_id: str, contact: str) -> str:
    """The name under which a device keeps its token: one for each person and incident, and neither readable."""
    return f"__Host-device-{hashlib.sha256(f'{incident_id}/{contact}'.encode()).hexdigest()[:12]}"


def _is_code_of(totp: pyotp.TOTP, step: int, entered: str) -> bool:
    return hmac.compare_digest(totp.generate_otp(step).encode(), digits(entered).encode())


def _code_key(decision: Decision, challenge: Challenge) -> str:
    bound = f"code\n{decision.incident_id}\n{decision.id}\n{challenge.contact}"
    return base64.b32encode(hmac.new(decision.form_key.encode(), bound.encode(), hashlib.sha256).digest()).decode()
