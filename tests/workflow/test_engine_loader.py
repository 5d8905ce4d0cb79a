"""Loading templates: what is understood, what is refused by name, and that homes can follow one another."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.engine.assembly import read_assembly
from local.engine.intrinsics import TemplateError
from local.engine.loader import MAKERS, NOTHING_TO_DO
from local.server import PortTakenError
from local.stack import LocalStack, LocalStackError
from tests.support.engine_app import function, machine, run, running, write_assembly

if TYPE_CHECKING:
    from pathlib import Path

QUEUE = {"Type": "AWS::SQS::Queue"}
API = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "HTTP"}}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


@pytest.mark.parametrize(
    ("resources", "says"),
    [
        ({"Disk": resource("AWS::EC2::Volume")}, r"AWS::EC2::Volume \(Disk\) is not supported"),
        ({"Queue": resource("AWS::SQS::Queue", QueueName={"Ref": "Nothing"})}, "Ref Nothing leads nowhere"),
        ({"Q": QUEUE, "R": resource("AWS::SNS::Topic", TopicName={"Fn::GetAtt": ["Q", "Size"]})}, "no attribute Size"),
        ({"Topic": resource("AWS::SNS::Topic", TopicName={"Fn::ImportValue": "x"})}, "exports x"),
        (
            {
                "A": resource("AWS::SQS::Queue", QueueName={"Fn::GetAtt": ["B", "QueueName"]}),
                "B": resource("AWS::SQS::Queue", QueueName={"Fn::GetAtt": ["A", "QueueName"]}),
            },
            "A -> B -> A go round in a circle",
        ),
        ({"F": function("f", Code={"ZipFile": "x"})}, "F is not packaged as an asset"),
        ({"F": function("f", Code={"S3Key": "other.zip"})}, "no asset other.zip"),
        ({"M": machine("m", {"StartAt": "${Nothing}", "States": {}})}, r"nothing is given for \$\{Nothing\}"),
        ({"Api": resource("AWS::ApiGatewayV2::Api", ProtocolType="WEBSOCKET")}, "only HTTP APIs"),
        ({"Api": API, "S": resource("AWS::ApiGatewayV2::Stage", StageName="v1")}, r"only the stage \$default"),
        ({"I": resource("AWS::ApiGatewayV2::Integration", IntegrationType="HTTP_PROXY")}, "only proxy integrations"),
        (
            {"M": resource("AWS::Lambda::EventSourceMapping", EventSourceArn="arn:aws:kinesis:x", FunctionName="f")},
            "maps queues and tables' streams only",
        ),
        (
            {
                "M": resource(
                    "AWS::Lambda::EventSourceMapping",
                    EventSourceArn="arn:aws:dynamodb:r:a:table/t/stream/1",
                    FunctionName="f",
                    FilterCriteria={"Filters": [{"Pattern": "{"}]},
                )
            },
            "M: a filter needs a Pattern in JSON",
        ),
    ],
)
def test_what_cannot_be_loaded_is_named(tmp_path: Path, resources: dict[str, Any], says: str) -> None:
    with pytest.raises(TemplateError, match=says), LocalStack(write_assembly(tmp_path, resources)):
        pass


def test_a_folder_without_an_assembly_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"no manifest\.json"):
        read_assembly(tmp_path)


def test_a_time_scale_is_positive(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match="greater than 0"):
        LocalStack(tmp_path, time_scale=0)


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port}"), LocalStack(write_assembly(tmp_path, {}), port=port):
            pass


def test_types_are_either_made_or_left_out() -> None:
    assert not NOTHING_TO_DO & MAKERS.keys()


def test_conditions_parameters_and_exports(tmp_path: Path) -> None:
    assembly = write_assembly(
        tmp_path,
        {
            "Queue": resource("AWS::SQS::Queue", QueueName={"Fn::Sub": "${Prefix}-${AWS::Region}"}),
            "Never": {"Type": "AWS::EC2::Volume", "Condition": "IsBig"},
            "Key": {"Type": "AWS::KMS::Key"},
            "Topic": resource("AWS::SNS::Topic", KmsMasterKeyId={"Fn::GetAtt": ["Key", "Arn"]}),
        },
        template={
            "Parameters": {"Prefix": {"Type": "String", "Default": "shop"}},
            "Conditions": {"IsBig": {"Fn::Equals": ["a", "b"]}},
            "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}, "Export": {"Name": "queue-name"}}},
        },
    )
    _add_stack(assembly, "Second", {"Topic2": resource("AWS::SNS::Topic", TopicName={"Fn::ImportValue": "queue-name"})})
    with LocalStack(assembly) as stack:
        assert [queue.rpartition(":")[2] for queue in stack.loaded.queues] == ["shop-ap-northeast-1"]
        assert [topic.rpartition(":")[2] for topic in stack.loaded.topics] == ["Fixture-Topic", "shop-ap-northeast-1"]


def _add_stack(assembly: Path, name: str, resources: dict[str, Any]) -> None:
    (assembly / f"{name}.template.json").write_text(json.dumps({"Resources": resources}))
    manifest = json.loads((assembly / "manifest.json").read_text())
    artifact = {
        "type": "aws:cloudformation:stack",
        "properties": {"templateFile": f"{name}.template.json"},
        "dependencies": ["Fixture"],
    }
    manifest["artifacts"] = {name: artifact, **manifest["artifacts"]}
    (assembly / "manifest.json").write_text(json.dumps(manifest))


def test_a_zipped_asset_is_unpacked(tmp_path: Path) -> None:
    source = "def handler(event, context):\n    return 'from the zip'\n"
    assembly = write_assembly(tmp_path, {}, {"zipped": source})
    shutil.make_archive(str(assembly / "asset.code"), "zip", assembly / "asset.code")
    shutil.rmtree(assembly / "asset.code")
    (assembly / "asset.code.zip").rename(assembly / "asset.code")
    with LocalStack(assembly) as stack:
        assert stack.invoke("zipped", {}).payload == '"from the zip"'


def test_homes_follow_one_another_and_leave_nothing(tmp_path: Path) -> None:
    before = threading.active_count()
    waits = machine("waits", {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}})
    passes = machine("passes", {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}})
    for number in range(2):
        with running(tmp_path / str(number), {"Waits": waits, "Passes": passes, "Queue": QUEUE}) as stack:
            assert run(stack, "passes", execution="same-name")["status"] == "SUCCEEDED"
            states = stack.client("stepfunctions")
            states.start_execution(stateMachineArn=stack.loaded.state_machines["waits"], name="waits")
            assert len(stack.running()) == 1
    assert threading.active_count() <= before + 2


def test_people_with_an_authenticator_app_are_enrolled(tmp_path: Path) -> None:
    generated = {"SecretStringTemplate": "{}", "GenerateStringKey": "_"}
    pages = function("pages", Environment={"Variables": {"AUTHENTICATOR_SECRET": {"Ref": "Apps"}}})
    contacts = {"head": {"second_factor": "totp"}, "deputy": {"second_factor": "code"}}
    resources = {
        "PagesFunction": pages,
        "Apps": resource("AWS::SecretsManager::Secret", GenerateSecretString=generated),
        "Other": resource("AWS::SecretsManager::Secret", GenerateSecretString={}),
    }
    files = {"emergency/compiled/plan.json": json.dumps({"contacts": contacts})}
    with running(tmp_path, resources, {"pages": "def handler(event, context): ..."}, files=files) as stack:
        secrets = stack.client("secretsmanager")
        apps, other = (stack.loaded.resources[name].ref for name in ("Apps", "Other"))
        assert json.loads(secrets.get_secret_value(SecretId=apps)["SecretString"]) == stack.totp_secrets
        assert list(stack.totp_secrets) == ["head"]
        assert len(secrets.get_secret_value(SecretId=other)["SecretString"]) > 16


def test_documents_are_locked_as_the_template_says(tmp_path: Path) -> None:
    retention = {"Mode": "GOVERNANCE", "Days": 1826}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
    properties = {
        "ObjectLockEnabled": True,
        "ObjectLockConfiguration": lock,
        "VersioningConfiguration": {"Status": "Enabled"},
    }
    with running(tmp_path, {"Archive": {"Type": "AWS::S3::Bucket", "Properties": properties}}) as stack:
        s3, (bucket,) = stack.client("s3"), stack.loaded.buckets
        version = s3.put_object(Bucket=bucket, Key="record.json", Body=b"{}")["VersionId"]
        stored = s3.head_object(Bucket=bucket, Key="record.json", VersionId=version)
        assert stored["ObjectLockMode"] == "GOVERNANCE"
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_object(Bucket=bucket, Key="record.json", VersionId=version)
