"""Whatever order people ask, confirm, leave and are told in: nobody is mailed who didn't confirm, and nobody who left."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from emergency.domain.errors import UnknownLink
from emergency.domain.subscription import ASK_AGAIN_AFTER, CONFIRM_WITHIN
from tests.unit.use_cases.test_subscriptions import Desk, statement

ADDRESSES = st.sampled_from(("an@example.org", "mei@example.org", "MEI@example.org"))
PAUSES = st.sampled_from((timedelta(minutes=2), ASK_AGAIN_AFTER, CONFIRM_WITHIN))


class Subscribing(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.reads: set[str] = set()
        """Whoever confirmed and did not leave, in small letters."""
        self.asked: dict[str, list[datetime]] = {}
        self.published = 0

    def links(self) -> list[tuple[str, str]]:
        return [(mail.to.email, mail.text) for mail in self.desk.post.sent if mail.text.startswith("secret")]

    @rule(address=ADDRESSES, locale=st.sampled_from(("en", "zh-Hant")))
    def ask(self, address: str, locale: str) -> None:
        before = len(self.desk.post.sent)
        self.desk.subscribe(address, locale)
        if len(self.desk.post.sent) > before:
            assert len(self.desk.post.sent) == before + 1
            self.asked.setdefault(address.lower(), []).append(self.desk.clock.now)

    @rule(pause=PAUSES)
    def wait(self, pause: timedelta) -> None:
        self.desk.clock.now += pause

    @precondition(lambda self: self.links())
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        address, link = data.draw(st.sampled_from(self.links()))
        try:
            self.desk.links.confirm(link)
        except UnknownLink:
            return
        self.reads.add(address.lower())

    @precondition(lambda self: self.links())
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        address, link = data.draw(st.sampled_from(self.links()))
        if self.desk.links.leave(link):
            self.reads.discard(address.lower())
            self.asked.pop(address.lower(), None)

    @rule()
    def publish(self) -> None:
        self.published += 1
        told = statement(f"statement-{self.published}")
        self.desk.tell_all(told)
        self.desk.tell_all(told)
        assert sorted(mail.to.email.lower() for mail in self.desk.post.sent if mail.text == told.id) == sorted(
            self.reads
        )

    @invariant()
    def an_address_is_mailed_once_an_hour(self) -> None:
        for times in self.asked.values():
            assert all(later - earlier >= ASK_AGAIN_AFTER for earlier, later in pairwise(times))

    @invariant()
    def only_who_confirmed_is_kept_for_good(self) -> None:
        assert {address.lower() for address, confirmed in self.desk.known.items() if confirmed} == self.reads


TestSubscribing = Subscribing.TestCase
TestSubscribing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
