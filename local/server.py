"""The one port of the local home: AWS's API, the app's own HTTP API, and the console.

Signed requests (SigV4, or an X-Amz-Target) and forms that a browser posts to a bucket go to moto; requests that a route
of the HTTP API takes go to its function (`$default` only below the first segments of other routes, `/d/` here); what
is below `/status/` is the static site's; everything else is the console's.
"""

from __future__ import annotations

import importlib
import io
import logging
import socket
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request as WebRequest
from werkzeug.wrappers import Response as WebResponse

from local.engine.calls import Call, CallLog, Signature, read_signature
from local.engine.faults import FaultKind
from local.engine.http_api import LARGEST_BODY, TOO_LARGE, Request, Response, Route, find_app_route
from local.engine.static_site import SITE_PATH

HOST = "127.0.0.1"
_LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_SHUTDOWN_LOOK_SECONDS = 0.05
_log = logging.getLogger(__name__)

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]
Service = Callable[[str, str, str, bytes], Response]
"""Answers (method, path, query, body) of a request to a service of AWS."""


class PortTakenError(OSError):
    """Another program listens on the port already."""


class LocalServer:
    """Serves them from one port of the loopback interface.

    `services` answer instead of moto, by the name that requests are signed for. `site` answers (method, path) of a
    visitor of the static site.
    """

    def __init__(
        self,
        *,
        port: int,
        calls: CallLog,
        routes: Callable[[], Sequence[Route]],
        invoke: Callable[[Request, Route, dict[str, str]], Response],
        strikes: Callable[[Call, FaultKind, str], bool],
        buckets: Callable[[], Collection[str]],
        services: Mapping[str, Service],
        site: Callable[[str, str], Response],
        console: Callable[[WebRequest], WebResponse],
    ) -> None:
        self._calls = calls
        self._routes = routes
        self._invoke = invoke
        self._strikes = strikes
        self._buckets = buckets
        self._services = services
        self._site = site
        self._console = console
        self._aws = _moto_app()
        self._server = _listen(port, self._application)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_SHUTDOWN_LOOK_SECONDS,), name="local server", daemon=True
        )

    @property
    def port(self) -> int:
        """The port, also where 0 was asked for."""
        return int(self._server.port)

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Starts serving in the background."""
        self._thread.start()

    def close(self) -> None:
        """Stops serving."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(5)
        self._server.server_close()

    def _application(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        headers = _aws_headers(environ)
        signature = read_signature(headers, environ.get("QUERY_STRING", ""))
        if signature is not None or "x-amz-target" in headers:
            return self._aws_call(signature, headers)(environ, start_response)
        request = WebRequest(environ)
        if not _is_local(request):
            refused = WebResponse("This address answers this machine only.", 421, mimetype="text/plain")
            return refused(environ, start_response)
        if self._is_for_a_bucket(request):
            # Nothing in the request's head says that it is S3's: its signature is a field of the form.
            return self._aws(environ, start_response)
        return self._page(request)(environ, start_response)

    def _is_for_a_bucket(self, request: WebRequest) -> bool:
        is_form = request.method == "POST" and request.mimetype == "multipart/form-data"
        return is_form and request.path.strip("/") in self._buckets()

    def _aws_call(self, signature: Signature | None, headers: dict[str, str]) -> WsgiApp:
        """AWS's API; a function's call is where the function can be ordered to crash."""

        def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            call = self._recorded(signature, environ, headers)
            worker = headers.get("x-amz-security-token", "")
            if call and self._strikes(call, FaultKind.CRASH_BEFORE, worker):
                return WebResponse(status=503)(environ, start_response)
            if call and self._strikes(call, FaultKind.FAIL, worker):
                return _web_response(_FAILED)(environ, start_response)
            service = self._services.get(signature.service) if signature else None
            answer = (_served(service) if service else self._aws)(environ, start_response)
            if call:
                self._strikes(call, FaultKind.CRASH_AFTER, worker)
            return answer

        return serve

    def _recorded(self, signature: Signature | None, environ: dict[str, Any], headers: dict[str, str]) -> Call | None:
        if signature is None:
            return None
        body = b""
        if headers.get("x-amz-target", "").startswith("DynamoDB") or "form-urlencoded" in environ.get(
            "CONTENT_TYPE", ""
        ):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
        path, _, query = str(environ.get("REQUEST_URI", environ["PATH_INFO"])).partition("?")
        return self._calls.record(signature, environ["REQUEST_METHOD"], path, query, headers, body)

    def _page(self, request: WebRequest) -> WebResponse:
        path, _, query = str(request.environ.get("REQUEST_URI", request.path)).partition("?")
        if path.startswith(f"{SITE_PATH}/"):
            return _web_response(self._site(request.method, path.removeprefix(SITE_PATH)))
        found = find_app_route(self._routes(), request.method, path)
        if found is None:
            return self._console(request)
        request.max_content_length = LARGEST_BODY
        try:
            body = request.get_data()
        except RequestEntityTooLarge:
            return _web_response(TOO_LARGE)
        incoming = Request(
            method=request.method,
            path=path,
            query=query,
            headers=tuple((name, value) for name, value in request.headers.items()),
            body=body,
            host=request.host,
        )
        return _web_response(self._invoke(incoming, *found))


_FAILED = Response(
    500,
    (("content-type", "application/json"), ("x-amzn-errortype", "InternalServiceException")),
    b'{"__type":"InternalServiceException","message":"An internal error, as the rehearsal ordered."}',
)


def _served(service: Service) -> WsgiApp:
    def serve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = WebRequest(environ)
        path, _, query = str(environ.get("REQUEST_URI", request.path)).partition("?")
        return _web_response(service(request.method, path, query, request.get_data()))(environ, start_response)

    return serve


def _web_response(answer: Response) -> WebResponse:
    response = WebResponse(answer.body, answer.status)
    response.headers.clear()
    for name, value in answer.headers:
        response.headers.add(name, value)
    response.content_length = len(answer.body)
    return response


def _is_local(request: WebRequest) -> bool:
    # A page elsewhere on the web must not reach the console through a name that it points at this machine.
    return request.host.rpartition(":")[0] in _LOCAL_NAMES or request.host in _LOCAL_NAMES


def _aws_headers(environ: dict[str, Any]) -> dict[str, str]:
    names = ("authorization", "x-amz-target", "x-amz-copy-source", "x-amz-security-token")
    keys = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in names}
    return {name: str(environ[key]) for name, key in keys.items() if key in environ}


def _moto_app() -> WsgiApp:
    module: Any = importlib.import_module("moto.moto_server.werkzeug_app")
    app: WsgiApp = module.DomainDispatcherApplication(module.create_backend_app)
    return app


def check_port(port: int) -> None:
    """Raises PortTakenError where another program listens on the port already."""
    _bound(port).close()


def _listen(port: int, application: WsgiApp) -> BaseWSGIServer:
    # The socket is opened here, as werkzeug ends the whole process where the port is taken.
    listener = _bound(port)
    bound_port = listener.getsockname()[1]
    server = make_server(
        HOST, bound_port, application, threaded=True, request_handler=_handler_class(), fd=listener.fileno()
    )
    listener.close()
    return server


def _bound(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(256)
    except OSError as error:
        listener.close()
        raise PortTakenError(f"port {port} of {HOST} is not free: {error.strerror}") from error
    return listener


def _handler_class() -> type[WSGIRequestHandler]:
    base: type[WSGIRequestHandler] = importlib.import_module("moto.moto_server.werkzeug_app").MotoRequestHandler

    class Handler(base):  # type: ignore[misc, valid-type]
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def handle_expect_100(self) -> bool:
            # Who puts a file into S3 waits a second for this word before they send it all the same.
            go_on = bool(super().handle_expect_100())
            self.wfile.flush()
            return go_on

        def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's own name
            level = logging.WARNING if type == "error" else logging.DEBUG
            _log.log(level, message, *args)

    return Handler
