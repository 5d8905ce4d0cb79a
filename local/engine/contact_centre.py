"""Amazon Connect in small: its numbers, contact flows, one queue and its hours, and the calls that reach it.

Every request is read and checked by botocore's own model of the service, so that a wrong parameter is refused here as
it is on AWS. What a contact flow may hold is checked as far as Amazon Connect does when it is published: the version
of the flow language, and that every transition leads to an action.
"""

from __future__ import annotations

import functools
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.session import get_session
from botocore.utils import parse_to_aware_datetime
from botocore.validate import ParamValidator

from local.engine.calls import operation_of
from local.engine.http_api import Response

SERVICE = "connect"
FLOW_LANGUAGE = "2019-10-30"
_NUMBER = "VOICE_PHONE_NUMBER"
_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_MIDNIGHT = {"Hours": 0, "Minutes": 0}
_COUNTED = frozenset({"CONTACTS_CREATED", "CONTACTS_QUEUED", "CONTACTS_HANDLED"})
_NOT_COUNTED = frozenset({"CONTACTS_ABANDONED", "CONTACTS_TRANSFERRED_OUT"})


_UNTIL_CALLS = timedelta(seconds=0.5)
"""How long after a number leads to another flow its customers ring."""


class RefusedError(Exception):
    """What Amazon Connect answers instead of doing it; `code` is the error's name in the service's model."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Call:
    """A customer's call: the number that was rung, the flow that answered it, and when."""

    number: str
    flow: str
    at: datetime


@dataclass
class ContactFlow:
    """A contact flow: its name and its content, as JSON text."""

    id: str
    name: str
    description: str = ""
    content: str = ""
    state: str = "ACTIVE"


@dataclass
class ContactCentre:
    """One Amazon Connect instance, with what the plan names and an everyday flow for each number.

    Attributes:
        flows: Contact flows by id.
        flow_of: The flow that each phone number's id leads to; empty for none.
        everyday: The flow that each leads to from the beginning.
        callers: How many customers ring a number once it leads to another flow than its everyday one.
        calls: The calls so far.
    """

    instance: str = ""
    queue: str = ""
    hours: str = ""
    flows: dict[str, ContactFlow] = field(default_factory=dict)
    flow_of: dict[str, str] = field(default_factory=dict)
    everyday: dict[str, str] = field(default_factory=dict)
    callers: int = 12
    calls: list[Call] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def set_up(self, plan: Mapping[str, Any]) -> None:
        """Makes what a compiled plan names; where it names no instance, whatever is asked for is not found."""
        centre = plan.get("contact_centre") or {}
        self.instance, self.queue, self.hours = (str(centre.get(name, "")) for name in ("instance", "queue", "hours"))
        for hotline in plan.get("hotlines", ()):
            number, flow = hotline.get("phone_number"), hotline.get("flow")
            if number and flow:
                everyday = str(uuid.uuid5(uuid.NAMESPACE_URL, f"everyday {number}"))
                self.flows |= {
                    flow: ContactFlow(flow, f"Emergency {hotline['id']}"),
                    everyday: ContactFlow(everyday, f"Everyday {hotline['id']}"),
                }
                self.flow_of[number] = self.everyday[number] = everyday

    def answer(self, method: str, path: str, query: str, body: bytes) -> Response:
        """Answers one request of the service's API."""
        _, operation = operation_of(SERVICE, method, path, query, {}, b"")
        try:
            act = self._act(operation)
            with self._lock:
                return _json(200, act(read_parameters(operation, path, query, body)))
        except RefusedError as error:
            return _json(_status_of(error.code), {"message": str(error)}, error.code)

    def _act(self, operation: str) -> Callable[[Mapping[str, Any]], Any]:
        known: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "AssociatePhoneNumberContactFlow": self._associate,
            "BatchGetFlowAssociation": self._batch_get_flow_association,
            "DescribeHoursOfOperation": self._describe_hours,
            "DescribeQueue": self._describe_queue,
            "DisassociatePhoneNumberContactFlow": self._disassociate,
            "GetMetricDataV2": self._metrics,
            "ListFlowAssociations": self._list_flow_associations,
            "UpdateContactFlowContent": self._update_content,
            "UpdateContactFlowMetadata": self._update_metadata,
        }
        try:
            return known[operation]
        except KeyError:
            raise RefusedError(
                "InvalidRequestException", f"{operation or 'this'} is not known to the local home"
            ) from None

    # --- What the operations do ------------------------------------------------------------------------------------

    def _list_flow_associations(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._known(given)
        if given.get("ResourceType", _NUMBER) != _NUMBER:
            return {"FlowAssociationSummaryList": []}
        numbers = sorted(number for number, flow in self.flow_of.items() if flow)
        begin = int(given.get("NextToken") or 0)
        # One a page, whatever was asked for: whoever forgets to go on finds the first number only.
        page = numbers[begin : begin + 1]
        more = {"NextToken": str(begin + 1)} if begin + 1 < len(numbers) else {}
        return {"FlowAssociationSummaryList": [self._association(number) for number in page], **more}

    def _batch_get_flow_association(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._known(given)
        found = [number for number in map(_id, given["ResourceIds"]) if self.flow_of.get(number)]
        return {"FlowAssociationSummaryList": [self._association(number) for number in found]}

    def _association(self, number: str) -> dict[str, str]:
        return {
            "ResourceId": self._arn(f"phone-number/{number}"),
            "FlowId": self._arn(f"contact-flow/{self.flow_of[number]}"),
            "ResourceType": _NUMBER,
        }

    def _update_content(self, given: Mapping[str, Any]) -> dict[str, Any]:
        flow = self._flow(given)
        check_flow(str(given["Content"]))
        flow.content = str(given["Content"])
        return {}

    def _update_metadata(self, given: Mapping[str, Any]) -> dict[str, Any]:
        flow = self._flow(given)
        names = {other.name for other in self.flows.values() if other is not flow}
        if given.get("Name") in names:
            raise RefusedError("DuplicateResourceException", f"another flow is called {given['Name']}")
        flow.name = str(given.get("Name", flow.name))
        flow.description = str(given.get("Description", flow.description))
        flow.state = str(given.get("ContactFlowState", flow.state))
        return {}

    def _associate(self, given: Mapping[str, Any]) -> None:
        number = self._number(given)
        self.flow_of[number] = self._flow(given).id
        if self.flow_of[number] != self.everyday[number]:
            self._ring(number, self.callers)

    def _disassociate(self, given: Mapping[str, Any]) -> None:
        self.flow_of[self._number(given)] = ""

    def _describe_queue(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._known(given)
        if _id(given["QueueId"]) != self.queue:
            raise RefusedError("ResourceNotFoundException", f"there is no queue {given['QueueId']}")
        queue = {
            "Name": "Emergencies",
            "QueueArn": self._arn(f"queue/{self.queue}"),
            "QueueId": self.queue,
            "HoursOfOperationId": self.hours,
            "Status": "ENABLED",
        }
        return {"Queue": queue}

    def _describe_hours(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._known(given)
        if _id(given["HoursOfOperationId"]) != self.hours:
            raise RefusedError("ResourceNotFoundException", f"there are no hours {given['HoursOfOperationId']}")
        hours = {
            "HoursOfOperationId": self.hours,
            "HoursOfOperationArn": self._arn(f"operating-hours/{self.hours}"),
            "Name": "Round the clock",
            "TimeZone": "Asia/Taipei",
            # From midnight to midnight is how Amazon Connect writes a whole day.
            "Config": [{"Day": day, "StartTime": _MIDNIGHT, "EndTime": _MIDNIGHT} for day in _DAYS],
        }
        return {"HoursOfOperation": hours}

    def _metrics(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if _id(str(given["ResourceArn"])) != self.instance:
            raise RefusedError("ResourceNotFoundException", f"there is no instance {given['ResourceArn']}")
        began, ended = (parse_to_aware_datetime(given[name]) for name in ("StartTime", "EndTime"))
        if began >= ended:
            raise RefusedError("InvalidParameterException", "the start time is before the end time")
        queues = {
            _id(value) for one in given["Filters"] if one["FilterKey"] == "QUEUE" for value in one["FilterValues"]
        }
        counted = sum(began <= call.at < ended for call in self.calls) if self.queue in queues else 0
        return {"MetricResults": [{"Collections": [_collection(metric, counted) for metric in given["Metrics"]]}]}

    # --- What they know --------------------------------------------------------------------------------------------

    def _ring(self, number: str, times: int) -> None:
        at = datetime.now(UTC) + _UNTIL_CALLS
        self.calls += [Call(number=number, flow=self.flow_of[number], at=at) for _ in range(times)]

    def _arn(self, resource: str) -> str:
        return f"arn:aws:connect:ap-northeast-1:123456789012:instance/{self.instance}/{resource}"

    def _known(self, given: Mapping[str, Any]) -> None:
        if not self.instance or _id(str(given["InstanceId"])) != self.instance:
            raise RefusedError("ResourceNotFoundException", f"there is no instance {given['InstanceId']}")

    def _flow(self, given: Mapping[str, Any]) -> ContactFlow:
        self._known(given)
        try:
            return self.flows[_id(str(given["ContactFlowId"]))]
        except KeyError:
            raise RefusedError("ResourceNotFoundException", f"there is no flow {given['ContactFlowId']}") from None

    def _number(self, given: Mapping[str, Any]) -> str:
        self._known(given)
        number = _id(str(given["PhoneNumberId"]))
        if number not in self.flow_of:
            raise RefusedError("ResourceNotFoundException", f"there is no number {given['PhoneNumberId']}")
        return number


def _collection(metric: Mapping[str, Any], counted: int) -> dict[str, Any]:
    name = metric.get("Name")
    if name not in _COUNTED | _NOT_COUNTED:
        raise RefusedError("InvalidParameterException", f"there is no metric {name}")
    return {"Metric": dict(metric), "Value": float(counted if name in _COUNTED else 0)}


def _id(id_or_arn: str) -> str:
    """Amazon Connect takes the id or the ARN of a thing."""
    return id_or_arn.rpartition("/")[2]


# --- Contact flows ----------------------------------------------------------------------------------------------------


def check_flow(content: str) -> None:
    """Raises RefusedError for what Amazon Connect would not publish as a contact flow."""
    try:
        flow = json.loads(content)
        actions = {action["Identifier"]: action for action in flow["Actions"]}
        start, version = flow["StartAction"], flow["Version"]
    except (ValueError, KeyError, TypeError):
        raise _invalid("the content is not a flow: Version, StartAction and Actions") from None
    if version != FLOW_LANGUAGE:
        raise _invalid(f"the version is {FLOW_LANGUAGE}, not {version}")
    if len(actions) != len(flow["Actions"]):
        raise _invalid("two actions have one identifier")
    lost = {start, *(step for action in actions.values() for step in _next(action))} - actions.keys()
    if lost:
        raise _invalid(f"no action is called {', '.join(sorted(lost))}")


def _next(action: Mapping[str, Any]) -> Iterable[str]:
    if not {"Type", "Parameters", "Transitions"} <= action.keys():
        raise _invalid(f"the action {action['Identifier']} lacks its type, parameters or transitions")
    transitions = action["Transitions"]
    branches = [*transitions.get("Errors", ()), *transitions.get("Conditions", ())]
    ways = [transitions.get("NextAction"), *(branch.get("NextAction") for branch in branches)]
    return (str(way) for way in ways if way)


def _invalid(problem: str) -> RefusedError:
    return RefusedError("InvalidContactFlowException", problem)


# --- Requests ---------------------------------------------------------------------------------------------------------


def read_parameters(operation: str, path: str, query: str, body: bytes) -> dict[str, Any]:
    """The parameters of a request, as the service's model places them in path, query and body.

    Raises RefusedError for one that is missing, unknown, or other than the model says.
    """
    shape: Any = _model().operation_model(operation).input_shape
    uri = str(_model().operation_model(operation).http["requestUri"])
    names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
    given = _in_path(uri, path) | dict(parse_qsl(query)) | _in_body(body)
    parameters = {names.get(name, name): value for name, value in given.items()}
    for name, member in shape.members.items():
        if member.type_name == "integer" and name in parameters:
            parameters[name] = int(parameters[name])
    report = ParamValidator().validate(parameters, shape)
    problems = [report.generate_report()] if report.has_errors() else [*_beyond(shape, parameters)]
    if problems:
        raise RefusedError("InvalidParameterException", "; ".join(problems))
    return parameters


def _in_path(uri: str, path: str) -> dict[str, Any]:
    pattern = "".join(
        f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", uri)
    )
    match = re.fullmatch(pattern, path)
    return {name: unquote(value) for name, value in match.groupdict().items()} if match else {}


def _in_body(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        raise RefusedError("InvalidRequestException", "the body is not JSON") from None
    if not isinstance(content, dict):
        raise RefusedError("InvalidRequestException", "the body is not an object")
    return content


def _beyond(shape: Any, value: Any, name: str = "") -> Iterable[str]:
    """What the model says and botocore leaves to the service: enumerations, patterns and largest lengths."""
    if shape.type_name == "structure":
        for key, inner in value.items():
            yield from _beyond(shape.members[key], inner, f"{name}.{key}".lstrip("."))
    elif shape.type_name == "list":
        for inner in value:
            yield from _beyond(shape.member, inner, name)
    elif shape.type_name == "string":
        pattern, most = shape.metadata.get("pattern"), shape.metadata.get("max")
        if shape.enum and value not in shape.enum:
            yield f"{name} is none of {', '.join(shape.enum)}: {value}"
        if most and len(value) > most:
            yield f"{name} has more than {most} characters"
        if pattern and "\\p" not in pattern and not re.search(pattern, value):
            yield f"{name} doesn't match {pattern}: {value}"


@functools.cache
def _model() -> Any:
    return get_session().get_service_model(SERVICE)


def _status_of(code: str) -> int:
    shapes = {shape.name: shape for shape in _model().error_shapes}
    return int(shapes[code].metadata["error"]["httpStatusCode"])


def _json(status: int, content: Any, error: str = "") -> Response:
    body = json.dumps(content if content is not None else {}).encode()
    kind = (("content-type", "application/json"),)
    return Response(status, (*kind, ("x-amzn-errortype", error)) if error else kind, body)
