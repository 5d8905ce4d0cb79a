"""The local home as one object: everything of the app, started and stopped together.

with LocalStack(assembly=Path("cdk.out"), time_scale=60) as stack:
    stack.put_event(envelope)
    stack.mailbox.wait_for(1, timeout=20)
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.config import Config
from botocore.exceptions import ClientError

from local.authenticators import enrol
from local.console.pages import Console
from local.engine import clients, envelopes, moto_repairs
from local.engine.assembly import read_assembly
from local.engine.calls import Call, CallLog, read_signature
from local.engine.contact_centre import SERVICE as CONTACT_CENTRE
from local.engine.contact_centre import ContactCentre
from local.engine.delivery import EventBus, Home, QueuePollers
from local.engine.faults import FaultKind, Faults
from local.engine.http_api import (
    LARGEST_EVENT,
    NOT_FOUND,
    TOO_LARGE,
    Request,
    Response,
    Route,
    payload_v2,
    response_of,
)
from local.engine.lambda_runtime import Answer, LambdaRuntime
from local.engine.loader import ROLE, Loaded, Loader, place_of, stack_id
from local.engine.mail_faults import MailFaults
from local.engine.plan_clock import PLAN_FILE, ScaledCode
from local.engine.static_site import SITE_PATH, StoredFile
from local.engine.streams import StreamPollers
from local.executions import Execution, execution_of
from local.mailbox import Mailbox
from local.post_office import PostOffice
from local.records import RecordsReader
from local.server import LocalServer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

HOME = Home(account="123456789012", region="ap-northeast-1")
_AUTHENTICATORS = "AUTHENTICATOR_SECRET"
"""The variable that names, to the function that takes codes, the secret of people's authenticator apps."""
CONSOLE_KEY_ID = "LOCALCONSOLE00000000"

_log = logging.getLogger(__name__)
_open: list[LocalStack] = []


class LocalStackError(RuntimeError):
    """The local home can't do what was asked; the message says why."""


class LocalStack:
    """The app from a cloud assembly, running on this machine.

    One stack runs in a process at a time; many can follow one another. Use it as a context manager.

    Attributes:
        mailbox: Mails and notifications that the app sent.
        calls: The log of AWS calls that the functions made.
        faults: Orders functions to crash.
        mail_faults: Orders mails to bounce, or worse.
        contact_centre: The Amazon Connect instance that the plan names.
        totp_secrets: What contacts share with their authenticator apps, by contact id, in base 32.
        time_scale: What the plan's timers are divided by.
        port: Where it answers; 0 takes a free port.
        prepare: Makes what is there before the app is loaded.
    """

    def __init__(
        self,
        assembly: Path,
        *,
        time_scale: float = 1,
        port: int = 0,
        prepare: Callable[[LocalStack], None] | None = None,
    ) -> None:
        if time_scale <= 0:
            raise LocalStackError(f"a time scale is greater than 0, not {time_scale}")
        self.assembly = assembly
        self.time_scale = time_scale
        self.mailbox = Mailbox()
        self.calls = CallLog()
        self.faults = Faults()
        self.mail_faults = MailFaults()
        self.contact_centre = ContactCentre()
        self.totp_secrets: Mapping[str, str] = {}
        self._port = port
        self._prepare = prepare
        self._work_dir = Path(tempfile.mkdtemp(prefix="emergency-local-"))
        self._loaded = Loaded()
        self._closers: list[Callable[[], None]] = []
        self._clients: dict[object, Any] = {}
        self._ended: dict[str, Execution] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Starts everything. Raises LocalStackError, PortTakenError, or TemplateError for what can't be loaded."""
        if _open:
            raise LocalStackError("one local home runs in this process already")
        _open.append(self)
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        moto_repairs.install()
        moto_repairs.reset()
        self._server = LocalServer(
            port=self._port,
            calls=self.calls,
            routes=lambda: self._loaded.routes,
            invoke=self._serve_page,
            strikes=self._strike,
            buckets=lambda: self._loaded.buckets,
            services={CONTACT_CENTRE: self.contact_centre.answer},
            site=self._serve_site,
            console=Console(self).serve,
        )
        self._closers.append(self._server.close)
        self._runtime = LambdaRuntime(endpoint=self.url, work_dir=self._work_dir, faults=self.faults)
        self._closers.append(self._runtime.close)
        self._bus = EventBus(HOME, self._runtime, self.time_scale)
        self._closers.append(self._bus.close)
        self._post_office = PostOffice(HOME, self.mailbox, self.mail_faults, self._bus.put_later)
        self._pollers = QueuePollers(HOME, self._runtime.invoke)
        self._closers.append(self._pollers.close)
        self._streams = StreamPollers(HOME, self._runtime.invoke, self._bus.deliver_to)
        self._closers.append(self._streams.close)
        moto_repairs.connect(self._hooks())
        self._server.start()
        if self._prepare:
            self._prepare(self)
        self._load()

    def _hooks(self) -> moto_repairs.Hooks:
        return moto_repairs.Hooks(
            endpoint=self.url,
            invoke_lambda=self._invoke_for_moto,
            put_event=lambda envelope, bus: void(self._bus.put(envelope, bus, place=_origin(envelope))),
            alarm_changed=self._bus.alarm_changed,
            mail_refused=self._post_office.refusal,
            mail_sent=lambda message, configuration_set, tags: self._post_office.take(
                message.raw_data, message.destinations, message.id, configuration_set, tags
            ),
            topic_published=self.mailbox.notify,
            form_posted=self._note_form,
        )

    def _load(self) -> None:
        loader = Loader(
            home=HOME,
            endpoint=self.url,
            client=self.client,
            prepare_code=ScaledCode(self._work_dir / "assets", self.time_scale),
        )
        self.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument="{}")
        for template in read_assembly(self.assembly):
            loader.load(template)
        self._loaded = loader.loaded
        self.contact_centre.set_up(self.compiled_plan())
        self._post_office.event_destinations = self._loaded.mail_event_destinations
        for function in self._loaded.functions:
            self._runtime.add(function)
            self.calls.register(function.access_key_id, function.short_name)
        for mapping in self._loaded.mappings:
            self._pollers.start(mapping)
        for stream_mapping in self._loaded.stream_mappings:
            self._streams.start(stream_mapping)
        self._bus.start_schedules()
        self._enrol()
        self._tell_of_deployment()

    def _tell_of_deployment(self) -> None:
        """As CloudFormation does, which lets the app do what is left to do after its first deployment."""
        for template in read_assembly(self.assembly):
            place = place_of(template, HOME)
            self._bus.put(
                envelopes.stack_created(
                    stack_id=stack_id(place, template.name),
                    account=place.account,
                    region=place.region,
                    now=datetime.now(UTC),
                ),
                place=place,
            )

    def _enrol(self) -> None:
        for function in self._loaded.functions:
            secret_id = function.environment.get(_AUTHENTICATORS, "")
            if secret_id.startswith("arn:"):
                self.totp_secrets = enrol(self.compiled_plan(), self.client("secretsmanager"), secret_id)

    def close(self) -> None:
        """Stops everything that was started; a second time does nothing."""
        if self not in _open:
            return
        while self._closers:
            self._closers.pop()()
        moto_repairs.reset()
        moto_repairs.disconnect()
        self._clients.clear()
        shutil.rmtree(self._work_dir, ignore_errors=True)
        _open.remove(self)

    # --- What can be asked of it ---------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The address of console, pages and AWS endpoint."""
        return self._server.url

    @property
    def status_url(self) -> str | None:
        """The address of the status page, where the app has one."""
        return f"{self.url}{SITE_PATH}/" if self._loaded.sites else None

    @property
    def loaded(self) -> Loaded:
        """What was found in the templates."""
        return self._loaded

    def client(self, service: str, place: Home = HOME) -> Any:
        """A boto3 client of the loopback AWS, in the home or in another account or region."""
        key = service, place
        if key not in self._clients:
            self._clients[key] = clients.client(
                service,
                endpoint=self.url,
                region=place.region,
                key_id=CONSOLE_KEY_ID,
                config=Config(max_pool_connections=50),
                account=place.account if place.account != HOME.account else "",
            )
        return self._clients[key]

    @property
    def records(self) -> Table:
        """The records table: the one that the functions' RECORDS_TABLE names, or the only one."""
        if "table" not in self._clients:
            self._clients["table"] = clients.table(
                self._records_name(), endpoint=self.url, region=HOME.region, key_id=CONSOLE_KEY_ID
            )
        table: Table = self._clients["table"]
        return table

    def _records_name(self) -> str:
        for function in self._loaded.functions:
            if "RECORDS_TABLE" in function.environment:
                return function.environment["RECORDS_TABLE"]
        if len(self._loaded.tables) == 1:
            return self._loaded.tables[0]
        raise LocalStackError("no function names a records table, and the app has not exactly one table")

    @property
    def reader(self) -> RecordsReader:
        """Reads incidents and signals from the records table."""
        return RecordsReader(self.records)

    def report(self, incident_id: str) -> str | None:
        """The newest HTML report of the incident in the archive, in the company's own language if there; or None."""
        s3 = self.client("s3")
        own = f".{self.compiled_plan().get('company', {}).get('locale')}.html"
        found = [
            (item["Key"].endswith(own), item["LastModified"], bucket, item["Key"])
            for bucket in self._loaded.buckets
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
            for item in page.get("Contents", [])
            if incident_id in item["Key"] and item["Key"].endswith(".html") and not _is_public(item["Key"])
        ]
        if not found:
            return None
        *_, bucket, key = max(found)
        return str(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode("utf-8"))

    def archived(self, incident_id: str) -> Mapping[str, bytes]:
        """What the buckets hold of the incident under its own name, by the rest of the name; newest versions."""
        return self._contents(self._loaded.buckets, f"{incident_id}/")

    def status_files(self) -> Mapping[str, bytes]:
        """The files of the status page as it is, by their path."""
        return self._contents([site.bucket for site in self._loaded.sites])

    def _contents(self, buckets: Sequence[str], prefix: str = "") -> Mapping[str, bytes]:
        s3 = self.client("s3")
        return {
            item["Key"].removeprefix(prefix): s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            for bucket in buckets
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
            for item in page.get("Contents", [])
        }

    def is_idle(self) -> bool:
        """Whether no event, message or record of a stream is on its way to a function, or at one."""
        return self._bus.is_idle() and self._queues_are_empty() and self._streams.are_idle()

    def _queues_are_empty(self) -> bool:
        with self._pollers.between_receives():
            return not any(self._messages(mapping.queue_arn) for mapping in self._loaded.mappings)

    def is_quiet(self, *, ignoring: Collection[str] = ()) -> bool:
        """Whether no execution runs, `is_idle` holds, and nothing moved from one to the other while looking.

        Executions whose ARNs are to be ignored may run.
        """
        before = self._handled()
        return set(self.running()) <= set(ignoring) and self.is_idle() and self._handled() == before

    def _handled(self) -> tuple[int, int, int]:
        return self._pollers.handled, self._streams.handled, self._bus.handled

    def dead_letters(self) -> int:
        """How many messages lie in queues that feed no function."""
        fed = {mapping.queue_arn for mapping in self._loaded.mappings}
        return sum(self._messages(queue) for queue in self._loaded.queues if queue not in fed)

    def _messages(self, queue_arn: str) -> int:
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        sqs = self.client("sqs", Home.of_arn(queue_arn))
        url = sqs.get_queue_url(QueueName=queue_arn.rpartition(":")[2])["QueueUrl"]
        counted = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names))["Attributes"]
        return sum(int(counted[name]) for name in names)

    def put_event(self, envelope: Mapping[str, Any]) -> tuple[str, ...]:
        """Puts an envelope on a bus as it is. Returns the names of the rules that matched.

        The bus is that of the envelope's own account and region where the app has a stack there, else the home's.
        Raises NotAnEnvelopeError.
        """
        origin = _origin(envelopes.check_envelope(envelope))
        return self._bus.put(envelope, place=origin if origin in self._loaded.places else HOME)

    def invoke(self, function: str, event: Any) -> Answer:
        """Invokes a function by its physical or short name."""
        return self._runtime.invoke(function, event)

    def warm(self) -> None:
        """Lets every function load before it is needed, so that cold starts don't eat into divided timers."""
        self._runtime.warm()

    def logs(self, function: str) -> str:
        """What the function's processes wrote so far."""
        return self._runtime.logs(function)

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions' short names."""
        return tuple(function.short_name for function in self._runtime.functions)

    def executions(self) -> tuple[Execution, ...]:
        """All executions of all state machines, newest first, with their histories."""
        found = [
            self._execution(item["executionArn"], name)
            for name, arn in self._loaded.state_machines.items()
            for item in self._listed(arn)
        ]
        return tuple(sorted(found, key=lambda execution: execution.started, reverse=True))

    def running(self) -> tuple[str, ...]:
        """The ARNs of the executions that run."""
        return tuple(
            item["executionArn"]
            for arn in self._loaded.state_machines.values()
            for item in self._listed(arn, statusFilter="RUNNING")
        )

    def input_of(self, arn: str) -> dict[str, Any]:
        """What an execution was started with."""
        given: dict[str, Any] = json.loads(self.client("stepfunctions").describe_execution(executionArn=arn)["input"])
        return given

    def execution(self, arn: str) -> Execution:
        """One execution by its ARN. Raises botocore's ClientError where there is none."""
        machine = arn.split(":")[6]
        return self._execution(arn, machine)

    def definition(self, machine: str) -> dict[str, Any]:
        """The ASL of a state machine, by its name."""
        arn = self._loaded.state_machines[machine]
        answer = self.client("stepfunctions").describe_state_machine(stateMachineArn=arn)
        definition: dict[str, Any] = json.loads(answer["definition"])
        return definition

    def compiled_plan(self) -> dict[str, Any]:
        """The compiled plan of the packaged asset as the functions here see it; empty where the app has none."""
        for function in self._loaded.functions:
            file = function.code / PLAN_FILE
            if file.is_file():
                plan: dict[str, Any] = json.loads(file.read_text("utf-8"))
                return plan
        return {}

    def wait_until(self, condition: Callable[[], bool], timeout: float, what: str = "the condition") -> None:
        """Waits until the condition holds. Raises TimeoutError, naming `what`, after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {timeout} s for {what}")
            time.sleep(0.05)

    def _listed(self, machine_arn: str, **only: str) -> list[dict[str, Any]]:
        lists = self.client("stepfunctions").get_paginator("list_executions")
        pages = lists.paginate(stateMachineArn=machine_arn, **only)
        return [item for page in pages for item in page["executions"]]

    def _execution(self, arn: str, machine: str) -> Execution:
        """As it is now; one that has ended is read once, as nothing changes it any more."""
        if arn not in self._ended:
            execution = self._read_execution(arn, machine)
            if execution.stopped is None:
                return execution
            self._ended[arn] = execution
        return self._ended[arn]

    def _read_execution(self, arn: str, machine: str) -> Execution:
        states = self.client("stepfunctions")
        # The description first: a history read before it may lack the last states of an execution that ended between.
        description = states.describe_execution(executionArn=arn)
        pages = states.get_paginator("get_execution_history").paginate(
            executionArn=arn, PaginationConfig={"PageSize": 1000}
        )
        events = [event for page in pages for event in page["events"]]
        return execution_of(description, events, machine)

    # --- What moto and the server hand over ------------------------------------------------------------------------

    def _invoke_for_moto(self, name: str, event: Any) -> tuple[str, bool, str]:
        answer = self._runtime.invoke(name, event)
        return answer.payload, answer.is_error, ""

    def _strike(self, call: Call, kind: FaultKind, worker: str) -> bool:
        """Lets the call fail where such a fault is due, or kills the worker that made it; tells whether it was."""
        is_due = self.faults.due(call.caller, kind, call.operation)
        if is_due and kind.kills:
            self._runtime.crash(worker)
        return is_due

    def _note_form(self, credential: str, path: str) -> None:
        """S3 lets a form do what its signer may do: for the log it is the signer's call."""
        signature = read_signature({"authorization": f"Credential={credential}"}, "")
        if signature:
            self.calls.record(signature, "PUT", path, "", {}, b"")

    def _serve_page(self, request: Request, route: Route, parameters: dict[str, str]) -> Response:
        event = payload_v2(request, route, parameters, account=HOME.account)
        if len(json.dumps(event)) > LARGEST_EVENT:
            return TOO_LARGE
        answer = self._runtime.invoke(route.function, event)
        if answer.is_error:
            _log.warning("The function behind %s failed: %s", route.key, answer.payload)
        return response_of(answer.payload, is_error=answer.is_error)

    def _serve_site(self, method: str, path: str) -> Response:
        for site in self._loaded.sites:
            return site.answer(method, path, self._stored)
        return NOT_FOUND

    def _stored(self, bucket: str, key: str) -> StoredFile | None:
        s3 = self.client("s3")
        try:
            found = s3.get_object(Bucket=bucket, Key=key)
        except ClientError:
            return None
        headers = {"content-type": found["ContentType"], "cache-control": found.get("CacheControl")}
        return StoredFile(found["Body"].read(), tuple((name, value) for name, value in headers.items() if value))


def _origin(envelope: Mapping[str, Any]) -> Home:
    return Home(account=str(envelope["account"]), region=str(envelope["region"]))


def _is_public(key: str) -> bool:
    """Whether the page is one of the status page, or of its copies in the archive."""
    return "/incidents/" in key or "/status-page/" in key


def void(_: object) -> None:
    """Drops a result that a callback must not return."""
