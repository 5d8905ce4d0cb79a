"""Standing links: one in use a contact, one mail an hour on request, and nobody else can end somebody's link."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from emergency.domain.errors import ForgedForm, NotYours, PostUnavailable, UnknownContact, UnknownLink
from emergency.domain.link import digest_of
from emergency.domain.plan import Contact
from emergency.domain.standing import ASK_AGAIN_AFTER, StandingLink, standing_nonce
from emergency.ports import Mail
from emergency.use_cases.standing_links import Invite, OpenStandingLink, Standing, check_standing_form
from tests.support.crashes import Crashing, every_crash
from tests.support.memory import CountingIdentities, Faults, MemoryPost, MemoryStandingLinks, SteppingClock
from tests.support.plans import working_plan


class PlainMails:
    """Mails that hold the link's id and nothing else."""

    def standing_link(self, contact: Contact, link_id: str) -> Mail:
        return Mail(to=contact, subject=link_id, html=link_id, text=link_id, thread="", name="standing-link")


@dataclass
class Desk:
    """The use cases over one in-memory store; with `faults`, every port may crash."""

    links: MemoryStandingLinks = field(default_factory=MemoryStandingLinks)
    post: MemoryPost = field(default_factory=MemoryPost)
    clock: SteppingClock = field(default_factory=SteppingClock)
    identities: CountingIdentities = field(default_factory=CountingIdentities)
    faults: Faults | None = None

    def __post_init__(self) -> None:
        self.plan = working_plan()
        self.one, self.other, *_ = self.plan.contacts

    def _port(self, port: Any) -> Any:
        return Crashing(port, self.faults) if self.faults else port

    @property
    def invite(self) -> Invite:
        return Invite(
            plan=self.plan,
            links=self._port(self.links),
            post=self._port(self.post),
            mails=PlainMails(),
            identities=self.identities,
            clock=self.clock,
        )

    @property
    def opens(self) -> OpenStandingLink:
        return OpenStandingLink(plan=self.plan, links=self.links)

    def mailed_to(self, contact: str) -> list[str]:
        return [mail.text for mail in self.post.sent if mail.to.id == contact]

    def can_open(self, link_id: str) -> bool:
        try:
            self.opens(link_id)
        except UnknownLink:
            return False
        return True


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_everybody_without_a_link_is_mailed_one_and_a_second_time_nobody(desk: Desk) -> None:
    assert set(desk.invite()) == set(desk.plan.contacts)
    assert desk.invite() == ()
    (link_id,) = desk.mailed_to(desk.one)
    assert desk.opens(link_id).contact.id == desk.one
    assert link_id not in str(desk.links.links)


def test_only_the_digest_is_stored_and_is_no_link_itself(desk: Desk) -> None:
    desk.invite([desk.one])
    (link_id,) = desk.mailed_to(desk.one)
    assert not desk.can_open(digest_of(link_id))


def test_who_is_named_gets_a_new_link_that_ends_the_former_one(desk: Desk) -> None:
    desk.invite([desk.one])
    desk.invite([desk.one])
    first, second = desk.mailed_to(desk.one)
    assert not desk.can_open(first)
    assert desk.can_open(second)
    with pytest.raises(UnknownContact):
        desk.invite(["nobody"])


def test_a_link_on_request_goes_to_the_contact_s_own_address_once_an_hour_and_to_nobody_else(desk: Desk) -> None:
    address = desk.plan.contact(desk.one).email
    desk.invite.again(address.upper())
    desk.invite.again(address)
    desk.invite.again("stranger@example.org")
    assert [mail.to.email for mail in desk.post.sent] == [address]
    desk.clock.now += ASK_AGAIN_AFTER
    desk.invite.again(address)
    assert len(desk.post.sent) == 2


def test_a_link_in_use_stays_until_its_contact_uses_the_one_that_was_asked_for(desk: Desk) -> None:
    desk.invite([desk.one])
    desk.clock.now += ASK_AGAIN_AFTER
    desk.invite.again(desk.plan.contact(desk.one).email)
    first, second = desk.mailed_to(desk.one)
    assert desk.can_open(first)
    desk.opens.use(desk.opens(second))
    assert desk.can_open(second)
    assert not desk.can_open(first)
    version = desk.links.links[desk.one].version
    desk.opens.use(desk.opens(second))
    assert desk.links.links[desk.one].version == version


def test_a_refused_mail_leaves_the_former_link_and_one_that_is_not_taken_now_can_be_asked_for_again(desk: Desk) -> None:
    desk.invite([desk.one])
    desk.post.refuses.add(desk.one)
    assert desk.invite([desk.one]) == ()
    (link_id,) = desk.mailed_to(desk.one)
    assert desk.can_open(link_id)

    class Closed(MemoryPost):
        def send(self, mail: Mail) -> str:
            raise PostUnavailable(mail.name)

    open_post, desk.post = desk.post, Closed()
    address = desk.plan.contact(desk.other).email
    with pytest.raises(PostUnavailable):
        desk.invite.again(address)
    desk.post = open_post
    desk.invite.again(address)
    assert len(desk.mailed_to(desk.other)) == 1


def test_a_contact_who_left_the_plan_has_no_page(desk: Desk) -> None:
    desk.links.links["gone"] = StandingLink(contact="gone", address="", digest=digest_of("theirs"), version=1)
    with pytest.raises(NotYours):
        desk.opens("theirs")


def test_who_follows_in_somebody_s_place_gets_a_link_of_their_own_and_the_former_holder_has_none(desk: Desk) -> None:
    desk.invite()
    (former,) = desk.mailed_to(desk.one)
    before, them = desk.plan, desk.plan.contact(desk.one)
    desk.plan = replace(before, contacts={**before.contacts, them.id: replace(them, email="new@example.com")})
    with pytest.raises(NotYours):
        desk.opens(former)
    assert desk.invite() == (them.id,)
    _, latter = desk.mailed_to(desk.one)
    assert desk.opens(latter).contact.email == "new@example.com"
    assert not desk.can_open(former)


def test_whatever_call_dies_the_last_mail_holds_the_valid_link() -> None:
    state: list[Desk] = []

    def reset() -> None:
        state[:] = [Desk()]
        state[0].invite([state[0].one])

    def run(faults: Faults) -> None:
        state[0].faults = faults
        state[0].invite([state[0].one])

    def check() -> None:
        first, *_, last = state[0].mailed_to(state[0].one)
        assert state[0].can_open(last)
        assert not state[0].can_open(first)

    assert every_crash(run, check, reset) >= 6


@pytest.mark.parametrize("changed", ["link", "once", "nonce"])
def test_a_form_belongs_to_the_link_and_the_showing_of_its_page(changed: str) -> None:
    given = {"link": "a", "once": "1", "nonce": standing_nonce("a", "1")}
    check_standing_form("a", {"once": ["1"], "nonce": [given["nonce"]]})
    other = {**given, changed: "other"}
    with pytest.raises(ForgedForm):
        check_standing_form(other["link"], {"once": [other["once"]], "nonce": [other["nonce"]]})
    with pytest.raises(ForgedForm):
        check_standing_form("a", {})


def test_a_standing_link_says_whose_it_is_and_keeps_its_id_to_itself(desk: Desk) -> None:
    standing = Standing(link_id="secret", contact=desk.plan.contact(desk.one))
    assert standing.digest == digest_of("secret")
