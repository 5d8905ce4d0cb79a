"""A tiny response system for the tests of the local home: an event in, one mailed question, one answer, a report.

It has the app's shape (records, links, pages, mails) and none of its sense.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.engine_app import function, invoke, machine, write_assembly

INTAKE = """
import json, os
import boto3
table = boto3.resource("dynamodb").Table(os.environ["RECORDS_TABLE"])
states = boto3.client("stepfunctions")

def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            take(json.loads(record["body"]))
        except Exception:
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}

def take(envelope):
    key = {"pk": "SIGNAL#" + envelope["id"], "sk": "SIGNAL"}
    detail = envelope["detail"]
    if detail.get("poison"):
        raise ValueError("poison")
    if "Item" in table.get_item(Key=key):
        return
    if detail["state"]["value"] != "ALARM":
        table.put_item(Item={**key, "disposition": "ignored", "reason": "no alarm"})
        return
    incident = "INC-" + envelope["id"]
    table.put_item(Item={"pk": "INCIDENT#" + incident, "sk": "INCIDENT", "status": "active", "risk": "system_failure",
                         "severity": "SEV2", "teams": ["technical_support"], "title": {"en": "Checkout fails"}})
    table.put_item(Item={"pk": "INCIDENTS", "sk": "INCIDENT#" + incident, "incident_id": incident})
    table.put_item(Item={**key, "disposition": "opened", "incident_id": incident})
    states.start_execution(stateMachineArn=os.environ["MACHINE"], name=incident, input=json.dumps({"incident_id": incident}))
"""

ASK = """
import json, os, pathlib, secrets
from email.message import EmailMessage
import boto3
table = boto3.resource("dynamodb").Table(os.environ["RECORDS_TABLE"])
mail = boto3.client("sesv2")

def handler(event, context):
    plan = json.loads(pathlib.Path("emergency/compiled/plan.json").read_text())
    if event["operation"] == "prepare":
        return {"seconds": plan["severities"]["SEV2"]["wait"]["orders"][0]}
    incident, link = event["incident_id"], secrets.token_urlsafe(24)
    table.put_item(Item={"pk": "LINK#" + link, "sk": "LINK", "incident_id": incident})
    table.put_item(Item={"pk": "INCIDENT#" + incident, "sk": "DECISION#orders", "id": "orders", "kind": "orders",
                         "task_token": event["token"], "opened_at": "2026-11-22T12:00:00Z"})
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "plan@shop.example", "head@shop.example", "Activate the plan?"
    message["X-Emergency-Incident"], message["X-Emergency-Decision"] = incident, "orders"
    url = os.environ["PAGES_URL"] + "/d/" + link
    message.set_content("Decide: " + url + " now.")
    message.add_alternative('<p>Decide <a href="' + url + '">here</a></p>', subtype="html")
    mail.send_email(Content={"Raw": {"Data": message.as_bytes()}})
    return {}
"""

PAGE = '''
import base64, json, os
from urllib.parse import parse_qs
import boto3
table = boto3.resource("dynamodb").Table(os.environ["RECORDS_TABLE"])
states = boto3.client("stepfunctions")
FORM = """<form method="post"><input type="hidden" name="nonce" value="n1"><textarea name="comment" required></textarea>
<select name="severity"><option value="SEV2" selected>2</option><option value="SEV3">3</option></select>
<button name="outcome" value="activate">Activate the plan</button><button name="outcome" value="stand_down">Stand down</button></form>"""

def page(status, html):
    return {"statusCode": status, "headers": {"content-type": "text/html; charset=utf-8"}, "body": html, "cookies": ["seen=1; Path=/"]}

def handler(event, context):
    found = table.get_item(Key={"pk": "LINK#" + event["pathParameters"]["link"], "sk": "LINK"}).get("Item")
    if not found:
        return page(404, "<p>Unknown link</p>")
    key = {"pk": "INCIDENT#" + found["incident_id"], "sk": "DECISION#orders"}
    decision = table.get_item(Key=key)["Item"]
    if "answer" in decision:
        return page(409, "<p>Answered already</p>")
    if event["requestContext"]["http"]["method"] != "POST":
        return page(200, FORM)
    form = {name: values[0] for name, values in parse_qs(base64.b64decode(event["body"]).decode()).items()}
    if form["nonce"] != "n1" or "cookies" not in event:
        return page(400, "<p>Forged</p>")
    table.update_item(Key=key, UpdateExpression="SET answer = :a", ExpressionAttributeValues={":a": form})
    states.send_task_success(taskToken=decision["task_token"], output=json.dumps({"outcome": form["outcome"]}))
    return page(200, "<p>Thank you</p>")
'''

CLOSE = """
import os
import boto3
table = boto3.resource("dynamodb").Table(os.environ["RECORDS_TABLE"])
archive = boto3.client("s3")

def handler(event, context):
    incident = event["incident_id"]
    status = {"activate": "closed", "stand_down": "stood_down"}.get(event["outcome"], "needs_attention")
    archive.put_object(Bucket=os.environ["ARCHIVE_BUCKET"], Key=f"reports/{incident}/report.html", Body=b"<h1>Report</h1>")
    table.update_item(Key={"pk": "INCIDENT#" + incident, "sk": "INCIDENT"}, UpdateExpression="SET #s = :s",
                      ExpressionAttributeNames={"#s": "status"}, ExpressionAttributeValues={":s": status})
    return {"status": status}
"""

SETTLE = """
import os, time
import boto3
table = boto3.resource("dynamodb").Table(os.environ["RECORDS_TABLE"])

def handler(event, context):
    time.sleep(1)
    for record in event["Records"]:
        key = {name: value["S"] for name, value in record["dynamodb"]["Keys"].items()}
        table.update_item(Key=key, UpdateExpression="SET settled = :yes", ExpressionAttributeValues={":yes": True})
"""

_RETRY = [
    {
        "ErrorEquals": ["Runtime.ExitError", "Sandbox.Timedout"],
        "IntervalSeconds": 1,
        "MaxAttempts": 3,
        "BackoffRate": 1,
    }
]
_QUESTION = {
    "StartAt": "Prepare",
    "States": {
        "Prepare": invoke(
            "${Ask}",
            {"operation": "prepare"},
            Assign={"incidentId": "{% $states.input.incident_id %}", "seconds": "{% $states.result.Payload.seconds %}"},
            Retry=_RETRY,
            Next="Ask",
        ),
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Arguments": {
                "FunctionName": "${Ask}",
                "Payload": {
                    "operation": "ask",
                    "incident_id": "{% $incidentId %}",
                    "token": "{% $states.context.Task.Token %}",
                },
            },
            "TimeoutSeconds": "{% $seconds %}",
            "Retry": _RETRY,
            "Catch": [{"ErrorEquals": ["States.Timeout"], "Output": {"outcome": "silence"}, "Next": "Answered"}],
            "Next": "Answered",
        },
        "Answered": {"Type": "Succeed"},
    },
}
_RESPONSE = {
    "StartAt": "2. Orders",
    "States": {
        "2. Orders": {
            "Type": "Task",
            "Comment": "Asks the head.",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Arguments": {
                "StateMachineArn": "${Decision}",
                "Name": "{% $states.input.incident_id & '-orders' %}",
                "Input": "{% $states.input %}",
            },
            "Assign": {"incidentId": "{% $states.input.incident_id %}"},
            "Output": "{% $states.result.Output %}",
            "Next": "Both",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Work", "States": {"Work": {"Type": "Pass", "End": True}}},
                {"StartAt": "Support", "States": {"Support": {"Type": "Pass", "End": True}}},
            ],
            "Output": "{% $states.result[0] %}",
            "Next": "6. Report",
        },
        "6. Report": invoke(
            "${Close}",
            {"incident_id": "{% $incidentId %}", "outcome": "{% $states.input.outcome %}"},
            Retry=_RETRY,
            End=True,
        ),
    },
}


_JUST_CLOSED = {
    "dynamodb": {"NewImage": {"status": {"S": ["closed"]}}, "OldImage": {"status": {"S": [{"anything-but": "closed"}]}}}
}


def _arn(logical_id: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def small_response(folder: Path) -> Path:
    """Writes the small response system as a cloud assembly."""
    variables = {
        "RECORDS_TABLE": {"Ref": "Records"},
        "ARCHIVE_BUCKET": {"Ref": "Archive"},
        "PAGES_URL": {"Fn::GetAtt": ["Api", "ApiEndpoint"]},
    }
    functions = {
        f"{name.title()}Function": function(name, Environment={"Variables": variables})
        for name in ("ask", "page", "close", "settle")
    }
    intake = function("intake", Environment={"Variables": {**variables, "MACHINE": {"Ref": "Response"}}})
    integration = {"Fn::Join": ["", ["integrations/", {"Ref": "Integration"}]]}
    routes = {
        f"Route{method}": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": f"{method} /d/{{link}}", "Target": integration},
        }
        for method in ("GET", "HEAD", "POST")
    }
    resources: dict[str, Any] = {
        **functions,
        "IntakeFunction": intake,
        **routes,
        "Records": {
            "Type": "AWS::DynamoDB::GlobalTable",
            "Properties": {
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                "AttributeDefinitions": [
                    {"AttributeName": "pk", "AttributeType": "S"},
                    {"AttributeName": "sk", "AttributeType": "S"},
                ],
                "BillingMode": "PAY_PER_REQUEST",
                "Replicas": [{"Region": {"Ref": "AWS::Region"}}],
                "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            },
        },
        "Archive": {"Type": "AWS::S3::Bucket"},
        "DeadLetters": {"Type": "AWS::SQS::Queue"},
        "Signals": {
            "Type": "AWS::SQS::Queue",
            "Properties": {"RedrivePolicy": {"deadLetterTargetArn": _arn("DeadLetters"), "maxReceiveCount": 3}},
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]},
                "Targets": [{"Id": "signals", "Arn": _arn("Signals")}],
            },
        },
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": _arn("Signals"),
                "FunctionName": {"Ref": "IntakeFunction"},
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
            },
        },
        "Settling": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "EventSourceArn": {"Fn::GetAtt": ["Records", "StreamArn"]},
                "FunctionName": {"Ref": "SettleFunction"},
                "StartingPosition": "TRIM_HORIZON",
                "FilterCriteria": {"Filters": [{"Pattern": json.dumps(_JUST_CLOSED)}]},
            },
        },
        "Identity": {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": "shop.example"}},
        "Response": machine("emergency_response", _RESPONSE, Decision={"Ref": "Decision"}, Close=_arn("CloseFunction")),
        "Decision": machine("decision", _QUESTION, Ask=_arn("AskFunction")),
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "pages", "ProtocolType": "HTTP"}},
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True},
        },
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Api"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": _arn("PageFunction"),
                "PayloadFormatVersion": "2.0",
            },
        },
        "Role": {"Type": "AWS::IAM::Role", "Properties": {}},
    }
    plan = {
        "severities": {"SEV2": {"wait": {"orders": [120]}}},
        "contacts": {"head": {"email": "Head@shop.example"}},
        "playbooks": {"x": {"tasks": {"t": [{"id": "a", "within": {"SEV2": 900}}]}}},
    }
    files = {"emergency/compiled/plan.json": json.dumps(plan)}
    handlers = {"intake": INTAKE, "ask": ASK, "page": PAGE, "close": CLOSE, "settle": SETTLE}
    return write_assembly(folder, resources, handlers, files=files)


def alarm_event(event_id: str, state: str = "ALARM", **detail: Any) -> dict[str, Any]:
    """An envelope from another account and region."""
    return {
        "version": "0",
        "id": event_id,
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": "111122223333",
        "time": "2026-11-22T03:12:41Z",
        "region": "us-west-2",
        "resources": ["arn:aws:cloudwatch:us-west-2:111122223333:alarm:x"],
        "detail": {"alarmName": "x", "state": {"value": state}, **detail},
    }
