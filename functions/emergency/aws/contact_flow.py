"""What callers go through, in Amazon Connect's flow language: a greeting in each language, then the queue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from emergency.domain.calls import Spoken

_VERSION = "2019-10-30"
_ANY_ERROR, _FULL = "NoMatchingError", "QueueAtCapacity"
_QUEUE, _WAIT, _END = "queue", "wait", "end"

Action = Mapping[str, object]


def flow_content(greeting: Sequence[Spoken], queue: str) -> str:
    """The content of an inbound flow, as JSON; `queue` is the id of the queue that callers wait in.

    A language that can't be spoken is passed over: better one greeting less than one that nobody understands.
    """
    actions = [action for at in range(len(greeting)) for action in _said(greeting, at)]
    actions += [
        _action(_QUEUE, "UpdateContactTargetQueue", {"QueueId": queue}, _WAIT, {_ANY_ERROR: _END}),
        _action(_WAIT, "TransferContactToQueue", {}, _END, {_FULL: _END, _ANY_ERROR: _END}),
        {"Identifier": _END, "Type": "DisconnectParticipant", "Parameters": {}, "Transitions": {}},
    ]
    flow = {"Version": _VERSION, "StartAction": _begin(greeting, 0), "Actions": actions}
    return json.dumps(flow, ensure_ascii=False)


def _said(greeting: Sequence[Spoken], at: int) -> list[Action]:
    """One language: its voice, neural where there is such a one, then its words."""
    spoken, following = greeting[at], _begin(greeting, at + 1)
    voice, plain, language, words = (f"{name}-{at + 1}" for name in ("voice", "plain-voice", "language", "words"))
    named = {"TextToSpeechVoice": spoken.voice.name}
    set_voice = "UpdateContactTextToSpeechVoice"
    return [
        _action(voice, set_voice, {**named, "TextToSpeechEngine": "Neural"}, language, {_ANY_ERROR: plain}),
        _action(plain, set_voice, named, language, {_ANY_ERROR: following}),
        _action(language, "UpdateContactData", {"LanguageCode": spoken.voice.language}, words, {_ANY_ERROR: words}),
        _action(words, "MessageParticipant", {"Text": spoken.text}, following, {_ANY_ERROR: following}),
    ]


def _begin(greeting: Sequence[Spoken], at: int) -> str:
    return f"voice-{at + 1}" if at < len(greeting) else _QUEUE


def _action(id_: str, kind: str, parameters: Mapping[str, str], following: str, on_error: Mapping[str, str]) -> Action:
    errors = [{"ErrorType": error, "NextAction": action} for error, action in on_error.items()]
    transitions = {"NextAction": following, "Errors": errors, "Conditions": []}
    return {"Identifier": id_, "Type": kind, "Parameters": parameters, "Transitions": transitions}
