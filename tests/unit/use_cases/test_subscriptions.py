"""Subscribers: one mail an hour, nothing without a confirmation, every statement once, and nobody is kept who left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from emergency.domain.errors import PostUnavailable, RecordChanged, UnknownLink
from emergency.domain.plan import Contact
from emergency.domain.statement import Statement, Wording
from emergency.domain.subscription import ASK_AGAIN_AFTER, CONFIRM_WITHIN, Subscriber
from emergency.domain.terms import Phase, Risk
from emergency.ports import Mail
from emergency.use_cases.subscriptions import ForgetAddresses, Subscribe, Subscriptions
from emergency.use_cases.tell_subscribers import AT_ONCE, TellSubscribers
from tests.support.crashes import Crashing, every_crash
from tests.support.memory import EPOCH, CountingIdentities, Faults, MemoryPost, MemorySubscribers, SteppingClock

MEI, STATEMENT = "mei@example.org", "statement-1"


def statement(id_: str = STATEMENT) -> Statement:
    return Statement(
        incident_id="INC-1",
        id=id_,
        risk=Risk.SYSTEM_FAILURE,
        phase=Phase.UPDATE,
        texts={"en": Wording(title="Checkout", text="Works again.")},
        by="spokesperson",
        approved_by=("ceo",),
        began_at=EPOCH,
        published_at=EPOCH,
    )


class PlainMails:
    """Mails that hold the link, or the statement's id, and nothing else."""

    def confirmation(self, subscriber: Subscriber) -> Mail:
        return self._mail(subscriber, subscriber.secret, subscriber.wanted or subscriber.locale)

    def statement(self, subscriber: Subscriber, statement: Statement) -> Mail:
        return self._mail(subscriber, statement.id, subscriber.locale)

    def _mail(self, subscriber: Subscriber, text: str, locale: str) -> Mail:
        to = Contact(id=subscriber.address, name={}, title={}, email=subscriber.address, phone="", locale=locale)
        return Mail(to=to, subject=text, html=text, text=text, thread="", name=text)


@dataclass
class Desk:
    """The use cases over one in-memory store; with `faults`, every port may crash."""

    people: MemorySubscribers = field(default_factory=MemorySubscribers)
    post: MemoryPost = field(default_factory=MemoryPost)
    clock: SteppingClock = field(default_factory=SteppingClock)
    identities: CountingIdentities = field(default_factory=CountingIdentities)
    faults: Faults | None = None

    def _port(self, port: Any) -> Any:
        return Crashing(port, self.faults) if self.faults else port

    def subscribe(self, address: str = MEI, locale: str = "en") -> None:
        Subscribe(
            subscribers=self._port(self.people),
            post=self._port(self.post),
            mails=PlainMails(),
            identities=self.identities,
            clock=self.clock,
        )(address, locale)

    @property
    def links(self) -> Subscriptions:
        return Subscriptions(subscribers=self._port(self.people), clock=self.clock)

    def tell(self, told: Statement, cursor: str = "") -> str:
        return TellSubscribers(subscribers=self._port(self.people), post=self._port(self.post), mails=PlainMails())(
            told, cursor
        )

    def tell_all(self, told: Statement) -> int:
        """Tells everybody, and gives the number of calls that it took."""
        cursor, calls = self.tell(told), 1
        while cursor:
            cursor, calls = self.tell(told, cursor), calls + 1
        return calls

    def join(self, *addresses: str) -> None:
        for address in addresses:
            self.subscribe(address)
            self.links.confirm(self.mailed(address)[-1])

    def mailed(self, address: str = MEI) -> list[str]:
        return [mail.text for mail in self.post.sent if mail.to.email == address]

    @property
    def known(self) -> dict[str, bool]:
        return {one.address: one.is_confirmed for one in self.people.people.values()}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_nothing_is_sent_before_the_link_is_confirmed(desk: Desk) -> None:
    desk.subscribe()
    (link,) = desk.mailed()
    assert desk.links.open(link).address == MEI
    desk.tell_all(statement())
    assert desk.mailed() == [link]
    desk.links.confirm(link)
    desk.tell_all(statement())
    assert desk.mailed() == [link, STATEMENT]


def test_an_address_is_mailed_once_an_hour_however_often_it_is_entered(desk: Desk) -> None:
    for address in (MEI, MEI, "MEI@example.org"):
        desk.subscribe(address)
    assert len(desk.mailed()) == 1
    desk.clock.now += ASK_AGAIN_AFTER
    desk.subscribe()
    first, second = desk.mailed()
    assert first == second


def test_a_confirmed_address_is_mailed_like_any_other(desk: Desk) -> None:
    desk.join(MEI)
    desk.clock.now += ASK_AGAIN_AFTER
    desk.subscribe(locale="zh-Hant")
    assert [mail.to.locale for mail in desk.post.sent] == ["en", "zh-Hant"]
    desk.tell_all(statement())
    assert desk.post.sent[-1].to.locale == "en"
    desk.links.confirm(desk.mailed()[0])
    desk.tell_all(statement("statement-2"))
    assert desk.post.sent[-1].to.locale == "zh-Hant"


def test_who_has_just_been_mailed_is_not_asked_beside_it(desk: Desk) -> None:
    """Two requests at once: the second comes while the first one's mail is on its way."""

    @dataclass
    class Slow(MemoryPost):
        def send(self, mail: Mail) -> str:
            sent = super().send(mail)
            if len(self.sent) == 1:
                desk.subscribe()
            return sent

    desk.post = Slow()
    desk.subscribe()
    assert len(desk.mailed()) == 1


def test_of_two_who_read_the_same_record_one_mails(desk: Desk) -> None:
    read = desk.people.get

    def overtaken(address_digest: str) -> Subscriber | None:
        before = read(address_digest)
        desk.people.get = read  # type: ignore[method-assign]
        desk.subscribe()
        return before

    desk.people.get = overtaken  # type: ignore[method-assign]
    desk.subscribe()
    assert len(desk.mailed()) == 1


def test_a_mail_that_could_not_be_sent_now_can_be_asked_for_again_at_once(desk: Desk) -> None:
    class Closed(MemoryPost):
        def send(self, mail: Mail) -> str:
            raise PostUnavailable(mail.name)

    open_post, desk.post = desk.post, Closed()
    with pytest.raises(PostUnavailable):
        desk.subscribe()
    desk.post = open_post
    desk.subscribe()
    assert len(desk.mailed()) == 1


def test_whoever_enters_an_address_that_is_refused_learns_nothing(desk: Desk) -> None:
    desk.post.refuses.add(MEI)
    desk.subscribe()
    desk.post.refuses.clear()
    desk.subscribe()
    assert desk.mailed() == []


def test_a_link_is_over_after_two_days_and_a_new_one_replaces_it(desk: Desk) -> None:
    desk.subscribe()
    (old,) = desk.mailed()
    desk.clock.now += CONFIRM_WITHIN
    for use in (desk.links.open, desk.links.confirm):
        with pytest.raises(UnknownLink):
            use(old)
    desk.subscribe()
    new = desk.mailed()[-1]
    assert new != old
    with pytest.raises(UnknownLink):
        desk.links.confirm(old)
    assert desk.links.confirm(new).is_confirmed


def test_leaving_forgets_everything_and_can_be_repeated(desk: Desk) -> None:
    desk.join(MEI)
    (link,) = desk.mailed()
    assert desk.links.leave(link) == "en"
    assert desk.links.leave(link) == ""
    assert not desk.people.people
    assert not desk.people.links
    desk.tell_all(statement())
    assert desk.mailed() == [link]


def test_confirming_twice_changes_nothing(desk: Desk) -> None:
    desk.join(MEI)
    before = desk.links.open(desk.mailed()[0])
    assert desk.links.confirm(desk.mailed()[0]) == before


def test_addresses_that_do_not_work_are_forgotten(desk: Desk) -> None:
    desk.join(MEI, "an@example.org")
    forget = ForgetAddresses(subscribers=desk.people)
    for _ in range(2):
        forget(("Mei@EXAMPLE.org", "nobody@example.org"))
    assert desk.known == {"an@example.org": True}


def test_everybody_is_told_once_in_calls_of_a_hundred(desk: Desk) -> None:
    everybody = [f"reader-{number}@example.org" for number in range(2 * AT_ONCE + 1)]
    desk.join(*everybody)
    assert desk.tell_all(statement()) == 3
    assert desk.tell_all(statement()) == 3
    assert sorted(mail.to.email for mail in desk.post.sent if mail.text == STATEMENT) == sorted(everybody)


def test_where_to_go_on_says_nothing_of_anybody(desk: Desk) -> None:
    desk.join(*(f"reader-{number}@example.org" for number in range(AT_ONCE)))
    cursor = desk.tell(statement())
    people = desk.people.people.values()
    assert cursor in {one.link_digest for one in people}
    assert cursor not in {one.address_digest for one in people} | {one.secret for one in people}


def test_one_who_is_refused_holds_nobody_up(desk: Desk) -> None:
    desk.join("a@example.org", MEI, "z@example.org")
    desk.post.refuses.add(MEI)
    desk.tell_all(statement())
    assert sorted(mail.to.email for mail in desk.post.sent if mail.text == STATEMENT) == [
        "a@example.org",
        "z@example.org",
    ]
    assert desk.known[MEI]


def test_who_leaves_while_mails_go_out_is_not_brought_back(desk: Desk) -> None:
    desk.join(MEI)
    (link,) = desk.mailed()

    @dataclass
    class Leaving(MemoryPost):
        def send(self, mail: Mail) -> str:
            desk.links.leave(link)
            return super().send(mail)

    desk.post = Leaving()
    desk.tell_all(statement())
    assert not desk.known


def test_another_language_that_is_confirmed_while_mails_go_out_is_kept(desk: Desk) -> None:
    desk.join(MEI)
    (link,) = desk.mailed()
    desk.people.save(replace(desk.links.open(link), wanted="zh-Hant"))

    @dataclass
    class Confirming(MemoryPost):
        def send(self, mail: Mail) -> str:
            desk.links.confirm(link)
            return super().send(mail)

    desk.post = Confirming()
    desk.tell_all(statement())
    after = desk.links.open(link)
    assert (after.locale, after.told) == ("zh-Hant", (STATEMENT,))


def test_two_statements_at_once_reach_everybody_once_each(desk: Desk) -> None:
    """What was told of the one does not make one forget that the other was told."""
    desk.join(MEI)
    for _ in range(2):
        for id_ in ("statement-1", "statement-2"):
            desk.tell_all(statement(id_))
    assert desk.mailed()[1:] == ["statement-1", "statement-2"]


def telling(desk: Desk) -> Callable[[], object]:
    desk.join(MEI, "an@example.org")
    return lambda: desk.tell_all(statement())


def confirming(desk: Desk) -> Callable[[], object]:
    desk.subscribe()
    return lambda: desk.links.confirm(desk.mailed()[0])


def leaving(desk: Desk) -> Callable[[], object]:
    desk.join(MEI)
    return lambda: desk.links.leave(desk.mailed()[0])


def forgetting(desk: Desk) -> Callable[[], object]:
    desk.join(MEI, "an@example.org")
    return lambda: ForgetAddresses(subscribers=desk._port(desk.people))((MEI,))


@pytest.mark.parametrize("step", [telling, confirming, leaving, forgetting])
def test_a_crash_between_any_two_calls_leaves_nothing_undone(step: Callable[[Desk], Callable[[], object]]) -> None:
    """Mails may come twice then, never zero times (R13, R18)."""

    def what_stands(desk: Desk) -> object:
        told = {one.address: one.told for one in desk.people.people.values()}
        return desk.known, told, sorted({(mail.to.email, mail.text) for mail in desk.post.sent})

    quiet = Desk()
    step(quiet)()
    desk = Desk()

    run = step(desk)

    def reset() -> None:
        nonlocal desk, run
        desk = Desk()
        run = step(desk)

    def at_crash(faults: Faults) -> None:
        desk.faults = faults
        run()

    def check() -> None:
        assert what_stands(desk) == what_stands(quiet)

    assert every_crash(at_crash, check, reset) > 0


def test_a_crash_while_subscribing_lets_the_person_ask_again_after_a_minute() -> None:
    desk = Desk()

    def reset() -> None:
        nonlocal desk
        desk = Desk()

    def run(faults: Faults) -> None:
        desk.faults = faults
        desk.clock.now += timedelta(minutes=1)
        desk.subscribe()

    def check() -> None:
        assert desk.known == {MEI: False}
        assert 1 <= len(desk.mailed()) <= 2

    assert every_crash(run, check, reset) > 0


def test_a_lost_race_is_tried_again_and_then_said(desk: Desk) -> None:
    class Racing(MemorySubscribers):
        def save(self, subscriber: Subscriber) -> Subscriber:
            raise RecordChanged(subscriber.locale)

    desk.people = Racing()
    with pytest.raises(RecordChanged):
        desk.subscribe()
    assert desk.mailed() == []
