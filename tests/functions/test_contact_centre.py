"""Amazon Connect as botocore knows it: every call with the parameters of its model, and what is made of its answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from emergency.aws.contact_centre import AmazonConnect
from emergency.aws.contact_flow import flow_content
from emergency.domain.calls import Calls, Spoken
from emergency.domain.errors import ContactCentreUnavailable
from emergency.domain.plan import ContactCentre, Voice

INSTANCE, QUEUE, HOURS = "11111111-2222-4333-8444-555555555555", "aaaaaaaa-queue", "bbbbbbbb-hours"
NUMBER, FLOW, USUAL = "cccccccc-number", "dddddddd-flow", "eeeeeeee-usual"
ARN = f"arn:aws:connect:ap-northeast-1:123456789012:instance/{INSTANCE}"
CENTRE = ContactCentre(instance=INSTANCE, queue=QUEUE, hours=HOURS)
GREETING = (
    Spoken(text="This is Island Shop.", voice=Voice(name="Joanna", language="en-US")),
    Spoken(text="這裡是島嶼商店。", voice=Voice(name="Zhiyu", language="cmn-CN")),
)
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
"""A Sunday; noon in Taipei."""


@pytest.fixture
def connect() -> AmazonConnect:
    return AmazonConnect(CENTRE)


@pytest.fixture
def stub(connect: AmazonConnect) -> Iterator[Stubber]:
    with Stubber(connect._client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def association(number: str, flow: str) -> dict[str, str]:
    return {
        "ResourceId": f"arn:aws:connect:ap-northeast-1:123456789012:phone-number/{number}",
        "FlowId": flow,
        "ResourceType": "VOICE_PHONE_NUMBER",
    }


LISTED = {"InstanceId": INSTANCE, "ResourceType": "VOICE_PHONE_NUMBER"}


@pytest.mark.parametrize(
    ("flow", "told"),
    [
        (f"{ARN}/contact-flow/{USUAL}", USUAL),
        (f"{ARN}/contact-flow/{USUAL}:2", f"{ARN}/contact-flow/{USUAL}:2"),
        (USUAL, USUAL),
    ],
)
def test_the_flow_of_a_number_is_found_on_any_page(connect: AmazonConnect, stub: Stubber, flow: str, told: str) -> None:
    first = {"FlowAssociationSummaryList": [association("another", f"{ARN}/contact-flow/x")], "NextToken": "more"}
    stub.add_response("list_flow_associations", first, LISTED)
    second = {"FlowAssociationSummaryList": [association(NUMBER, flow)]}
    stub.add_response("list_flow_associations", second, {**LISTED, "NextToken": "more"})
    assert connect.flow_of(NUMBER) == told


def test_a_number_without_a_flow_has_none(connect: AmazonConnect, stub: Stubber) -> None:
    stub.add_response("list_flow_associations", {"FlowAssociationSummaryList": [association("another", FLOW)]}, LISTED)
    assert connect.flow_of(NUMBER) == ""


def test_a_flow_gets_its_greeting_and_says_what_for(connect: AmazonConnect, stub: Stubber) -> None:
    flow = {"InstanceId": INSTANCE, "ContactFlowId": FLOW}
    content = flow_content(GREETING, QUEUE)
    stub.add_response("update_contact_flow_content", {}, {**flow, "Content": content})
    about = {"Description": "INC-1 +886 2 0000", "ContactFlowState": "ACTIVE"}
    stub.add_response("update_contact_flow_metadata", {}, {**flow, **about})
    connect.greet(FLOW, GREETING, "INC-1 +886 2 0000")


def test_a_number_is_connected_and_without_a_flow_disconnected(connect: AmazonConnect, stub: Stubber) -> None:
    number = {"PhoneNumberId": NUMBER, "InstanceId": INSTANCE}
    stub.add_response("associate_phone_number_contact_flow", {}, {**number, "ContactFlowId": FLOW})
    stub.add_response("disassociate_phone_number_contact_flow", {}, number)
    connect.connect(NUMBER, FLOW)
    connect.connect(NUMBER, "")


def queue(status: str = "ENABLED") -> dict[str, Any]:
    return {"Queue": {"QueueId": QUEUE, "QueueArn": f"{ARN}/queue/{QUEUE}", "Status": status}}


def hours(day: str, begins: tuple[int, int], ends: tuple[int, int]) -> dict[str, Any]:
    def slice_(at: tuple[int, int]) -> dict[str, int]:
        return {"Hours": at[0], "Minutes": at[1]}

    config = {"Day": day, "StartTime": slice_(begins), "EndTime": slice_(ends)}
    return {"HoursOfOperation": {"TimeZone": "Asia/Taipei", "Config": [config]}}


@pytest.mark.parametrize(
    ("day", "begins", "ends", "is_open"),
    [
        ("SUNDAY", (9, 0), (18, 0), True),
        ("SUNDAY", (12, 0), (12, 1), True),
        ("SUNDAY", (9, 0), (12, 0), False),
        ("SUNDAY", (0, 0), (0, 0), True),
        ("SATURDAY", (9, 0), (18, 0), False),
        ("SATURDAY", (22, 0), (12, 30), True),
        ("SATURDAY", (22, 0), (6, 0), False),
    ],
)
def test_the_queue_is_staffed_within_its_hours_where_they_are(
    connect: AmazonConnect, stub: Stubber, day: str, begins: tuple[int, int], ends: tuple[int, int], *, is_open: bool
) -> None:
    stub.add_response("describe_queue", queue(), {"InstanceId": INSTANCE, "QueueId": QUEUE})
    stub.add_response(
        "describe_hours_of_operation",
        hours(day, begins, ends),
        {"InstanceId": INSTANCE, "HoursOfOperationId": HOURS},
    )
    assert connect.is_staffed(NOON) is is_open


def test_a_queue_that_is_switched_off_is_staffed_at_no_hour(connect: AmazonConnect, stub: Stubber) -> None:
    stub.add_response("describe_queue", queue("DISABLED"), {"InstanceId": INSTANCE, "QueueId": QUEUE})
    assert not connect.is_staffed(NOON)


def asked_for_calls(since: datetime) -> dict[str, Any]:
    return {
        "ResourceArn": ARN,
        "StartTime": since,
        "EndTime": NOON,
        "Filters": [
            {"FilterKey": "QUEUE", "FilterValues": [QUEUE]},
            {"FilterKey": "CHANNEL", "FilterValues": ["VOICE"]},
        ],
        "Metrics": [{"Name": "CONTACTS_QUEUED"}, {"Name": "CONTACTS_HANDLED"}],
    }


def counted(**counts: float) -> dict[str, Any]:
    return {"MetricResults": [{"Collections": [{"Metric": {"Name": n}, "Value": v} for n, v in counts.items()]}]}


@pytest.mark.parametrize(
    ("answer", "calls"),
    [
        (counted(CONTACTS_QUEUED=210.0, CONTACTS_HANDLED=180.0), Calls(calls=210, answered=180)),
        (counted(CONTACTS_QUEUED=2.0), Calls(calls=2, answered=0)),
        ({"MetricResults": []}, None),
    ],
)
def test_calls_are_those_of_the_queue_while_the_hotline_was_open(
    connect: AmazonConnect, stub: Stubber, answer: dict[str, Any], calls: Calls | None
) -> None:
    since = NOON - timedelta(hours=2)
    stub.add_response("describe_queue", queue(), {"InstanceId": INSTANCE, "QueueId": QUEUE})
    stub.add_response("get_metric_data_v2", answer, asked_for_calls(since))
    assert connect.calls(since, NOON) == calls


def test_calls_are_asked_for_over_no_longer_than_connect_counts_at_once(connect: AmazonConnect, stub: Stubber) -> None:
    stub.add_response("describe_queue", queue(), {"InstanceId": INSTANCE, "QueueId": QUEUE})
    longest = NOON - timedelta(days=34, hours=23, minutes=59)
    stub.add_response("get_metric_data_v2", counted(CONTACTS_QUEUED=1.0), asked_for_calls(longest))
    assert connect.calls(NOON - timedelta(days=60), NOON) == Calls(calls=1, answered=0)


CALLS: dict[str, tuple[str, Callable[[AmazonConnect], object]]] = {
    "flow_of": ("list_flow_associations", lambda one: one.flow_of(NUMBER)),
    "greet": ("update_contact_flow_content", lambda one: one.greet(FLOW, GREETING, "about")),
    "is_staffed": ("describe_queue", lambda one: one.is_staffed(NOON)),
    "connect": ("associate_phone_number_contact_flow", lambda one: one.connect(NUMBER, FLOW)),
    "disconnect": ("disassociate_phone_number_contact_flow", lambda one: one.connect(NUMBER, "")),
    "calls": ("describe_queue", lambda one: one.calls(NOON - timedelta(hours=1), NOON)),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_refusal_is_to_be_tried_again_and_names_the_call_alone(
    connect: AmazonConnect, stub: Stubber, call: str
) -> None:
    operation, run = CALLS[call]
    stub.add_client_error(operation, "ThrottlingException", "of +886 2 0000 0801")
    with pytest.raises(ContactCentreUnavailable) as refused:
        run(connect)
    assert str(refused.value) == f"{''.join(map(str.capitalize, operation.split('_')))}: ThrottlingException"


def test_a_way_that_is_cut_off_is_to_be_tried_again(connect: AmazonConnect, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://connect.example")

    monkeypatch.setattr(connect._client, "associate_phone_number_contact_flow", cut_off)
    with pytest.raises(ContactCentreUnavailable, match="EndpointConnectionError"):
        connect.connect(NUMBER, FLOW)


def test_a_parameter_that_connect_does_not_know_fails_before_any_call(connect: AmazonConnect) -> None:
    """What holds the tests above: botocore asks its model before a stub answers."""
    with pytest.raises(ContactCentreUnavailable, match="ParamValidationError"):
        connect.connect(None, FLOW)  # type: ignore[arg-type]


# What callers go through

PARAMETERS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "UpdateContactTextToSpeechVoice": (
        frozenset({"TextToSpeechVoice"}),
        frozenset({"TextToSpeechEngine", "TextToSpeechStyle"}),
    ),
    "UpdateContactData": (frozenset({"LanguageCode"}), frozenset()),
    "MessageParticipant": (frozenset({"Text"}), frozenset()),
    "UpdateContactTargetQueue": (frozenset({"QueueId"}), frozenset()),
    "TransferContactToQueue": (frozenset(), frozenset()),
    "DisconnectParticipant": (frozenset(), frozenset()),
}
"""Action of the flow language → the parameters that it must have here, and may have."""

ERRORS: dict[str, set[str]] = {
    "TransferContactToQueue": {"QueueAtCapacity", "NoMatchingError"},
    "DisconnectParticipant": set(),
}
"""The errors that an action has to say a way on for; the others have one."""


def actions_of(content: str) -> dict[str, dict[str, Any]]:
    flow = json.loads(content)
    assert set(flow) == {"Version", "StartAction", "Actions"}
    assert flow["Version"] == "2019-10-30"
    actions = {action["Identifier"]: action for action in flow["Actions"]}
    assert len(actions) == len(flow["Actions"])
    assert flow["StartAction"] in actions
    return actions


def way(content: str, *failing: str) -> list[str]:
    """The actions that a caller goes through where these fail."""
    actions, passed = actions_of(content), []
    action = actions[json.loads(content)["StartAction"]]
    while True:
        passed.append(action["Identifier"])
        transitions = action["Transitions"]
        if not transitions:
            return passed
        errors = {one["ErrorType"]: one["NextAction"] for one in transitions["Errors"]}
        fails = action["Identifier"] in failing
        action = actions[errors["NoMatchingError"] if fails else transitions["NextAction"]]


@pytest.mark.parametrize("greeting", [GREETING, GREETING[:1], ()])
def test_a_flow_has_the_shape_of_the_flow_language(greeting: tuple[Spoken, ...]) -> None:
    content = flow_content(greeting, QUEUE)
    actions = actions_of(content)
    for action in actions.values():
        assert set(action) == {"Identifier", "Type", "Parameters", "Transitions"}
        must, may = PARAMETERS[action["Type"]]
        assert must <= set(action["Parameters"]) <= must | may
        assert all(isinstance(value, str) and value for value in action["Parameters"].values())
        transitions = action["Transitions"]
        errors = {one["ErrorType"] for one in transitions.get("Errors", [])}
        assert errors == ERRORS.get(action["Type"], {"NoMatchingError"})
        assert {one["NextAction"] for one in transitions.get("Errors", [])} <= set(actions)
        assert transitions.get("NextAction", "end") in actions
        assert bool(transitions) == (action["Type"] != "DisconnectParticipant")
    assert len(content) <= 256_000


def test_callers_hear_every_language_in_its_voice_and_wait_in_the_queue() -> None:
    content = flow_content(GREETING, QUEUE)
    english, chinese = ("voice-1", "language-1", "words-1"), ("voice-2", "language-2", "words-2")
    assert way(content) == [*english, *chinese, "queue", "wait", "end"]
    actions = actions_of(content)
    assert actions["words-2"]["Parameters"] == {"Text": "這裡是島嶼商店。"}
    assert actions["voice-2"]["Parameters"] == {"TextToSpeechVoice": "Zhiyu", "TextToSpeechEngine": "Neural"}
    assert actions["language-2"]["Parameters"] == {"LanguageCode": "cmn-CN"}
    assert actions["queue"]["Parameters"] == {"QueueId": QUEUE}


def test_whatever_fails_callers_come_to_the_queue_and_nothing_is_said_in_another_languages_voice() -> None:
    content = flow_content(GREETING, QUEUE)
    assert way(content, "voice-1")[:4] == ["voice-1", "plain-voice-1", "language-1", "words-1"]
    assert way(content, "voice-1", "plain-voice-1")[:3] == ["voice-1", "plain-voice-1", "voice-2"]
    assert way(content, "voice-2", "plain-voice-2")[-4:] == ["plain-voice-2", "queue", "wait", "end"]
    for failing in ("language-1", "words-1", "language-2", "words-2"):
        assert way(content, failing)[-3:] == ["queue", "wait", "end"]
    assert way(content, "queue")[-2:] == ["queue", "end"]
