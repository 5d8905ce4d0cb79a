"""Gives everybody who uses an authenticator app a secret, as the company would before its plan goes live."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyotp


def enrol(plan: Mapping[str, Any], secrets_manager: Any, secret_id: str) -> dict[str, str]:
    """Puts a new secret for each contact of the compiled plan who uses an app into the app's secret.

    Returns contact id -> base 32.
    """
    contacts = plan.get("contacts", {})
    enrolled = {
        name: pyotp.random_base32() for name, contact in contacts.items() if contact.get("second_factor") == "totp"
    }
    if enrolled:
        secrets_manager.put_secret_value(SecretId=secret_id, SecretString=json.dumps(enrolled))
    return enrolled
