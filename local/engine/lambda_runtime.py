"""Runs Lambda functions in real `awslambdaric` processes, a small pool of them per function.

Each worker process talks to a Runtime API server of its own on loopback, as it would in Lambda. It sees its packaged
asset and what Lambda's own image brings (the runtime client and boto3), and nothing else of this machine's packages.
"""

from __future__ import annotations

import hashlib
import http.server
import importlib.util
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.engine.faults import FaultKind, Faults

MAX_WORKERS = 4
"""Invocations of one function that run at the same time; more of them wait."""

PATIENCE = 0.8
"""Seconds to wait for a warm worker before another one is started, which takes longer than most invocations."""

LOADING_PATIENCE = 3.0
"""The same while a worker still loads its handler: a second one would take as long, and slow the first one down."""

_INIT_SECONDS = 30.0
_IMAGE_PACKAGES = (
    "awslambdaric",
    "runtime_client",
    "simplejson",
    "snapshot_restore_py",
    "boto3",
    "botocore",
    "s3transfer",
    "jmespath",
    "dateutil",
    "six",
    "urllib3",
)


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """A function as the template declares it.

    Attributes:
        name: The physical function name.
        handler: `module.attribute`, for example `triage.handler.handler`.
        code: Directory with the unpacked asset.
        timeout: Seconds.
        memory: MB, told to the function only.
        environment: The variables of the template, resolved.
    """

    name: str
    handler: str
    code: Path
    arn: str
    region: str
    timeout: float = 3.0
    memory: int = 128
    runtime: str = "python3.13"
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def short_name(self) -> str:
        """The folder of the function: the first part of its handler."""
        return self.handler.partition(".")[0]

    @property
    def access_key_id(self) -> str:
        """The id with which the function's AWS calls are signed; it tells the log of calls who called."""
        return "ASIA" + hashlib.sha256(self.name.encode()).hexdigest()[:16].upper()


@dataclass(frozen=True)
class Answer:
    """What an invocation came to: JSON text, and whether it is an error that the function or its process made."""

    payload: str
    is_error: bool = False


class UnknownFunctionError(LookupError):
    """No function of that name is loaded."""


class LambdaRuntime:
    """All functions of the app and their workers."""

    def __init__(self, *, endpoint: str, work_dir: Path, faults: Faults) -> None:
        self._endpoint = endpoint
        self._logs = work_dir / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._image = _image(work_dir / "image")
        self._faults = faults
        self._pools: dict[str, _Pool] = {}

    def add(self, spec: FunctionSpec) -> None:
        """Makes the function known; its first worker starts with its first invocation."""
        log = self._logs / f"{spec.short_name}.log"
        environment = _environment(spec, self._endpoint, self._image)
        self._pools[spec.name] = _Pool(spec, environment, log, self._faults)

    @property
    def functions(self) -> tuple[FunctionSpec, ...]:
        """The functions, in the order they were loaded."""
        return tuple(pool.spec for pool in self._pools.values())

    def find(self, name: str) -> FunctionSpec:
        """The function with that physical or short name. Raises UnknownFunctionError."""
        return self._pool(name).spec

    def invoke(self, name: str, event: Any) -> Answer:
        """Runs the function on the event and waits for its answer. Raises UnknownFunctionError."""
        return self._pool(name).invoke(event)

    def warm(self) -> None:
        """Starts a first worker of every function and waits until all have loaded their handlers, or failed to."""
        workers = [pool.warm() for pool in self._pools.values()]
        for worker in workers:
            worker.wait_until_loaded()

    def crash(self, token: str) -> None:
        """Kills the worker whose calls of AWS carry that session token; does nothing where there is none."""
        for pool in self._pools.values():
            pool.crash(token)

    def logs(self, name: str) -> str:
        """What the function's processes wrote to stdout and stderr so far."""
        log = self._pool(name).log
        return log.read_text("utf-8", "replace") if log.exists() else ""

    def close(self) -> None:
        """Ends all workers."""
        for pool in self._pools.values():
            pool.close()

    def _pool(self, name: str) -> _Pool:
        if name in self._pools:
            return self._pools[name]
        for pool in self._pools.values():
            if pool.spec.short_name == name:
                return pool
        raise UnknownFunctionError(name)


class _Pool:
    """The workers of one function: idle ones are used first, new ones made up to the limit, then callers wait."""

    def __init__(self, spec: FunctionSpec, environment: Mapping[str, str], log: Path, faults: Faults) -> None:
        self.spec = spec
        self.log = log
        self._environment = environment
        self._faults = faults
        self._changed = threading.Condition()
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._closed = False

    def invoke(self, event: Any) -> Answer:
        worker = self._take()
        try:
            return self._run(worker, event)
        finally:
            self._give_back(worker)

    def warm(self) -> _Worker:
        worker = self._take()
        self._give_back(worker)
        return worker

    def crash(self, token: str) -> None:
        with self._changed:
            found = [worker for worker in self._all if worker.token == token]
        for worker in found:
            worker.close()

    def _run(self, worker: _Worker, event: Any) -> Answer:
        if self._faults.due(self.spec.short_name, FaultKind.REFUSE):
            worker.close()
            return worker.exit_error()
        answer = worker.invoke(event)
        if self._faults.due(self.spec.short_name, FaultKind.CRASH):
            worker.close()
            return worker.exit_error()
        return answer

    def _take(self) -> _Worker:
        """An idle worker; a new one where none gets idle soon; or, when there are enough of them, the next idle one."""
        with self._changed:
            if self._all:
                patience = PATIENCE if all(worker.is_loaded for worker in self._all) else LOADING_PATIENCE
                self._changed.wait_for(self._has_idle, patience)
            if len(self._all) >= MAX_WORKERS:
                self._changed.wait_for(lambda: self._has_idle() or len(self._all) < MAX_WORKERS)
            if self._closed:
                raise UnknownFunctionError(f"{self.spec.name}: the runtime is closed")
            if self._idle:
                return self._idle.pop()
            worker = _Worker(self.spec, self._environment, self.log)
            self._all.add(worker)
            return worker

    def _has_idle(self) -> bool:
        return bool(self._idle) or self._closed

    def _give_back(self, worker: _Worker) -> None:
        with self._changed:
            is_kept = worker.alive and not self._closed
            if is_kept:
                self._idle.append(worker)
            else:
                self._all.discard(worker)
            self._changed.notify()
        if not is_kept:
            worker.close()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            workers = list(self._all)
            self._idle.clear()
            self._changed.notify_all()
        for worker in workers:
            worker.close()


@dataclass
class _Invocation:
    request_id: str
    body: bytes
    timeout: float
    started: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
    answer: Answer | None = None

    def finish(self, answer: Answer) -> None:
        self.answer = answer
        self.done.set()


class _Worker:
    """One `awslambdaric` process and the Runtime API that feeds it. Runs one invocation at a time.

    `token` is the session token of its credentials, which tells its calls of AWS from those of other workers.
    """

    def __init__(self, spec: FunctionSpec, environment: Mapping[str, str], log: Path) -> None:
        self._spec = spec
        self._waiting: queue.Queue[_Invocation | None] = queue.Queue()
        self._current: _Invocation | None = None
        self._init_error: Answer | None = None
        self._loaded = threading.Event()
        self._close_lock = threading.Lock()
        self.token = uuid.uuid4().hex
        self.alive = True
        self._server = _RuntimeApi(self)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self._process = self._start(environment, log)
        threading.Thread(target=self._watch, daemon=True).start()

    def _start(self, environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
        address = f"127.0.0.1:{self._server.server_port}"
        with log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - our own interpreter
                [sys.executable, "-S", "-m", "awslambdaric", self._spec.handler],
                cwd=self._spec.code,
                env={**environment, "AWS_LAMBDA_RUNTIME_API": address, "AWS_SESSION_TOKEN": self.token},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def invoke(self, event: Any) -> Answer:
        """Hands the event to the process and waits; a late or dead process gives Lambda's own error."""
        body = json.dumps(event).encode()
        invocation = _Invocation(str(uuid.uuid4()), body, self._spec.timeout)
        self._current = invocation
        if self._init_error:
            invocation.finish(self._init_error)
        self._waiting.put(invocation)
        if not self._process_is_there():
            invocation.finish(self.exit_error())
        _wait_either(invocation.started, invocation.done, _INIT_SECONDS)
        if not invocation.done.wait(self._spec.timeout):
            self.close()
            invocation.finish(self._timed_out(invocation))
        self._current = None
        return invocation.answer or self.exit_error()

    @property
    def is_loaded(self) -> bool:
        """Whether the process has loaded its handler."""
        return self._loaded.is_set()

    def wait_until_loaded(self) -> None:
        """Waits until the process has loaded its handler, or has failed to."""
        self._loaded.wait(_INIT_SECONDS)

    def next_invocation(self) -> _Invocation | None:
        """What the process is to do next; None when the worker ends."""
        self._loaded.set()
        invocation = self._waiting.get()
        if invocation is not None:
            invocation.started.set()
        return invocation

    def answered(self, request_id: str, answer: Answer) -> None:
        """The process answered the invocation."""
        invocation = self._current
        if invocation is not None and invocation.request_id == request_id:
            invocation.finish(answer)

    def failed_to_start(self, answer: Answer) -> None:
        """The process could not load its handler."""
        self._init_error = answer
        invocation = self._current
        if invocation is not None:
            invocation.finish(answer)

    def exit_error(self) -> Answer:
        """What Lambda answers for a process that ended by itself."""
        status = self._process.poll()
        reason = f"exit status {status}" if status is not None and status >= 0 else "signal: killed"
        return _error("Runtime.ExitError", f"Error: Runtime exited with error: {reason}")

    def close(self) -> None:
        """Ends the process and its Runtime API."""
        with self._close_lock:
            if not self.alive:
                return
            self.alive = False
        self._loaded.set()
        self._process.kill()
        self._process.wait()
        self._waiting.put(None)
        self._server.shutdown()
        self._server.server_close()

    def _process_is_there(self) -> bool:
        return self._process.poll() is None

    def _watch(self) -> None:
        self._process.wait()
        invocation = self._current
        if invocation is not None and not invocation.done.is_set():
            invocation.finish(self._init_error or self.exit_error())
        self.close()

    def _timed_out(self, invocation: _Invocation) -> Answer:
        seconds = f"{self._spec.timeout:.2f}"
        message = f"RequestId: {invocation.request_id} Error: Task timed out after {seconds} seconds"
        return _error("Sandbox.Timedout", message)


def _wait_either(first: threading.Event, second: threading.Event, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not first.wait(0.02) and not second.is_set() and time.monotonic() < deadline:
        pass


def _error(kind: str, message: str) -> Answer:
    return Answer(json.dumps({"errorType": kind, "errorMessage": message}), is_error=True)


class _RuntimeApi(http.server.ThreadingHTTPServer):
    """The Lambda Runtime API of one worker, as far as `awslambdaric` uses it."""

    daemon_threads = True

    def __init__(self, worker: _Worker) -> None:
        self.worker = worker
        super().__init__(("127.0.0.1", 0), _RuntimeApiRequest)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A worker that was killed leaves broken connections behind; they are no news."""


class _RuntimeApiRequest(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without these two each call waits 40 ms for a delayed acknowledgement, twice.
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, *_: object) -> None:
        """The functions' logs are kept; this server's own are not."""

    def do_GET(self) -> None:
        """/2018-06-01/runtime/invocation/next: waits for the next invocation."""
        server = self.server
        assert isinstance(server, _RuntimeApi)
        invocation = server.worker.next_invocation()
        if invocation is None:
            self.close_connection = True
            return
        spec = server.worker._spec  # noqa: SLF001
        self._reply(
            200,
            invocation.body,
            {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + invocation.timeout) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": spec.arn,
                "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
            },
        )

    def do_POST(self) -> None:
        """…/invocation/<id>/response, …/invocation/<id>/error and …/init/error."""
        server = self.server
        assert isinstance(server, _RuntimeApi)
        payload = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
        parts = self.path.strip("/").split("/")
        if parts[-2:] == ["init", "error"]:
            server.worker.failed_to_start(Answer(payload, is_error=True))
        else:
            server.worker.answered(parts[-2], Answer(payload, is_error=parts[-1] == "error"))
        self._reply(202, b'{"status":"OK"}', {"Content-Type": "application/json"})

    def _reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _environment(spec: FunctionSpec, endpoint: str, image: Path) -> dict[str, str]:
    """The process environment that Lambda gives a Python function, plus the address of the loopback AWS."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": os.pathsep.join((str(spec.code), str(image))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}",
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{spec.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "_HANDLER": spec.handler,
        "LAMBDA_TASK_ROOT": str(spec.code),
        "LAMBDA_RUNTIME_DIR": str(image),
        "AWS_REGION": spec.region,
        "AWS_DEFAULT_REGION": spec.region,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": spec.access_key_id,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_EC2_METADATA_DISABLED": "true",
        **spec.environment,
    }


def _image(folder: Path) -> Path:
    """A folder with links to the few packages that Lambda's own Python image holds."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in _IMAGE_PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            continue
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        link = folder / source.name
        if not link.exists():
            _link(source, link)
    return folder


def _link(source: Path, link: Path) -> None:
    try:
        link.symlink_to(source)
    except OSError:
        if source.is_dir():
            shutil.copytree(source, link)
        else:
            shutil.copy2(source, link)


def unpack(asset: Path) -> Path:
    """The asset as a folder: itself, or a new temporary folder with the zip's content."""
    if asset.is_dir():
        return asset
    folder = Path(tempfile.mkdtemp(prefix="asset-"))
    shutil.unpack_archive(asset, folder, "zip")
    return folder
