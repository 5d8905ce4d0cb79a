"""The domain's errors: one base, one class per broken rule. The class name is what the ASL's `ErrorEquals` names."""

from __future__ import annotations


class EmergencyError(Exception):
    """Base of every error that the domain raises on purpose. Its message holds ids, never a personal datum."""


class UnusableSignal(EmergencyError):
    """An event that can't be read as a signal; the message says where and why."""


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


class DecisionSettled(EmergencyError):
    """The decision has its outcome already; nothing that comes later changes it."""


class ForgedForm(EmergencyError):
    """A form whose nonce doesn't belong to the link it was posted to."""


class WorkflowGone(EmergencyError):
    """The execution no longer waits for this answer: timed out, stopped, or answered before."""


class MailRefused(EmergencyError):
    """The mail provider does not take that mail. The message names the mail, never its address."""


class PostUnavailable(EmergencyError):
    """The mail provider takes no mail now; try again. The message names the mail, never its address."""


class NobodyReached(EmergencyError):
    """Nobody on a question's whole ladder could be mailed: silence that means nothing, and no ground for an outcome."""


class DecisionStillOpen(EmergencyError):
    """Orders were to be carried out before there were any."""


class NothingInStock(EmergencyError):
    """The inventory holds less of a resource than asked for."""
