"""Amazon Connect: which flow a number's calls reach, what the flow says, how many called (P6.3).

Numbers are claimed beforehand and stay claimed: Connect limits how many are claimed and released in a time, and keeps
released ones back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from emergency.aws.contact_flow import flow_content
from emergency.domain.calls import Calls, Opening, Spoken, is_open
from emergency.domain.errors import ContactCentreUnavailable
from emergency.domain.plan import ContactCentre

if TYPE_CHECKING:
    from mypy_boto3_connect import ConnectClient
    from mypy_boto3_connect.type_defs import HoursOfOperationConfigTypeDef, HoursOfOperationTimeSliceTypeDef

_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_QUEUED, _HANDLED = "CONTACTS_QUEUED", "CONTACTS_HANDLED"
_LONGEST = timedelta(days=35) - timedelta(minutes=1)
"""Over how long Connect counts at once."""


@dataclass(frozen=True)
class AmazonConnect:
    """One instance with the queue and the hours that the plan names."""

    centre: ContactCentre

    @cached_property
    def _client(self) -> ConnectClient:
        # A call that hangs must leave the function time for those that come after it.
        config = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})
        return boto3.client("connect", config=config)

    def flow_of(self, phone_number: str) -> str:
        """See the port. Connect names numbers and flows by their ARNs, whose last part is the id."""
        with _reached("ListFlowAssociations"):
            pages = self._client.get_paginator("list_flow_associations").paginate(
                InstanceId=self.centre.instance, ResourceType="VOICE_PHONE_NUMBER"
            )
            for page in pages:
                for association in page.get("FlowAssociationSummaryList", []):
                    if _id_of(association.get("ResourceId", "")) == phone_number:
                        return _id_of(association.get("FlowId", ""))
        return ""

    def greet(self, flow: str, greeting: Sequence[Spoken], about: str) -> None:
        """See the port."""
        instance = self.centre.instance
        with _reached("UpdateContactFlowContent"):
            content = flow_content(greeting, self.centre.queue)
            self._client.update_contact_flow_content(InstanceId=instance, ContactFlowId=flow, Content=content)
        with _reached("UpdateContactFlowMetadata"):
            self._client.update_contact_flow_metadata(
                InstanceId=instance, ContactFlowId=flow, Description=about, ContactFlowState="ACTIVE"
            )

    def is_staffed(self, now: datetime) -> bool:
        """See the port."""
        instance = self.centre.instance
        with _reached("DescribeQueue"):
            queue = self._client.describe_queue(InstanceId=instance, QueueId=self.centre.queue)["Queue"]
        if queue.get("Status") != "ENABLED":
            return False
        with _reached("DescribeHoursOfOperation"):
            hours = self._client.describe_hours_of_operation(InstanceId=instance, HoursOfOperationId=self.centre.hours)[
                "HoursOfOperation"
            ]
        openings = [_opening(one) for one in hours.get("Config", [])]
        return is_open(openings, ZoneInfo(hours.get("TimeZone", "UTC")), now)

    def connect(self, phone_number: str, flow: str) -> None:
        """See the port."""
        instance = self.centre.instance
        if not flow:
            with _reached("DisassociatePhoneNumberContactFlow"):
                self._client.disassociate_phone_number_contact_flow(PhoneNumberId=phone_number, InstanceId=instance)
            return
        with _reached("AssociatePhoneNumberContactFlow"):
            self._client.associate_phone_number_contact_flow(
                PhoneNumberId=phone_number, InstanceId=instance, ContactFlowId=flow
            )

    def calls(self, since: datetime, until: datetime) -> Calls | None:
        """See the port. Callers who hang up while they are greeted never reach the queue, and aren't counted."""
        with _reached("DescribeQueue"):
            queue = self._client.describe_queue(InstanceId=self.centre.instance, QueueId=self.centre.queue)["Queue"]
        with _reached("GetMetricDataV2"):
            results = self._client.get_metric_data_v2(
                ResourceArn=queue["QueueArn"].partition("/queue/")[0],
                StartTime=max(since, until - _LONGEST),
                EndTime=until,
                Filters=[
                    {"FilterKey": "QUEUE", "FilterValues": [self.centre.queue]},
                    {"FilterKey": "CHANNEL", "FilterValues": ["VOICE"]},
                ],
                Metrics=[{"Name": _QUEUED}, {"Name": _HANDLED}],
            ).get("MetricResults", [])
        counts = {
            one.get("Metric", {}).get("Name", ""): int(one.get("Value", 0))
            for result in results
            for one in result.get("Collections", [])
        }
        return Calls(calls=counts.get(_QUEUED, 0), answered=counts.get(_HANDLED, 0)) if counts else None


def _opening(hours: HoursOfOperationConfigTypeDef) -> Opening:
    return Opening(
        weekday=_DAYS.index(hours["Day"]), begins=_time_of(hours["StartTime"]), ends=_time_of(hours["EndTime"])
    )


def _time_of(slice_: HoursOfOperationTimeSliceTypeDef) -> time:
    return time(slice_["Hours"], slice_["Minutes"])


def _id_of(arn: str) -> str:
    """The id at the end of an ARN. One with a qualifier, of a flow's version or alias, is kept whole."""
    id_ = arn.rpartition("/")[2]
    return arn if ":" in id_ else id_


@contextmanager
def _reached(call: str) -> Iterator[None]:
    """Gives what Connect or the way to it refuses the name under which it is tried again."""
    try:
        yield
    except ClientError as error:
        raise ContactCentreUnavailable(f"{call}: {error.response['Error']['Code']}") from error
    except BotoCoreError as error:
        raise ContactCentreUnavailable(f"{call}: {type(error).__name__}") from error
