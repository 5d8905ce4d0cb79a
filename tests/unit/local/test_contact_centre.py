"""Amazon Connect in small: what botocore sends is understood, and what Amazon Connect refuses is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.session import get_session

from local.engine.contact_centre import FLOW_LANGUAGE, ContactCentre

if TYPE_CHECKING:
    from botocore.model import Shape

INSTANCE, QUEUE, HOURS = "11111111-1111-4111-8111-111111111111", "queue-1", "hours-1"
PLAN = {
    "contact_centre": {"instance": INSTANCE, "queue": QUEUE, "hours": HOURS},
    "hotlines": [
        {"id": "line-1", "phone_number": "number-1", "flow": "flow-1"},
        {"id": "line-2", "phone_number": "number-2", "flow": "flow-2"},
        {"id": "line-3"},
    ],
}
MODEL = get_session().get_service_model("connect")
DISCONNECT = {"Identifier": "end", "Type": "DisconnectParticipant", "Parameters": {}, "Transitions": {}}
FLOW = {"Version": FLOW_LANGUAGE, "StartAction": "end", "Actions": [DISCONNECT]}


@pytest.fixture
def centre() -> ContactCentre:
    made = ContactCentre()
    made.set_up(PLAN)
    return made


def ask(centre: ContactCentre, operation: str, **parameters: Any) -> tuple[int, dict[str, Any]]:
    """Sends what botocore would send, and reads the answer as botocore would."""
    model: Any = MODEL.operation_model(operation)
    request = create_serializer("rest-json").serialize_to_request(parameters, model)
    query = "&".join(f"{name}={value}" for name, value in request["query_string"].items())
    body = request["body"] or b""
    path = request["url_path"].partition("?")[0]
    answer = centre.answer(request["method"], path, query, body if isinstance(body, bytes) else body.encode())
    raw = {"status_code": answer.status, "headers": dict(answer.headers), "body": answer.body}
    # The stubs know no operation that answers with nothing; botocore does.
    shape = cast("Shape", model.output_shape)
    return answer.status, create_parser("rest-json").parse(raw, shape)


def error(answer: tuple[int, dict[str, Any]]) -> str:
    status, parsed = answer
    assert status >= 400
    return str(parsed["Error"]["Code"])


def test_a_number_leads_to_its_everyday_flow_until_it_is_associated(centre: ContactCentre) -> None:
    everyday = centre.flow_of["number-1"]
    assert everyday != "flow-1"
    given = {"InstanceId": INSTANCE, "PhoneNumberId": "number-1"}
    assert ask(centre, "AssociatePhoneNumberContactFlow", ContactFlowId="flow-1", **given)[0] == 200
    assert centre.flow_of == {"number-1": "flow-1", "number-2": centre.everyday["number-2"]}
    assert {(call.number, call.flow) for call in centre.calls} == {("number-1", "flow-1")}
    assert ask(centre, "DisassociatePhoneNumberContactFlow", **given)[0] == 200
    assert centre.flow_of["number-1"] == ""
    _, found = ask(centre, "ListFlowAssociations", InstanceId=INSTANCE)
    assert [one["ResourceId"].rpartition("/")[2] for one in found["FlowAssociationSummaryList"]] == ["number-2"]
    ask(centre, "AssociatePhoneNumberContactFlow", ContactFlowId=everyday, **given)
    assert (centre.flow_of, len(centre.calls)) == (centre.everyday, centre.callers)


def test_associations_come_page_by_page(centre: ContactCentre) -> None:
    _, first = ask(centre, "ListFlowAssociations", InstanceId=INSTANCE, ResourceType="VOICE_PHONE_NUMBER")
    _, last = ask(centre, "ListFlowAssociations", InstanceId=INSTANCE, MaxResults=100, NextToken=first["NextToken"])
    found = [page["FlowAssociationSummaryList"][0]["ResourceId"].rpartition("/")[2] for page in (first, last)]
    assert (found, "NextToken" in last) == (["number-1", "number-2"], False)
    _, none = ask(centre, "ListFlowAssociations", InstanceId=INSTANCE, ResourceType="INBOUND_EMAIL")
    assert none["FlowAssociationSummaryList"] == []


def test_a_flow_is_published_when_it_holds_together(centre: ContactCentre) -> None:
    about = {"InstanceId": INSTANCE, "ContactFlowId": "flow-1"}
    assert ask(centre, "UpdateContactFlowContent", Content=json.dumps(FLOW), **about)[0] == 200
    assert json.loads(centre.flows["flow-1"].content) == FLOW
    assert ask(centre, "UpdateContactFlowMetadata", Name="Checkout", ContactFlowState="ACTIVE", **about)[0] == 200
    assert centre.flows["flow-1"].name == "Checkout"
    taken = ask(centre, "UpdateContactFlowMetadata", Name="Emergency line-2", **about)
    assert error(taken) == "DuplicateResourceException"


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        json.dumps({**FLOW, "Version": "2018-01-01"}),
        json.dumps({**FLOW, "StartAction": "nowhere"}),
        json.dumps({**FLOW, "Actions": [DISCONNECT, DISCONNECT]}),
        json.dumps({**FLOW, "Actions": [{**DISCONNECT, "Transitions": {"NextAction": "nowhere"}}]}),
        json.dumps({**FLOW, "Actions": [{**DISCONNECT, "Transitions": {"Errors": [{"NextAction": "nowhere"}]}}]}),
        json.dumps({**FLOW, "Actions": [{"Identifier": "end", "Type": "DisconnectParticipant"}]}),
    ],
)
def test_a_flow_that_does_not_hold_together_is_refused(centre: ContactCentre, content: str) -> None:
    refused = ask(centre, "UpdateContactFlowContent", InstanceId=INSTANCE, ContactFlowId="flow-1", Content=content)
    assert error(refused) == "InvalidContactFlowException"
    assert centre.flows["flow-1"].content == ""


def test_the_queue_and_its_hours_are_described(centre: ContactCentre) -> None:
    _, queue = ask(centre, "DescribeQueue", InstanceId=INSTANCE, QueueId=QUEUE)
    assert (queue["Queue"]["Status"], queue["Queue"]["HoursOfOperationId"]) == ("ENABLED", HOURS)
    _, hours = ask(centre, "DescribeHoursOfOperation", InstanceId=INSTANCE, HoursOfOperationId=HOURS)
    assert len({one["Day"] for one in hours["HoursOfOperation"]["Config"]}) == 7


def test_calls_are_counted_in_their_time(centre: ContactCentre) -> None:
    given = {"InstanceId": INSTANCE, "PhoneNumberId": "number-1", "ContactFlowId": "flow-1"}
    ask(centre, "AssociatePhoneNumberContactFlow", **given)
    now = datetime.now(UTC)

    def counted(since: datetime, until: datetime, queue: str = QUEUE, metric: str = "CONTACTS_HANDLED") -> Any:
        return ask(
            centre,
            "GetMetricDataV2",
            ResourceArn=f"arn:aws:connect:ap-northeast-1:123456789012:instance/{INSTANCE}",
            StartTime=since,
            EndTime=until,
            Filters=[{"FilterKey": "QUEUE", "FilterValues": [queue]}],
            Metrics=[{"Name": metric}],
        )

    hour = timedelta(hours=1)

    def value(answer: Any) -> float:
        return float(answer[1]["MetricResults"][0]["Collections"][0]["Value"])

    assert value(counted(now - hour, now + hour)) == centre.callers
    assert value(counted(now + hour, now + 2 * hour)) == 0
    assert value(counted(now - hour, now + hour, queue="another")) == 0
    assert value(counted(now - hour, now + hour, metric="CONTACTS_ABANDONED")) == 0
    assert error(counted(now, now)) == "InvalidParameterException"
    assert error(counted(now - hour, now, metric="CALLS")) == "InvalidParameterException"


@pytest.mark.parametrize(
    ("operation", "parameters", "code"),
    [
        ("DescribeQueue", {"InstanceId": "another", "QueueId": QUEUE}, "ResourceNotFoundException"),
        ("DescribeQueue", {"InstanceId": INSTANCE, "QueueId": "another"}, "ResourceNotFoundException"),
        (
            "UpdateContactFlowContent",
            {"InstanceId": INSTANCE, "ContactFlowId": "x", "Content": "{}"},
            "ResourceNotFoundException",
        ),
        ("ListFlowAssociations", {"InstanceId": INSTANCE, "ResourceType": "PHONE"}, "InvalidParameterException"),
        (
            "AssociatePhoneNumberContactFlow",
            {"InstanceId": INSTANCE, "PhoneNumberId": "x", "ContactFlowId": "flow-1"},
            "ResourceNotFoundException",
        ),
        (
            "UpdateContactFlowMetadata",
            {"InstanceId": INSTANCE, "ContactFlowId": "flow-1", "ContactFlowState": "OFF"},
            "InvalidParameterException",
        ),
        (
            "StartOutboundVoiceContact",
            {"DestinationPhoneNumber": "1", "ContactFlowId": "f", "InstanceId": "i"},
            "InvalidRequestException",
        ),
    ],
)
def test_what_is_wrong_is_refused(centre: ContactCentre, operation: str, parameters: dict[str, Any], code: str) -> None:
    assert error(ask(centre, operation, **parameters)) == code


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"InstanceId": 7, "ContactFlowId": "flow-1"}', "Invalid type for parameter InstanceId"),
        (b'{"ContactFlowId": "flow-1"}', "Missing required parameter"),
        (b'{"InstanceId": "%s", "ContactFlowId": "flow-1", "Flow": "x"}' % INSTANCE.encode(), "Unknown parameter"),
        (b"[]", "not an object"),
        (b"{", "not JSON"),
    ],
)
def test_a_request_that_the_model_does_not_know_is_refused(centre: ContactCentre, body: bytes, says: str) -> None:
    answer = centre.answer("PUT", "/phone-number/number-1/contact-flow", "", body)
    assert answer.status == 400
    assert says in json.loads(answer.body)["message"]
    assert centre.flow_of == centre.everyday


def test_without_a_contact_centre_in_the_plan_there_is_none() -> None:
    answer = ask(ContactCentre(), "DescribeQueue", InstanceId=INSTANCE, QueueId=QUEUE)
    assert error(answer) == "ResourceNotFoundException"
