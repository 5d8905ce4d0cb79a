"""Where a person finds the code that a page asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyotp

from local.mailbox import Mail

CODE_PURPOSE = "code"
"""What `X-Emergency-Purpose` says of a mail that holds a code."""

_CODE_LINE = re.compile(r"^\s*(\d{6})\s*$", re.MULTILINE)


def mailed_code(mails: Iterable[Mail], address: str, incident_id: str) -> str | None:
    """The newest code that was mailed to the person for the incident and arrived; None where there is none."""
    for mail in reversed([*mails]):
        is_theirs = address in mail.to and mail.incident_id == incident_id and not mail.lost
        code = _CODE_LINE.search(mail.text)
        if is_theirs and mail.purpose == CODE_PURPOSE and code:
            return code.group(1)
    return None


def authenticator_code(secret: str) -> str:
    """The code that the person's authenticator app shows now. `secret` is in base 32."""
    return pyotp.TOTP(secret).now()
