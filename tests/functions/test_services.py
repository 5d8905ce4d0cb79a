"""The adapters for mail, executions, documents and dead letters."""

from __future__ import annotations

import json
import traceback
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import boto3
import pytest
from botocore.stub import Stubber

from emergency.aws.services import S3Archive, SesPost, SqsDeadLetters, StepFunctionsWorkflow, mime_of
from emergency.domain.errors import MailRefused, PostUnavailable, WorkflowGone
from emergency.domain.plan import Plan
from emergency.domain.terms import Outcome
from emergency.ports import Mail


def mail(plan: Plan, subject: str = "【重大】結帳失敗，是否啟動預案？（INC-1）") -> Mail:
    return Mail(
        to=plan.contact("ceo"),
        subject=subject,
        html="<p>請決定</p>",
        text="請決定",
        thread="INC-1",
        name="orders/0/ceo",
        headers={"X-Emergency-Incident": "INC-1", "X-Emergency-Decision": "orders"},
    )


def parsed(raw: bytes) -> EmailMessage:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_mail_is_text_and_html_threaded_by_incident_and_tells_doubles_apart(plan: Plan) -> None:
    message = parsed(mime_of(mail(plan), plan.company))
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Subject"] == "【重大】結帳失敗，是否啟動預案？（INC-1）"
    assert message["Reply-To"] == "duty@island-shop.example"
    assert message["References"] == message["In-Reply-To"] == "<INC-1@island-shop.example>"
    assert message["X-Entity-Ref-ID"] == "orders/0/ceo"
    assert message["To"].addresses[0].display_name == "姓名 ceo"
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().strip() == "請決定"


def test_every_line_on_the_wire_is_ascii_and_short_enough(plan: Plan) -> None:
    raw = mime_of(mail(plan, subject="長" * 300), plan.company)
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_r23_a_header_cannot_be_injected(plan: Plan) -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        mime_of(mail(plan, subject="x\r\nBcc: somebody@else.example"), plan.company)


def test_ses_accepts_the_mail(plan: Plan) -> None:
    ses = boto3.client("sesv2")
    ses.create_email_identity(EmailIdentity="island-shop.example")
    assert SesPost(plan.company, "configuration").send(mail(plan))


@pytest.mark.parametrize(
    ("code", "error"), [("MessageRejected", MailRefused), ("TooManyRequestsException", PostUnavailable)]
)
def test_r3_what_ses_refuses_is_said_without_the_address(plan: Plan, code: str, error: type[Exception]) -> None:
    """What a function raises stands in its execution's history, and in its log with what it was raised from."""
    post = SesPost(plan.company, "configuration")
    with Stubber(post._client) as stub:
        said = f"Email address is not verified: {mail(plan).to.email}"
        stub.add_client_error("send_email", service_error_code=code, service_message=said)
        with pytest.raises(error) as refused:
            post.send(mail(plan))
    assert str(refused.value) == f"orders/0/ceo: {code}"
    assert mail(plan).to.email not in "".join(traceback.format_exception(refused.value))


@pytest.fixture
def machine() -> str:
    role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    created = boto3.client("stepfunctions").create_state_machine(
        name="m", definition='{"StartAt":"a","States":{"a":{"Type":"Succeed"}}}', roleArn=role
    )
    return created["stateMachineArn"]


def test_r14_an_incidents_execution_is_started_once(machine: str) -> None:
    workflow = StepFunctionsWorkflow(machine)
    for _ in range(3):
        workflow.start("INC-1")
    (execution,) = boto3.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert execution["name"] == "INC-1"


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_r10_a_workflow_that_no_longer_waits_is_said_by_one_name(code: str) -> None:
    workflow = StepFunctionsWorkflow()
    with Stubber(workflow._client) as stub:
        stub.add_client_error("send_task_success", service_error_code=code)
        with pytest.raises(WorkflowGone) as gone:
            workflow.resume("secret-token", "orders", Outcome.ACTIVATE)
    assert "secret-token" not in str(gone.value)


def test_the_workflow_hears_the_decision_and_its_outcome() -> None:
    workflow = StepFunctionsWorkflow()
    with Stubber(workflow._client) as stub:
        output = json.dumps({"decision_id": "orders", "outcome": "activate"})
        stub.add_response("send_task_success", {}, {"taskToken": "token", "output": output})
        workflow.resume("token", "orders", Outcome.ACTIVATE)
        stub.assert_no_pending_responses()


def test_the_archive_keeps_documents() -> None:
    boto3.client("s3").create_bucket(
        Bucket="archive", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    archive = S3Archive("archive")
    assert archive.get("INC-1/report.en.html") is None
    archive.put("INC-1/report.en.html", "<p>字</p>", "text/html; charset=utf-8")
    assert archive.get("INC-1/report.en.html") == "<p>字</p>".encode()


def test_a_dead_letter_tells_its_reason() -> None:
    url = boto3.client("sqs").create_queue(QueueName="dead")["QueueUrl"]
    SqsDeadLetters(url).put("{}", "$.source is missing")
    (message,) = boto3.client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert message["Body"] == "{}"
    assert message["MessageAttributes"]["reason"]["StringValue"] == "$.source is missing"
