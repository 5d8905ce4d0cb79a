"""The ladder of a question, told: who was asked when, what came of it, and who will be asked next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from emergency.domain.decision import Asked
from emergency.presentation.asking import Asking


def ladder(asking: Asking) -> list[str]:
    """One sentence for each thing that happened or will happen, oldest first; nobody outside reads of it."""
    if asking.outside:
        return []
    steps = _Steps(asking)
    return [*steps.taken(), *steps.to_come()]


@dataclass(frozen=True)
class _Steps:
    """The steps of one question's ladder, for one reader."""

    asking: Asking

    def taken(self) -> Iterator[str]:
        """What happened so far, level by level."""
        decision = self.asking.decision
        levels = {mail.level for mail in decision.asked} | {entry.level for entry in decision.undelivered}
        for level in sorted(levels):
            if level and level % len(decision.rungs) == 0:
                yield self._paged(level)
            elif decision.pages_before(level):
                yield self._overdue()
            for mails in self._together(level):
                yield self._asked(mails)
            unreached = [entry.contact for entry in decision.undelivered if entry.level == level]
            if unreached:
                yield self.asking.words("ladder.undelivered", who=self.asking.names.contacts(dict.fromkeys(unreached)))
            for contact in self._passed_on(level):
                yield self.asking.words("ladder.handed_over", who=self.asking.names.contact(contact))

    def to_come(self) -> Iterator[str]:
        """What will happen while nobody answers, up to where the ladder ends or begins anew."""
        asking, decision = self.asking, self.asking.decision
        if not decision.is_open or decision.due_at is None:
            return
        level, time = decision.level, decision.due_at
        if decision.cut_short and not decision.is_last_level:
            level += 1
            yield self._next("ladder.now", level, asking.now)
            time = asking.now + timedelta(seconds=decision.seconds(level))
        while level + 1 < decision.levels:
            level += 1
            if level % len(decision.rungs) == 0:
                yield asking.words("ladder.over", time=asking.when(time))
                return
            pages = asking.words("ladder.page_then") if decision.pages_before(level) else ""
            yield asking.words.paragraph(self._next("ladder.next", level, time), pages)
            time += timedelta(seconds=decision.seconds(level))
        outcome = asking.words(f"outcome.{decision.on_silence}")
        yield asking.words("ladder.end", time=asking.when(time), outcome=outcome)

    def _paged(self, level: int) -> str:
        """That the ladder began anew with this level."""
        decision = self.asking.decision
        times = [mail.at for mail in decision.asked if mail.level == level]
        times += [entry.at for entry in decision.undelivered if entry.level == level]
        return self.asking.words("ladder.paged", time=self.asking.when(min(times)))

    def _overdue(self) -> str:
        """That the time of a notice had passed."""
        clock = self.asking.decision.clock
        return self.asking.words("ladder.overdue", time=self.asking.when(clock.due_at)) if clock else ""

    def _next(self, key: str, level: int, time: datetime) -> str:
        asking, rung = self.asking, self.asking.decision.rung(level)
        return asking.words.plural(key, len(rung), next=asking.rung(rung), time=asking.when(time))

    def _together(self, level: int) -> Iterator[Sequence[Asked]]:
        """Who was asked on a level: the reader and each stand-in by themselves, all others at once."""
        mails = [mail for mail in self.asking.decision.asked if mail.level == level and not mail.reminder]
        special = [mail for mail in mails if mail.instead_of or mail.contact == self.asking.contact.id]
        yield from ([mail] for mail in special)
        if others := [mail for mail in mails if mail not in special]:
            yield others

    def _asked(self, mails: Sequence[Asked]) -> str:
        words, first = self.asking.words, mails[0]
        is_reader = first.contact == self.asking.contact.id
        absent = self.asking.names.contact(first.instead_of) if first.instead_of else ""
        time = self.asking.when(first.at)
        if is_reader:
            told = words("ladder.you_for", absent=absent, time=time) if absent else words("ladder.you", time=time)
        elif absent:
            told = words("ladder.asked_for", who=self.asking.names.contact(first.contact), absent=absent, time=time)
        else:
            who = self.asking.names.contacts(mail.contact for mail in mails)
            told = words.plural("ladder.asked", len(mails), who=who, time=time)
        return words.paragraph(told, self._reminded(mails))

    def _reminded(self, mails: Sequence[Asked]) -> str:
        asked = {(mail.contact, mail.level) for mail in mails}
        decision = self.asking.decision
        at = [mail.at for mail in decision.asked if mail.reminder and (mail.contact, mail.level) in asked]
        return self.asking.words("ladder.reminded", time=self.asking.when(min(at))) if at else ""

    def _passed_on(self, level: int) -> list[str]:
        """Who passed the question on from this level: the last one on which they were asked."""
        decision = self.asking.decision
        last = {mail.contact: mail.level for mail in decision.asked}
        return [contact for contact in decision.handed_over if last.get(contact, 0) == level]
