"""Stand-in."""
from __future__ import annotations
from typing import Any
from werkzeug.wrappers import Request, Response
class Console:
    def __init__(self, stack: Any) -> None: self.stack = stack
    def serve(self, request: Request) -> Response: return Response("console")
