"""What moto 5.2.5 gets wrong for this project, put right: one function a repair, each with its reason.

moto is typed only in parts, so everything of it comes in as `Any` through `_moto`; nothing else in `local` touches
moto's inside, except `delivery` (queues and rules) and `streams`. Each repair has a test of the same name
in `tests/workflow/test_engine_repairs.py` that fails when the repair is taken out of `REPAIRS`.

moto keeps its state in module globals, so one process runs one engine at a time: `connect` says which.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import importlib
import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from botocore.config import Config
from botocore.session import get_session
from jsonata import Jsonata

from local.engine import clients
from local.engine.post_policy import FormRefusedError, PostedForm, check_form
from local.engine.redaction import new_task_token

_ASL = "moto.stepfunctions.parser.asl"
_SERVICE = f"{_ASL}.component.state.exec.state_task.service"
_EXECUTION_NAME_LIMIT = 80
_LONG_WAIT_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """Where the repaired moto hands over to the rest of the engine.

    Attributes:
        endpoint: Address of the server, for the calls that state machines make.
        invoke_lambda: (function name, event) -> (answer as JSON text, whether it is an error, log tail).
        put_event: An EventBridge envelope for (account, region, bus name).
        alarm_changed: (alarm, state before as `AlarmState`) after SetAlarmState.
        mail_refused: (message as text, recipients) -> (error code, message, HTTP status) where SES refuses the
            mail, else None.
        mail_sent: (message as moto keeps it, configuration set, tags) of a mail that SES took.
        topic_published: (topic ARN, subject, message).
        form_posted: (credential of its signer, path of the object) of a form that S3 took from a browser.
    """

    endpoint: str
    invoke_lambda: Callable[[str, Any], tuple[str, bool, str]]
    put_event: Callable[[Mapping[str, Any], str], None]
    alarm_changed: Callable[[Any, Mapping[str, Any]], None]
    mail_refused: Callable[[str, list[str]], tuple[str, str, int] | None]
    mail_sent: Callable[[Any, str, Mapping[str, str]], None]
    topic_published: Callable[[str, str | None, str], None]
    form_posted: Callable[[str, str], None]


class NoEngineError(RuntimeError):
    """Something reached the repaired moto while no engine was connected."""


_connected: list[Hooks] = []
_installed: list[str] = []


def connect(hooks: Hooks) -> None:
    """Makes these hooks the ones that the repaired moto uses, and forgets the tokens of an engine before."""
    _connected[:] = [hooks]
    _tokens.forget()
    _client.cache_clear()


def disconnect() -> None:
    """Leaves moto without an engine; what still arrives is refused."""
    _connected.clear()
    _client.cache_clear()


def _hooks() -> Hooks:
    if not _connected:
        raise NoEngineError("the local engine is not running")
    return _connected[0]


def _moto(module: str) -> Any:
    return importlib.import_module(module)


def _error(code: str, message: str, status: int = 400) -> Exception:
    """An API error that moto's server answers as AWS does."""
    error: Any = _moto("moto.core.exceptions").JsonRESTError(code, message)
    error.code = status
    return error  # type: ignore[no-any-return]


# --- JSONata ----------------------------------------------------------------------------------------------------------


def jsonata() -> None:
    """Moto has no JSONata engine outside LocalStack's JVM: every expression fails with "NoneType is not callable".

    jsonata-python evaluates them, with the functions that Step Functions adds to JSONata in Python instead of moto's
    stand-ins (two of which answer "currently not supported"). Whole numbers come back as integers, as in JSON.
    """
    module = _moto(f"{_ASL}.jsonata.jsonata")

    def evaluate(expression: str) -> Any:
        try:
            program = Jsonata(expression)
            for name, function in _STEP_FUNCTIONS_JSONATA.items():
                program.register_lambda(name, function)
            return _plain(program.evaluate(None))
        except Exception as error:
            raise module.JSONataException("UNKNOWN", str(error)) from error

    module._eval_jsonata = evaluate  # noqa: SLF001
    _moto(f"{_ASL}.component.intrinsic.jsonata")._DECLARATION_BY_VARIABLE_REFERENCE.clear()  # noqa: SLF001


def jsonata_variables() -> None:
    r"""Moto writes strings into the expression unescaped, so a quotation mark or backslash in any value breaks it.

    They are written as JSON, and not in ASCII: JSONata would read an emoji's two \u escapes as two characters.
    """
    module = _moto(f"{_ASL}.jsonata.jsonata")

    def encode(bindings: Mapping[str, Any]) -> str:
        return "".join(f"{name}:={_json(value)};" for name, value in bindings.items())

    for holder in (module, _moto(f"{_ASL}.eval.states"), _moto(f"{_ASL}.eval.variable_store")):
        holder.encode_jsonata_variable_declarations = encode


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_iso_or_text)


def _iso_or_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _partition(array: list[Any], size: float) -> list[list[Any]]:
    step = int(size)
    return [array[start : start + step] for start in range(0, len(array), step)]


def _range(first: float, last: float, step: float = 1) -> list[Any]:
    count = int((last - first) / step) + 1
    return [_plain(first + step * index) for index in range(max(count, 0))]


def _hash(value: str, algorithm: str = "SHA-1") -> str:
    name = algorithm.replace("-", "").lower()
    return hashlib.new(name, value.encode()).hexdigest()


def _random(seed: float | None = None) -> float:
    return random.random() if seed is None else random.Random(seed).random()  # noqa: S311 - as the real $random


_STEP_FUNCTIONS_JSONATA: Mapping[str, Callable[..., Any]] = {
    "hash": _hash,
    "parse": json.loads,
    "partition": _partition,
    "random": _random,
    "range": _range,
    "uuid": lambda: str(uuid.uuid4()),
}


# --- Task tokens ------------------------------------------------------------------------------------------------------


class _Tokens:
    """Every task token that was given out, and whether its task still waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Any] = {}

    def forget(self) -> None:
        with self._lock:
            self._waiting.clear()

    def give(self, token: str, endpoint: Any) -> None:
        with self._lock:
            self._waiting[token] = endpoint

    def close(self, token: str) -> Any:
        """Takes no further answer. Returns the answer that came in time, or None."""
        with self._lock:
            endpoint = self._waiting.get(token)
            self._waiting[token] = None
            return endpoint.get_outcome() if endpoint else None

    def answer(self, token: str, outcome: Any) -> None:
        """Hands the one answer to the waiting task. Raises the API's InvalidToken or TaskTimedOut."""
        with self._lock:
            self._endpoint(token).notify(outcome=outcome)

    def heartbeat(self, token: str) -> None:
        with self._lock:
            self._endpoint(token).notify_heartbeat()

    def _endpoint(self, token: str) -> Any:
        if token not in self._waiting:
            raise _error("InvalidToken", "Invalid Token: 'Invalid token'")
        endpoint = self._waiting[token]
        if endpoint is None or endpoint.get_outcome() is not None:
            raise _error("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        return endpoint


_tokens = _Tokens()


def task_tokens() -> None:
    """Moto gives all attempts of a task one token, and accepts tokens that are spent or whose task timed out.

    Each attempt gets a fresh token of realistic length. A token takes one answer, as long as its attempt waits; an
    answer and the timeout can't both win. Spent tokens answer TaskTimedOut, also after the execution's end; unknown
    ones InvalidToken.
    """
    task = _moto(f"{_SERVICE}.state_task_service_callback").StateTaskServiceCallback
    wait_for_token = _moto(f"{_SERVICE}.resource").ResourceCondition.WaitForTaskToken
    backend = _moto("moto.stepfunctions.parser.models").StepFunctionsParserBackend
    callback = _moto(f"{_ASL}.eval.callback.callback")
    context_object = _moto(f"{_ASL}.eval.states").ContextObject
    evaluate = task._eval_execution  # noqa: SLF001
    prepare = task.from_state_props
    wait = task._wait_for_task_token_timeout  # noqa: SLF001

    def update_task_token(self: Any) -> str:
        token = new_task_token()
        self.context_object_data["Task"] = {"Token": token}
        return token

    def from_state_props(self: Any, state_props: Any) -> None:
        prepare(self, state_props)
        if self.resource.condition == wait_for_token:
            self.timeout = _PatientTimeout(self.timeout)

    def eval_execution(self: Any, env: Any) -> None:
        env.heap[_ATTEMPT] = True
        if self.resource.condition != wait_for_token:
            evaluate(self, env)
            return
        token = env.states.context_object.update_task_token()
        endpoint = env.callback_pool_manager.add(token)
        endpoint.waiting_frame = env
        _tokens.give(token, endpoint)
        try:
            evaluate(self, env)
        finally:
            _tokens.close(token)

    def wait_for_answer(self: Any, timeout_seconds: float, callback_endpoint: Any) -> Any:
        wait(self, timeout_seconds, callback_endpoint)
        return _tokens.close(callback_endpoint.callback_id)

    def send_task_success(_self: Any, task_token: str, outcome: str) -> None:
        _require_json(outcome)
        _tokens.answer(task_token, callback.CallbackOutcomeSuccess(callback_id=task_token, output=outcome))

    def send_task_failure(_self: Any, task_token: str, error: str | None = None, cause: str | None = None) -> None:
        outcome = callback.CallbackOutcomeFailure(callback_id=task_token, error=error, cause=cause)
        _tokens.answer(task_token, outcome)

    def send_task_heartbeat(_self: Any, task_token: str) -> None:
        _tokens.heartbeat(task_token)

    context_object.update_task_token = update_task_token
    task.from_state_props = from_state_props
    task._eval_execution = eval_execution  # noqa: SLF001
    task._wait_for_task_token_timeout = wait_for_answer  # noqa: SLF001
    backend.send_task_success = send_task_success
    backend.send_task_failure = send_task_failure
    backend.send_task_heartbeat = send_task_heartbeat


_ATTEMPT = "local: within the attempt"
_PATIENCE_SECONDS = 30


class _PatientTimeout:
    """A task's timeout, longer for the outer of moto's two clocks, so that the inner one alone decides."""

    def __init__(self, timeout: Any) -> None:
        self._timeout = timeout

    def is_default_value(self) -> bool:
        return bool(self._timeout.is_default_value())

    def eval(self, env: Any) -> None:
        self._timeout.eval(env)
        if _ATTEMPT not in env.heap:
            env.stack.append(env.stack.pop() + _PATIENCE_SECONDS)


def _require_json(text: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        raise _error("InvalidOutput", "Invalid Output: 'Invalid JSON'") from None


def task_failure_cause() -> None:
    """Moto's SendTaskFailure drops the cause that the caller gives."""

    def send_task_failure(self: Any) -> Any:
        self.stepfunction_backend.send_task_failure(
            self._get_param("taskToken"),
            error=self._get_param("error"),
            cause=self._get_param("cause"),
        )
        return _moto("moto.core.responses").EmptyResult()

    _moto("moto.stepfunctions.responses").StepFunctionResponse.send_task_failure = send_task_failure


def heartbeat_timeout() -> None:
    """Moto reports a missed heartbeat as States.Timeout, so `Catch: States.HeartbeatTimeout` never matches.

    It is reported by its own name, which States.Timeout in a Catch or Retry matches too, as on AWS.
    """
    task = _moto(f"{_SERVICE}.state_task_service_callback").StateTaskServiceCallback
    timeout_error = _moto(f"{_ASL}.eval.callback.callback").HeartbeatTimeoutError
    names = _moto(f"{_ASL}.component.common.error_name.states_error_name_type").StatesErrorNameType
    error_name = _moto(f"{_ASL}.component.common.error_name.states_error_name").StatesErrorName
    equals = _moto(f"{_ASL}.component.common.error_name.error_equals_decl").ErrorEqualsDecl
    missed, timed_out = error_name(typ=names.StatesHeartbeatTimeout), error_name(typ=names.StatesTimeout)
    from_error, eval_body = task._from_error, equals._eval_body  # noqa: SLF001

    def from_error_with_name(self: Any, env: Any, ex: Exception) -> Any:
        event = from_error(self, env=env, ex=ex)
        if isinstance(ex, timeout_error):
            event.error_name = missed
            event.event_details["taskTimedOutEventDetails"]["error"] = missed.error_name
        return event

    def eval_body_with_kinds(self: Any, env: Any) -> None:
        reported = env.stack[-1]
        eval_body(self, env)
        if reported == missed and timed_out in self.error_names:
            env.stack[-1] = True

    task._from_error = from_error_with_name  # noqa: SLF001
    equals._eval_body = eval_body_with_kinds  # noqa: SLF001


# --- Nested executions and the other integrations ---------------------------------------------------------------------


def definitions() -> None:
    """Moto reads the definition of a state machine anew for each execution. What it reads is kept by its text."""
    module = _moto(f"{_ASL}.parse.asl_parser")
    parse = module.AmazonStateLanguageParser.parse

    @functools.lru_cache(maxsize=64)
    def tree_of(definition: str) -> Any:
        return parse(definition)[1]

    def parse_once(definition: str) -> tuple[Any, Any]:
        tree = tree_of(definition)
        return module.Preprocessor().visit(tree), tree

    module.AmazonStateLanguageParser.parse = staticmethod(parse_once)


def parameter_casing() -> None:
    """Moto passes Step Functions' spelling of parameters and results through, so `StateMachineArn` is refused.

    Parameters and results are converted by the service's own botocore model, which also turns an object given where
    the service wants a string (the Message of sns:publish) into JSON, as on AWS.
    """
    task = _moto(f"{_SERVICE}.state_task_service").StateTaskService
    snake = _moto("moto.stepfunctions.parser.utils").camel_to_snake_case

    def operation(self: Any, service: str | None, action: str | None) -> Any:
        return _operation_model(
            self._get_boto_service_name(service),
            self._get_boto_service_action(action),
            snake,
        )

    def normalise_parameters(
        self: Any,
        parameters: Any,
        boto_service_name: str | None = None,
        service_action_name: str | None = None,
    ) -> None:
        model = operation(self, boto_service_name, service_action_name)
        if model is not None and model.input_shape is not None:
            self._to_boto_request(parameters, model.input_shape)

    def normalise_response(
        self: Any,
        response: Any,
        boto_service_name: str | None = None,
        service_action_name: str | None = None,
    ) -> None:
        model = operation(self, boto_service_name, service_action_name)
        if model is not None and model.output_shape is not None:
            self._from_boto_response(response, model.output_shape)

    task._normalise_parameters = normalise_parameters  # noqa: SLF001
    task._normalise_response = normalise_response  # noqa: SLF001


@functools.lru_cache(maxsize=64)
def _operation_model(service: str, snake_action: str, snake: Callable[[str], str]) -> Any:
    model = get_session().get_service_model(service)
    name = next((name for name in model.operation_names if snake(name) == snake_action), None)
    return model.operation_model(name) if name else None


_NESTED_POLL_SECONDS = 0.05


def nested_executions() -> None:
    """Moto's `.sync` and `.sync:2` spell results wrongly, look twice a second, and leave children running.

    The child is read in the process itself, many times a second. `.sync:2` gives Input and Output as JSON, `.sync` as
    text. A parent that stops waiting (stopped, timed out, or a sister branch failed) stops its child, as on AWS.
    """
    module = _moto(f"{_SERVICE}.state_task_service_sfn")
    task = module.StateTaskServiceSfn
    evaluate_sync = task._eval_sync  # noqa: SLF001

    def resolver(self: Any, env: Any, part: Any, *, parsed: bool) -> Callable[[], Any]:
        child_arn = env.stack.pop()["ExecutionArn"]
        backend = _moto("moto.stepfunctions.parser.models").stepfunctions_parser_backends[part.account][part.region]

        def resolve() -> Any:
            child = backend.describe_execution(child_arn)
            if child.status == "RUNNING":
                return None
            description = _nested_description(child, parsed=parsed)
            if child.status == "SUCCEEDED":
                return description
            raise _task_failed(self, env, description)

        resolve.child = (backend, child_arn)  # type: ignore[attr-defined]
        return resolve

    def build_sync(self: Any, env: Any, resource_runtime_part: Any, **_: Any) -> Callable[[], Any]:
        return resolver(self, env, resource_runtime_part, parsed=False)

    def build_sync2(self: Any, env: Any, resource_runtime_part: Any, **_: Any) -> Callable[[], Any]:
        return resolver(self, env, resource_runtime_part, parsed=True)

    def eval_sync(self: Any, *, sync_resolver: Any, **rest: Any) -> Any:
        result = evaluate_sync(self, sync_resolver=sync_resolver, **rest)
        backend, child_arn = sync_resolver.child
        child = backend.describe_execution(child_arn)
        if child.status == "RUNNING":
            child.stop(stop_date=datetime.now(UTC), error=None, cause="The parent execution stopped waiting.")
        return result

    task._build_sync_resolver = build_sync  # noqa: SLF001
    task._build_sync2_resolver = build_sync2  # noqa: SLF001
    task._eval_sync = eval_sync  # noqa: SLF001
    _moto(f"{_SERVICE}.state_task_service_callback")._DELAY_SECONDS_SYNC_CONDITION_CHECK = _NESTED_POLL_SECONDS  # noqa: SLF001


def _nested_description(child: Any, *, parsed: bool) -> dict[str, Any]:
    """A finished execution as Step Functions spells it in the parent's result."""
    stopped = child.stop_date or datetime.now(UTC)
    description: dict[str, Any] = {
        "ExecutionArn": child.execution_arn,
        "Input": child.input_data if parsed else child.execution_input,
        "InputDetails": {"Included": True},
        "Name": child.name,
        "StartDate": int(child.start_date.timestamp() * 1000),
        "StateMachineArn": child.state_machine_arn,
        "Status": child.status,
        "StopDate": int(stopped.timestamp() * 1000),
    }
    if child.status == "SUCCEEDED":
        description["Output"] = child.output if parsed else _json(child.output)
        description["OutputDetails"] = {"Included": True}
    reasons = {"Error": child.error, "Cause": child.cause}
    return description | {key: value for key, value in reasons.items() if value is not None}


def _task_failed(task: Any, env: Any, description: Mapping[str, Any]) -> Exception:
    failure = _moto(f"{_ASL}.component.common.error_name.failure_event")
    names = _moto(f"{_ASL}.component.common.error_name.states_error_name_type").StatesErrorNameType
    error_name = _moto(f"{_ASL}.component.common.error_name.states_error_name").StatesErrorName
    event_type = _moto("moto.stepfunctions.parser.api").HistoryEventType
    error: Exception = failure.FailureEventException(
        failure.FailureEvent(
            env=env,
            error_name=error_name(typ=names.StatesTaskFailed),
            event_type=event_type.TaskFailed,
            event_details={
                "taskFailedEventDetails": {
                    "resource": task._get_sfn_resource(),  # noqa: SLF001
                    "resourceType": task._get_sfn_resource_type(),  # noqa: SLF001
                    "error": "States.TaskFailed",
                    "cause": _json(description),
                }
            },
        )
    )
    return error


def state_machine_clients() -> None:
    """Moto's state machines make a new client for each call, of whatever listens on port 5000.

    They get one client per service, of this engine's own address, which waits as long as a task may take.
    """

    def client_for(region: str, service: str, state_credentials: Any = None) -> Any:  # noqa: ARG001
        return _client(service, region)

    for name in (
        "lambda_eval_utils",
        "service.state_task_service_aws_sdk",
        "service.state_task_service_dynamodb",
        "service.state_task_service_events",
        "service.state_task_service_sfn",
        "service.state_task_service_sns",
        "service.state_task_service_sqs",
    ):
        _moto(f"{_ASL}.component.state.exec.state_task.{name}").boto_client_for = client_for


STATE_MACHINE_KEY_ID = "LOCALSTATEMACHINE000"
"""The access key id with which state machines call, so that the log of calls can tell them from functions."""


@functools.lru_cache(maxsize=64)
def _client(service: str, region: str) -> Any:
    config = Config(
        parameter_validation=False,
        retries={"total_max_attempts": 1},
        read_timeout=_LONG_WAIT_SECONDS,
        max_pool_connections=200,
    )
    return clients.client(
        service, endpoint=_hooks().endpoint, region=region, key_id=STATE_MACHINE_KEY_ID, config=config
    )


# --- The Step Functions API -------------------------------------------------------------------------------------------


def stop_execution() -> None:
    """Moto's StopExecution loses error and cause, and leaves an execution RUNNING that waits for a task token.

    The tasks of what is stopped (an execution, or a branch whose sister failed) are woken, the reason is kept, and
    what a stopped task throws on its way out is dropped instead of written into the history as a timeout.
    """
    environment = _moto(f"{_ASL}.eval.environment").Environment
    state = _moto(f"{_ASL}.component.state.exec.execute_state").ExecutionState
    set_stop, evaluate = environment.set_stop, state._evaluate_with_timeout  # noqa: SLF001

    def set_stop_and_wake(self: Any, stop_date: Any, cause: str | None, error: str | None) -> None:
        set_stop(self, stop_date=stop_date, cause=cause, error=error)
        for endpoint in list(self.callback_pool_manager._pool.values()):  # noqa: SLF001
            if getattr(endpoint, "waiting_frame", None) is self:
                endpoint.interrupt_all()

    def evaluate_until_stopped(self: Any, env: Any) -> None:
        try:
            evaluate(self, env)
        except Exception:
            if env.is_running():
                raise

    def stop(self: Any) -> Any:
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        error, cause = self._get_param("error"), self._get_param("cause")
        stopped = datetime.now(UTC)
        if execution.status == "RUNNING":
            execution.error, execution.cause = error, cause
            execution.stop(stop_date=stopped, error=error, cause=cause)
        return _moto("moto.core.responses").ActionResult({"stopDate": execution.stop_date or stopped})

    environment.set_stop = set_stop_and_wake
    state._evaluate_with_timeout = evaluate_until_stopped  # noqa: SLF001
    _moto("moto.stepfunctions.responses").StepFunctionResponse.stop_execution = stop


def describe_execution() -> None:
    """Moto's DescribeExecution answers a text as output without its quotation marks, and a null output not at all.

    A failed or timed-out execution also lacks its stop date.
    """

    def describe(self: Any) -> Any:
        arn = self._get_param("executionArn")
        execution = self.stepfunction_backend.describe_execution(arn)
        description = {
            "executionArn": arn,
            "stateMachineArn": execution.state_machine_arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": execution.start_date,
            "input": execution.execution_input,
            "inputDetails": {"included": True},
        }
        if execution.status != "RUNNING" and execution.stop_date:
            description["stopDate"] = execution.stop_date
        if execution.status == "SUCCEEDED":
            description |= {"output": _json(execution.output), "outputDetails": {"included": True}}
        for key in ("error", "cause"):
            if getattr(execution, key) is not None:
                description[key] = getattr(execution, key)
        return _moto("moto.core.responses").ActionResult(description)

    _moto("moto.stepfunctions.responses").StepFunctionResponse.describe_execution = describe


def history_paging() -> None:
    """Moto's GetExecutionHistory ignores maxResults, nextToken and reverseOrder."""

    def get_execution_history(self: Any) -> Any:
        arn = self._get_param("executionArn")
        events = self.stepfunction_backend.get_execution_history(arn)["events"]
        if self._get_param("reverseOrder"):
            events = events[::-1]
        start = int(self._get_param("nextToken") or 0)
        end = start + int(self._get_param("maxResults") or 100)
        page: dict[str, Any] = {"events": events[start:end]}
        if end < len(events):
            page["nextToken"] = str(end)
        return _moto("moto.core.responses").ActionResult(page)

    _moto("moto.stepfunctions.responses").StepFunctionResponse.get_execution_history = get_execution_history


def execution_names() -> None:
    """Moto starts two executions of one name when asked twice at once, and calls one without a name "None".

    Starting is one at a time; a missing name is a fresh UUID; a name over 80 characters is refused.
    """
    backend = _moto("moto.stepfunctions.parser.models").StepFunctionsParserBackend
    start = backend.start_execution
    lock = threading.Lock()

    def start_execution(
        self: Any,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str | None = None,
    ) -> Any:
        if name and len(name) > _EXECUTION_NAME_LIMIT:
            raise _error("InvalidName", f"Invalid Name: '{name}'")
        with lock:
            return start(self, state_machine_arn, name or str(uuid.uuid4()), execution_input or "{}", trace_header)

    backend.start_execution = start_execution


# --- The other services -----------------------------------------------------------------------------------------------


dynamodb_alone = threading.RLock()
"""Held by whoever reads or writes moto's tables and streams."""


def dynamodb_one_at_a_time() -> None:
    """Moto's DynamoDB loses updates and lets two conditional writes win when requests come at the same time.

    Streams are read under the same lock, or a reader would see a transaction that is then rolled back.
    """
    for module, name in (("dynamodb", "DynamoHandler"), ("dynamodbstreams", "DynamoDBStreamsHandler")):
        handler = getattr(_moto(f"moto.{module}.responses"), name)
        handler.call_action = _alone(handler.call_action)


def _alone(call_action: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @functools.wraps(call_action)
    def call_action_alone(self: Any) -> Any:
        with dynamodb_alone:
            return call_action(self)

    return call_action_alone


def dynamodb_streams() -> None:
    """Moto's streams tell of writes that change nothing, and of one upsert twice; a transaction copies them whole.

    A record is kept as it stood at the write, with the table's region. Functions are fed by `streams`, so a write
    invokes none. The copy that a transaction makes to roll back to shares the records, which never change.
    """
    table = _moto("moto.dynamodb.models.table")
    dump = _moto("moto.dynamodb.models.utilities").dynamo_json_dump

    def add(self: Any, old: Any, new: Any) -> None:
        if old is not None and new is not None and old == new:
            return
        kind = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
        view = self.table.stream_specification["StreamViewType"]
        number = self.starting_sequence_number + len(self.items)
        made = table.StreamRecord(self.table, view, kind, old, new, number)
        made.record = json.loads(dump(made.record)) | {"eventVersion": "1.1", "awsRegion": self.table.region_name}
        if self.items and _is_the_same_insert(self.items[-1].record, made.record):
            made.record["dynamodb"]["SequenceNumber"] = self.items.pop().record["dynamodb"]["SequenceNumber"]
        self.items.append(made)

    def deep_copy(self: Any, memo: dict[int, Any]) -> Any:
        copied = memo[id(self)] = object.__new__(type(self))
        copied.__dict__ |= {**self.__dict__, "items": list(self.items), "table": copy.deepcopy(self.table, memo)}
        return copied

    table.StreamShard.add = add
    table.StreamShard.__deepcopy__ = deep_copy


def _is_the_same_insert(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether both records insert one item: moto first inserts the bare key where an update makes a new item."""
    both_insert = before["eventName"] == now["eventName"] == "INSERT"
    return both_insert and bool(before["dynamodb"]["Keys"] == now["dynamodb"]["Keys"])


def dynamodb_transactions() -> None:
    """Moto copies the whole table for each write of a transaction, to have what it can roll back to.

    One copy serves the transaction. It shares with the table whatever the transaction leaves alone: only partitions
    that are written and items that are updated are copied.
    """
    models = _moto("moto.dynamodb.models")
    transact = models.DynamoDBBackend.transact_write_items
    before: ContextVar[dict[int, Any]] = ContextVar("before")

    def transact_write_items(self: Any, transact_items: list[dict[str, Any]]) -> None:
        writes = [write for item in transact_items for write in item.values()]
        written = {str(write.get("TableName")) for write in writes} & self.tables.keys()
        tables = [self.tables[name] for name in written]
        before.set({id(table): _as_it_is(self, table, transact_items) for table in tables})
        transact(self, transact_items)

    def deep_copy(value: Any) -> Any:
        is_table = isinstance(value, models.Table)
        return before.get()[id(value)] if is_table else copy.deepcopy(value)

    models.DynamoDBBackend.transact_write_items = transact_write_items
    models.copy = SimpleNamespace(deepcopy=deep_copy)


def _as_it_is(backend: Any, table: Any, transact_items: list[dict[str, Any]]) -> Any:
    """A table to roll back to: the same items, in partitions of its own where the transaction writes."""
    as_it_is = copy.copy(table)
    as_it_is.items = copy.copy(table.items)
    if table.stream_shard is not None:
        as_it_is.stream_shard = copy.copy(table.stream_shard)
        as_it_is.stream_shard.__dict__ |= {"items": list(table.stream_shard.items), "table": as_it_is}
    if table.range_key_attr:
        for key in _partitions(table, transact_items) & as_it_is.items.keys():
            as_it_is.items[key] = dict(as_it_is.items[key])
    for write in transact_items:
        item = _updated_item(backend, table, write.get("Update", {}))
        if item is not None:
            held = as_it_is.items[item.hash_key] if table.range_key_attr else as_it_is.items
            held[item.range_key if table.range_key_attr else item.hash_key] = copy.deepcopy(item)
    return as_it_is


def _partitions(table: Any, transact_items: list[dict[str, Any]]) -> set[Any]:
    """The partitions of a table that a transaction writes."""
    made = _moto("moto.dynamodb.models.dynamo_type").DynamoType
    writes = [write for item in transact_items for write in item.values() if write.get("TableName") == table.name]
    keys = [(write.get("Item") or write.get("Key") or {}).get(table.hash_key_attr) for write in writes]
    return {made(key) for key in keys if key}


def _updated_item(backend: Any, table: Any, update: Mapping[str, Any]) -> Any:
    is_here = update.get("TableName") == table.name and update["Key"].keys() == set(table.table_key_attrs)
    return backend.get_item(table.name, update["Key"]) if is_here else None


def dynamodb_values() -> None:
    """Moto guesses half a dozen spellings of each member of each DynamoDB value, and spends most of its time there.

    Values have their members' own names already: {"S": …}, {"N": …}. The others are looked up as before.
    """
    picker = _moto("moto.core.serialize").AttributePicker
    pick = picker.__call__

    @functools.wraps(pick)
    def pick_value(self: Any, context: Any) -> Any:
        is_value = context.key in _VALUE_MEMBERS and type(context.obj) is dict
        if is_value and context.service_model is not None and context.service_model.service_name == "dynamodb":
            return context.obj.get(context.key)
        return pick(self, context)

    picker.__call__ = pick_value


_VALUE_MEMBERS = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})


def service_dispatch() -> None:
    """Moto lists its own folder for every call, to find out which service is meant, and spends a fifth of its time so.

    Each host name is looked up once.
    """
    dispatcher = _moto("moto.moto_server.werkzeug_app").DomainDispatcherApplication
    dispatcher.get_backend_for_host = functools.cache(dispatcher.get_backend_for_host)


def queue_messages() -> None:
    """Moto makes four datetimes to see whether a message may be received, for all messages, whatever a queue is asked.

    A queue of a thousand messages takes most of a storm's time so. The clock's own number does as well.
    """

    def visible(self: Any) -> bool:
        return bool(time.time() * 1000 > self.visible_at)

    def delayed(self: Any) -> bool:
        return bool(time.time() * 1000 < self.delayed_until)

    message = _moto("moto.sqs.models").Message
    message.visible, message.delayed = property(visible), property(delayed)


def lambda_invocations() -> None:
    """Moto runs functions in Docker or answers a fixed text. All invocations pass this one seam to real workers."""

    def invoke(self: Any, event: Any = None) -> tuple[str, bool, str]:
        return _hooks().invoke_lambda(self.function_name, {} if event == "{}" else event)

    _moto("moto.awslambda.models").LambdaFunction._invoke_lambda = invoke  # noqa: SLF001


def event_rules() -> None:
    """Moto's PutEvents raises for targets other than queues and gives `time` as a number; events go to our own bus."""
    backend = _moto("moto.events.models").EventsBackend

    def put_events(self: Any, events: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [_put_event(self, event) for event in events]

    backend.put_events = put_events


def _put_event(backend: Any, entry: Mapping[str, Any]) -> dict[str, Any]:
    for key in ("Source", "DetailType", "Detail"):
        if not entry.get(key):
            return {
                "ErrorCode": "InvalidArgument",
                "ErrorMessage": f"Parameter {key} is not valid. Reason: {key} is a required argument.",
            }
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    envelope = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": backend.account_id,
        "time": _event_time(entry.get("Time")),
        "region": backend.region_name,
        "resources": list(entry.get("Resources") or []),
        "detail": detail,
    }
    _hooks().put_event(envelope, str(entry.get("EventBusName") or "default"))
    return {"EventId": envelope["id"]}


def _event_time(given: Any) -> str:
    if isinstance(given, str):
        return given
    moment = datetime.fromtimestamp(float(given) if given else time.time(), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def message_move_tasks() -> None:
    """Moto's SQS doesn't know the tasks that redrive a dead-letter queue.

    As on AWS, only what is the dead-letter queue of another queue can be redriven; without a destination a message
    goes back to the queue that it was sent to, and one that was sent to the dead-letter queue itself stays there and
    fails the task. Here a task is over at once.
    """
    models, responses = _moto("moto.sqs.models"), _moto("moto.sqs.responses")
    add_message = models.Queue.add_message

    def add_message_and_remember(self: Any, message: Any) -> None:
        message.sent_to = getattr(message, "sent_to", self.queue_arn)
        add_message(self, message)

    def start_message_move_task(self: Any) -> Any:
        task = _move_messages(self.sqs_backend, self._get_param("SourceArn"), self._get_param("DestinationArn"))
        return responses.ActionResult({"TaskHandle": task["TaskHandle"]})

    def list_message_move_tasks(self: Any) -> Any:
        source = _queue_of(self.sqs_backend, self._get_param("SourceArn"))
        newest = int(self._get_param("MaxResults") or 1)
        # Only a task that runs has a handle to be cancelled by.
        tasks = [{key: task[key] for key in task if key != "TaskHandle"} for task in getattr(source, "move_tasks", [])]
        return responses.ActionResult({"Results": tasks[::-1][:newest]})

    models.Queue.add_message = add_message_and_remember
    responses.SQSResponse.start_message_move_task = start_message_move_task
    responses.SQSResponse.list_message_move_tasks = list_message_move_tasks


def _queue_of(backend: Any, arn: str) -> Any:
    found = next((queue for queue in backend.queues.values() if queue.queue_arn == arn), None)
    if found is None:
        raise _error("ResourceNotFoundException", "The resource that you specified for the SourceArn doesn't exist.")
    return found


def _move_messages(backend: Any, source_arn: str, destination_arn: str | None) -> Mapping[str, Any]:
    source = _queue_of(backend, source_arn)
    if not any(queue.dead_letter_queue is source for queue in backend.queues.values()):
        raise _error("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.")
    waiting = [message for message in source.messages if message.visible]
    moved = 0
    for message in waiting:
        destination = _queue_of(backend, destination_arn or message.sent_to)
        if destination is source:
            continue
        source._messages.remove(message)  # noqa: SLF001
        backend.send_message(destination.name, message.body, message_attributes=message.message_attributes)
        moved += 1
    task = {
        "TaskHandle": str(uuid.uuid4()),
        "Status": "COMPLETED" if moved == len(waiting) else "FAILED",
        "SourceArn": source_arn,
        **({"DestinationArn": destination_arn} if destination_arn else {}),
        "ApproximateNumberOfMessagesMoved": moved,
        "ApproximateNumberOfMessagesToMove": len(waiting),
        **({} if moved == len(waiting) else {"FailureReason": "CouldNotDetermineMessageSource"}),
        "StartedTimestamp": round(time.time() * 1000),
    }
    source.move_tasks = [*getattr(source, "move_tasks", []), task]
    return task


def alarm_events() -> None:
    """Moto's SetAlarmState changes the alarm and tells nobody; on AWS each change of state is an event."""
    backend = _moto("moto.cloudwatch.models").CloudWatchBackend
    change = backend.set_alarm_state

    def set_alarm_state(self: Any, alarm_name: str, reason: str, reason_data: str, state_value: str) -> None:
        alarm = self.alarms.get(alarm_name)
        before = alarm and {
            "value": alarm.state_value,
            "reason": alarm.state_reason,
            "reason_data": alarm.state_reason_data,
            "at": alarm.state_updated_timestamp,
        }
        change(self, alarm_name, reason, reason_data, state_value)
        if before and before["value"] != state_value:
            _hooks().alarm_changed(alarm, before)

    backend.set_alarm_state = set_alarm_state


def outgoing_messages() -> None:
    """Moto stores mails and topic notifications where nobody sees them; the mailbox is told of each.

    Without an engine moto stores them as ever: other tests of the process mock AWS with the same moto.
    """
    ses, sns = _moto("moto.ses.models").SESBackend, _moto("moto.sns.models").SNSBackend
    send_raw, publish = ses.send_raw_email, sns.publish

    def send_raw_email(self: Any, source: str, destinations: list[str], raw_data: str) -> Any:
        for hooks in _connected:
            refusal = hooks.mail_refused(raw_data, list(destinations))
            if refusal:
                raise _error(*refusal)
        message = send_raw(self, source, destinations, raw_data)
        for hooks in _connected:
            hooks.mail_sent(message, *_mail_options.get())
        return message

    def publish_and_tell(self: Any, message: str, arn: str | None = None, *args: Any, **options: Any) -> str:
        message_id: str = publish(self, message, arn, *args, **options)
        for hooks in _connected:
            if arn:
                hooks.topic_published(arn, options.get("subject"), message)
        return message_id

    ses.send_raw_email = send_raw_email
    sns.publish = publish_and_tell


_mail_options: ContextVar[tuple[str, Mapping[str, str]]] = ContextVar("mail options", default=("", {}))


def mail_options() -> None:
    """Moto's SESv2 drops the configuration set and the tags of a mail; events about the mail name both."""
    response = _moto("moto.sesv2.responses").SESV2Response
    send = response.send_email

    def send_email(self: Any) -> Any:
        asked = json.loads(self.body)
        tags = {tag["Name"]: tag["Value"] for tag in asked.get("EmailTags") or []}
        before = _mail_options.set((asked.get("ConfigurationSetName") or "", tags))
        try:
            return send(self)
        finally:
            _mail_options.reset(before)

    response.send_email = send_email


def posted_forms() -> None:
    """Moto's POST Object takes every form: it reads no policy, and its redirect doesn't name the etag.

    A form is held against the policy that was signed with it, as S3 does: its age, every field, the file's size. What
    is refused stores nothing. A form that was signed counts as its signer's call.
    """
    response = _moto("moto.s3.responses").S3Response
    post = response._bucket_response_post  # noqa: SLF001

    def bucket_response_post(self: Any, request: Any, bucket_name: str) -> Any:
        if not str(request.headers.get("Content-Type", "")).startswith("multipart/form-data"):
            return post(self, request, bucket_name)
        fields = {name: str(value) for name, value in self.form_data.items()}
        try:
            check_form(PostedForm(bucket=bucket_name, fields=fields, size=len(self.raw_body)), datetime.now(UTC))
        except FormRefusedError as refused:
            body = _S3_ERROR.format(refused.code, escape(str(refused)))
            return refused.status, {"Content-Type": "application/xml"}, body
        status, headers, body = post(self, request, bucket_name)
        key = self.querystring["key"][0]
        _hooks().form_posted(fields["x-amz-credential"], f"/{bucket_name}/{key}")
        if "Location" in headers:
            etag = self.backend.head_object(bucket_name, key).etag
            headers["Location"] += "&" + urlencode({"etag": etag})
        return status, headers, body

    response._bucket_response_post = bucket_response_post  # noqa: SLF001


_S3_ERROR = '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{}</Code><Message>{}</Message></Error>'


REPAIRS: tuple[Callable[[], None], ...] = (
    jsonata,
    jsonata_variables,
    definitions,
    task_tokens,
    task_failure_cause,
    heartbeat_timeout,
    parameter_casing,
    nested_executions,
    state_machine_clients,
    stop_execution,
    describe_execution,
    history_paging,
    execution_names,
    dynamodb_one_at_a_time,
    dynamodb_streams,
    dynamodb_transactions,
    dynamodb_values,
    service_dispatch,
    queue_messages,
    lambda_invocations,
    event_rules,
    message_move_tasks,
    alarm_events,
    outgoing_messages,
    mail_options,
    posted_forms,
)


def install() -> None:
    """Repairs moto in this process, once, and turns its state machine interpreter on."""
    config = _moto("moto.core.config").default_user_config
    config["stepfunctions"] = {"execute_state_machine": True}
    for repair in REPAIRS:
        make(repair)


def make(repair: Callable[[], None]) -> None:
    """Makes one repair in this process, once; `install` makes all of them."""
    if repair.__name__ not in _installed:
        repair()
        _installed.append(repair.__name__)


def reset() -> None:
    """Stops every execution that still runs and empties all of moto's services."""
    backends = _moto("moto.stepfunctions.parser.models").stepfunctions_parser_backends
    for account in list(backends.values()):
        for backend in list(account.values()):
            for machine in list(backend.state_machines):
                for execution in list(machine.executions):
                    _stop_quietly(execution)
    _moto("moto.moto_api._internal.models").moto_api_backend.reset()
    _moto("moto.stepfunctions.parser.utils").TMP_THREADS.clear()


def _stop_quietly(execution: Any) -> None:
    worker = execution.exec_worker
    if execution.status == "RUNNING" and worker is not None and worker.env is not None:
        execution.stop(stop_date=datetime.now(UTC), error=None, cause="The local engine stops.")
