"""What API Gateway brings of a browser's request."""

from __future__ import annotations

import base64

from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2


def body_of(event: APIGatewayProxyEventV2) -> bytes:
    """The body as it was sent. Raises ValueError where it isn't encoded as the event says."""
    body = event.body or ""
    return base64.b64decode(body, validate=True) if event.is_base64_encoded else body.encode()
