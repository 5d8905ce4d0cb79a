"""The form that S3 takes from a browser, and what it brought (P6.5): the policy is what S3 holds the browser to."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from emergency.aws.uploads import FORM_LIFE, S3Uploads
from emergency.domain.attachment import MOST_UPLOADED

PREFIX = "uploads/INC-1/complete-technical_support/cto/once/"
BACK = "https://pages.example/d/link/file"


@pytest.fixture
def uploads() -> S3Uploads:
    boto3.client("s3").create_bucket(
        Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    return S3Uploads("uploads")


def policy_of(uploads: S3Uploads) -> Any:
    return json.loads(base64.b64decode(uploads.form(PREFIX, BACK).fields["policy"]))


def test_the_form_sends_the_file_under_its_prefix_and_the_browser_back(uploads: S3Uploads) -> None:
    form = uploads.form(PREFIX, BACK)
    assert form.fields["key"] == PREFIX + "${filename}"
    assert form.fields["success_action_redirect"] == BACK
    assert form.url.startswith("https://uploads.s3.ap-northeast-1.amazonaws.com")


def test_r6_the_policy_allows_this_place_this_size_and_this_way_back_and_nothing_else(uploads: S3Uploads) -> None:
    """Taken out: any one of the conditions; S3 would take files elsewhere, of any size, or send the browser away."""
    conditions = policy_of(uploads)["conditions"]
    assert ["starts-with", "$key", PREFIX] in conditions
    assert {"bucket": "uploads"} in conditions
    assert {"success_action_redirect": BACK} in conditions
    assert ["content-length-range", 1, MOST_UPLOADED] in conditions
    free = [one for one in conditions if isinstance(one, list) and one[0] == "starts-with" and one[1] != "$key"]
    assert free == []


def test_the_form_is_good_for_its_life_and_no_longer(uploads: S3Uploads) -> None:
    ends = datetime.fromisoformat(policy_of(uploads)["expiration"])
    assert abs(ends - datetime.now(UTC) - FORM_LIFE) < timedelta(minutes=1)


def test_every_field_but_the_signature_is_held_by_the_policy(uploads: S3Uploads) -> None:
    """S3 refuses a form with a field that its policy doesn't name."""
    named = {
        name.removeprefix("$").lower()
        for one in policy_of(uploads)["conditions"]
        for name in (one if isinstance(one, dict) else [one[1]] if one[0] == "starts-with" else [])
    }
    fields = {name.lower() for name in uploads.form(PREFIX, BACK).fields}
    assert fields - {"policy", "x-amz-signature"} <= named


def test_what_was_sent_is_seen_and_read(uploads: S3Uploads) -> None:
    key = PREFIX + "圖.png"
    assert uploads.look(key) is None
    assert uploads.read(key) is None
    boto3.client("s3").put_object(Bucket="uploads", Key=key, Body=b"content")
    found = uploads.look(key)
    assert found
    assert (found.key, found.name, found.size) == (key, "圖.png", 7)
    assert uploads.read(key) == b"content"


def test_a_bucket_that_does_not_answer_is_no_missing_file(uploads: S3Uploads) -> None:
    with Stubber(uploads._client) as stub:
        stub.add_client_error("head_object", service_error_code="403", http_status_code=403)
        with pytest.raises(ClientError):
            uploads.look(PREFIX + "graph.png")
