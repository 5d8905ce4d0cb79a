"""The pictures in docs/screenshots: there is one of every page that can be written, and the list names them all."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import pytest

from emergency.presentation.mail import MailWriter
from emergency.presentation.page import PageWriter
from emergency.presentation.subscriptions import SubscriptionMails, SubscriptionPages
from tests.browser.gallery import MAILS, PAGES
from tests.browser.screenshots import CHAPTERS, TARGET, file_of, index, locales_of
from tests.browser.subscribing import MAILS as SUBSCRIBERS_MAILS
from tests.browser.subscribing import PAGES as SUBSCRIBERS_PAGES


def test_the_list_and_the_pictures_are_those_of_the_gallery() -> None:
    pictures = {
        file_of(name, sight, locale)
        for sights in CHAPTERS.values()
        for name, sight in sights.items()
        for locale in locales_of(name, sight)
    }
    assert {file.name for file in TARGET.iterdir()} == {"README.md", *pictures}
    assert (TARGET / "README.md").read_text(encoding="utf-8") == "\n".join(index()) + "\n"


def test_the_pictures_are_small_enough_to_keep() -> None:
    assert sum(file.stat().st_size for file in TARGET.iterdir()) < 5_000_000


@pytest.mark.parametrize(
    "writer",
    [PAGES, MAILS, SUBSCRIBERS_PAGES, SUBSCRIBERS_MAILS],
    ids=["pages", "mails", "subscribers' pages", "subscribers' mails"],
)
def test_every_page_and_mail_that_can_be_written_has_a_picture(
    writer: PageWriter | MailWriter | SubscriptionPages | SubscriptionMails, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: set[str] = set()

    def listened(name: str, write: Callable[..., object]) -> Callable[..., object]:
        @wraps(write)
        def writing(*args: object, **kwargs: object) -> object:
            written.add(name)
            return write(*args, **kwargs)

        return writing

    ways = [name for name in vars(type(writer)) if not name.startswith("_")]
    for name in ways:
        monkeypatch.setattr(writer, name, listened(name, getattr(writer, name)))
    for sights in CHAPTERS.values():
        for sight in sights.values():
            sight.of("en")
    assert written == set(ways)
