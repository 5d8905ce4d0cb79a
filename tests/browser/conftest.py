"""A headless Chromium, and a small server that serves pages as the deployed ones are served."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, sync_playwright

from emergency.presentation.page import Page, security_headers

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@dataclass
class Site:
    """Pages by path, and the forms that were posted, oldest first."""

    address: str = ""
    pages: dict[str, Page] = field(default_factory=dict)
    posted: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)

    def show(self, path: str, page: Page) -> str:
        """Serves the page under the path; gives its address."""
        self.pages[path] = page
        return f"{self.address}{path}"


def _fields(content_type: str, body: bytes) -> dict[str, list[str]]:
    """A posted form; a file is told as its name and its text."""
    if not content_type.startswith("multipart/"):
        return parse_qs(body.decode(), keep_blank_values=True)
    fields: dict[str, list[str]] = {}
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=HTTP)
    for part in message.iter_parts():
        disposition, content = part["Content-Disposition"].params, part.get_payload(decode=True)
        assert isinstance(content, bytes)
        named = [disposition["filename"]] if "filename" in disposition else []
        fields.setdefault(disposition["name"], []).extend([*named, content.decode()])
    return fields


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(site.pages.get(self.path, Page(status=404, html="")))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            site.posted.append((self.path, _fields(self.headers["Content-Type"], body)))
            self._answer(
                site.pages.get(f"{self.path}#posted", Page(status=200, html="<!doctype html><title>posted</title>"))
            )

        def _answer(self, page: Page) -> None:
            self.send_response(page.status)
            for name, value in security_headers(page.html, page.form_action).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page.html.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Says nothing."""

    return Handler


@pytest.fixture(scope="session")
def _server() -> Iterator[Site]:
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def site(_server: Site) -> Site:
    """The site, with nothing on it yet."""
    _server.pages.clear()
    _server.posted.clear()
    return _server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium from the system's packages; the tests say so plainly where it is missing."""
    if shutil.which(CHROMIUM) is None:
        pytest.fail("The tests of the pages need Chromium: apt-get install chromium", pytrace=False)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield chromium
        chromium.close()
