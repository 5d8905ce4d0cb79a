"""Mail addresses as people type them."""

from __future__ import annotations

from emergency.domain.errors import UnusableAnswer

_ENCODED_WORD = "=?"
"""What begins a word in another encoding in a mail's header (RFC 2047): an address with it isn't read as it stands."""


def read_address(text: str) -> str:
    """The address as mail servers know it: a domain in other letters than ASCII becomes its `xn--` form.

    Asks no name server. Raises UnusableAnswer for the field `address`: `missing`, or `unusable`.
    """
    # Its tables take longer to read than the rest of the function together, and a button needs none of them.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    if not text.strip():
        raise UnusableAnswer("address", "missing")
    if _ENCODED_WORD in text:
        raise UnusableAnswer("address", "unusable")
    try:
        read = validate_email(text.strip(), allow_smtputf8=False, check_deliverability=False, strict=True)
    except EmailNotValidError:
        raise UnusableAnswer("address", "unusable") from None
    return read.ascii_email or read.normalized
