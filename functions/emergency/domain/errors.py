"""The domain's errors: one base, one class per broken rule. The class name is what the ASL's `ErrorEquals` names."""

from __future__ import annotations

from collections.abc import Mapping


class EmergencyError(Exception):
    """Base of every error that the domain raises on purpose. Its message holds ids, never a personal datum."""


class UnusableSignal(EmergencyError):
    """An event that can't be read as a signal; the message says where and why."""


class UnusableFeedback(EmergencyError):
    """An event about a mail that can't be read; the message says where and why."""


class UnknownContact(EmergencyError):
    """A contact id that the plan doesn't hold."""


class IncidentNotFound(EmergencyError):
    """No incident record has that id."""


class DecisionNotFound(EmergencyError):
    """No decision record has that id within the incident."""


class UnknownLink(EmergencyError):
    """No link has that id."""


class RecordChanged(EmergencyError):
    """Somebody else wrote the record first; read it again and decide again."""


class UnusableAnswer(EmergencyError):
    """An answer that the question doesn't allow: `field` is what to correct, `problem` what is wrong with it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class UnusableReport(EmergencyError):
    """A report's form that can't be taken yet: `problems` has what is wrong by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{field}: {problem}" for field, problem in problems.items()))
        self.problems = problems


class DecisionSettled(EmergencyError):
    """The decision has its outcome already; nothing that comes later changes it."""


class ForgedForm(EmergencyError):
    """A form whose nonce doesn't belong to the link it was posted to."""


class NotYours(EmergencyError):
    """The link's person may not decide this: they asked for it themselves, or are no longer in the plan (R6, R9)."""


class CannotPassOn(EmergencyError):
    """The question can't be handed over now: nobody comes after, or it has gone on to others already."""


class NoMoreTime(EmergencyError):
    """The plan gives this question no more time than it has had."""


class WrongCode(EmergencyError):
    """A code that isn't the right one. `tries_left` more can be entered."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(f"{tries_left} tries left")
        self.tries_left = tries_left


class CodeExpired(EmergencyError):
    """The code is older than it may be, was never asked for, or was used; press the button again for a new one."""


class TooManyCodes(EmergencyError):
    """This person has had as many codes for this decision as anybody can need; the link is left alone (R2)."""


class TooManyRequests(EmergencyError):
    """The incident has as many requests for release as anybody can need."""


class JoinedAnother(EmergencyError):
    """A report that was made by starting an execution belongs to an incident that is open; the message names it."""


class TooManyReports(EmergencyError):
    """The open page has taken as many reports in this hour as the plan lets it."""


class UnusableFile(EmergencyError):
    """A file that can't go on record: `problem` is `missing`, `too_large`, `too_many` or `type`.

    A list of orders can't be read: `encoding`, `header`, `too_many_rows` or `rows` beside the first two.
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class WorkflowGone(EmergencyError):
    """The execution no longer waits for this answer: timed out, stopped, or answered before."""


class WorkflowUnavailable(EmergencyError):
    """Step Functions can't be told now; the follow-up of the decision tells it (R13)."""


class MailRefused(EmergencyError):
    """The mail provider does not take that mail. The message names the mail, never its address."""


class PostUnavailable(EmergencyError):
    """The mail provider takes no mail now; try again. The message names the mail, never its address."""


class NotEnrolled(EmergencyError):
    """A contact who is to use an authenticator app, but for whom no secret is kept."""


class AuthenticatorUnavailable(EmergencyError):
    """A contact's authenticator secret can't be read now, or is none; the message holds the contact's id alone."""


class NobodyReached(EmergencyError):
    """Nobody on a question's whole ladder could be mailed: silence that means nothing, and no ground for an outcome."""


class DecisionStillOpen(EmergencyError):
    """Orders were to be carried out before there were any."""


class NotApproved(EmergencyError):
    """A statement was to be published, or maintenance set, that nobody has approved as it stands."""


class StatementOvertaken(EmergencyError):
    """A statement was approved after the public had been told that the incident is over, and says that it goes on."""


class NothingInStock(EmergencyError):
    """The inventory holds less of a resource than asked for."""


class UnusablePayload(EmergencyError):
    """A state machine called a function without what the operation needs; the message says what is missing."""


class Overdrawn(EmergencyError):
    """More was to be spent or written off than the team has left of a loan."""


class ContactCentreUnavailable(EmergencyError):
    """Amazon Connect didn't do what it was asked; try again. The message names the call and why."""
