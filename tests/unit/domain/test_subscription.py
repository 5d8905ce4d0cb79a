"""Subscribing: what an address must be, how long a link is good, how often one is mailed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emergency.domain.address import read_address
from emergency.domain.errors import UnknownLink, UnusableAnswer
from emergency.domain.subscription import (
    ASK_AGAIN_AFTER,
    CONFIRM_WITHIN,
    Subscriber,
    asked,
    confirmed,
    digest_of_address,
    told_of,
)

NOW = datetime(2026, 11, 22, 3, 13, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def somebody(**changes: object) -> Subscriber:
    return Subscriber(**{"address": "mei@example.org", "locale": "en", "secret": "s1", "asked_at": NOW, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("mei@example.org", "mei@example.org"),
        ("  Mei.Lin+status@Example.ORG ", "Mei.Lin+status@example.org"),
        ("mei@bücher.example", "mei@xn--bcher-kva.example"),
        ("mei@商店.example", "mei@xn--czrs0t.example"),
    ],
)
def test_an_address_is_read_as_mail_servers_know_it(typed: str, read: str) -> None:
    assert read_address(typed) == read


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("mei", "unusable"),
        ("mei@", "unusable"),
        ("mei@localhost", "unusable"),
        ("mei@shop.test", "unusable"),
        ("梅@example.org", "unusable"),
        ("mei@[192.0.2.1]", "unusable"),
        ("Mei <mei@example.org>", "unusable"),
        ("mei@example.org,eve@example.org", "unusable"),
        ("mei@example.org\r\nBcc: eve@example.org", "unusable"),
        ("a" * 65 + "@example.org", "unusable"),
        ("mei@" + "a." * 130 + "org", "unusable"),
    ],
)
def test_what_is_no_address_is_told_apart(typed: str, problem: str) -> None:
    with pytest.raises(UnusableAnswer) as why:
        read_address(typed)
    assert (why.value.field, why.value.problem) == ("address", problem)


@given(st.text(max_size=300))
def test_whatever_is_typed_is_an_address_or_unusable(typed: str) -> None:
    try:
        read = read_address(typed)
    except UnusableAnswer:
        return
    assert read.isascii()
    assert read.count("@") == 1
    assert not set(read) & set("\r\n\t <>,;")


@pytest.mark.parametrize("local", ["=?utf-8?q?mei?=", "=?utf-8?b?bWVp?=", "a=?utf-8?q?=0Amei?="])
def test_r23_an_address_that_headers_read_as_something_else_is_refused(local: str) -> None:
    with pytest.raises(UnusableAnswer):
        read_address(f"{local}@example.org")


def test_an_address_is_one_however_its_letters_are_written() -> None:
    assert digest_of_address("Mei@Example.org") == digest_of_address("mei@example.ORG")


def test_an_unconfirmed_address_is_kept_for_two_days() -> None:
    subscriber = somebody()
    assert confirmed(subscriber, NOW + CONFIRM_WITHIN - SECOND).is_confirmed
    with pytest.raises(UnknownLink):
        confirmed(subscriber, NOW + CONFIRM_WITHIN)


def test_a_confirmed_address_never_expires() -> None:
    after = confirmed(somebody(), NOW)
    assert after.expires_at is None
    assert not after.is_over(NOW + timedelta(days=9_999))


def test_asking_again_in_time_keeps_the_link_that_was_mailed_and_begins_its_time_anew() -> None:
    later = NOW + CONFIRM_WITHIN - SECOND
    again = asked(somebody(), "mei@example.org", "zh-Hant", "s2", later)
    assert (again.secret, again.asked_at, again.locale) == ("s1", later, "zh-Hant")


def test_asking_again_too_late_makes_a_new_link() -> None:
    assert asked(somebody(), "mei@example.org", "en", "s2", NOW + CONFIRM_WITHIN).secret == "s2"


def test_a_stranger_who_enters_a_confirmed_address_changes_nothing_of_its_mails() -> None:
    mine = confirmed(somebody(), NOW)
    entered = asked(mine, "MEI@example.org", "zh-Hant", "s2", NOW + timedelta(days=30))
    assert (entered.locale, entered.secret, entered.address, entered.is_confirmed) == (
        "en",
        "s1",
        "mei@example.org",
        True,
    )
    assert confirmed(entered, NOW + timedelta(days=30)).locale == "zh-Hant"


def test_one_mail_an_hour() -> None:
    mailed = somebody(mailed_at=NOW)
    assert somebody().can_be_mailed(NOW)
    assert not mailed.can_be_mailed(NOW + ASK_AGAIN_AFTER - SECOND)
    assert mailed.can_be_mailed(NOW + ASK_AGAIN_AFTER)


def test_a_mail_that_is_just_being_sent_is_not_sent_beside() -> None:
    sending = somebody(claimed_at=NOW)
    assert not sending.can_be_mailed(NOW + timedelta(seconds=59))
    assert sending.can_be_mailed(NOW + timedelta(seconds=60))


def test_the_last_statements_are_remembered() -> None:
    subscriber = somebody()
    for number in range(30):
        subscriber = told_of(subscriber, f"statement-{number}")
    assert subscriber.told == tuple(f"statement-{number}" for number in range(20, 30))
