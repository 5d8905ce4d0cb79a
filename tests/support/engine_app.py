"""A small app for the engine's own tests: hand-written templates and handlers, written out as a cloud assembly."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.stack import LocalStack

Resources = dict[str, Any]


def write_assembly(
    folder: Path,
    resources: Resources,
    handlers: Mapping[str, str] | None = None,
    *,
    files: Mapping[str, str] | None = None,
    template: Mapping[str, Any] | None = None,
) -> Path:
    """Writes a cdk.out with one stack. `handlers` maps a function folder to the source of its handler.py."""
    assembly = folder / "cdk.out"
    asset = assembly / "asset.code"
    asset.mkdir(parents=True)
    for name, source in (handlers or {}).items():
        package = asset / name
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / "handler.py").write_text(textwrap.dedent(source))
    for path, content in (files or {}).items():
        (asset / path).parent.mkdir(parents=True, exist_ok=True)
        (asset / path).write_text(content)
    functions = {f"{name.title()}Function": function(name) for name in handlers or {}}
    body = {"Resources": functions | resources, **(template or {})}
    (assembly / "Fixture.template.json").write_text(json.dumps(body))
    destination = {"local": {"bucketName": "assets", "objectKey": "code.zip"}}
    assets = {"files": {"code": {"source": {"path": "asset.code"}, "destinations": destination}}}
    (assembly / "Fixture.assets.json").write_text(json.dumps(assets))
    artifacts = {
        "Fixture.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Fixture.assets.json"}},
        "Fixture": {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": "Fixture.template.json", "stackName": "Fixture"},
            "dependencies": ["Fixture.assets"],
        },
    }
    (assembly / "manifest.json").write_text(json.dumps({"version": "55.0.0", "artifacts": artifacts}))
    return assembly


def function(name: str, **properties: Any) -> dict[str, Any]:
    """A function whose handler is <name>/handler.py."""
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Handler": f"{name}.handler.handler",
            "Runtime": "python3.13",
            "Timeout": 10,
            "Role": "arn:aws:iam::123456789012:role/x",
            "Code": {"S3Bucket": "assets", "S3Key": "code.zip"},
            **properties,
        },
    }


def machine(name: str, definition: Mapping[str, Any], **substitutions: Any) -> dict[str, Any]:
    """A JSONata state machine."""
    text = json.dumps({"QueryLanguage": "JSONata", **definition})
    return {
        "Type": "AWS::StepFunctions::StateMachine",
        "Properties": {
            "StateMachineName": name,
            "DefinitionString": text,
            "DefinitionSubstitutions": substitutions,
        },
    }


def invoke(function_name: str, payload: Any, **state: Any) -> dict[str, Any]:
    """A Task state that invokes a function."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function_name, "Payload": payload},
        **state,
    }


@contextmanager
def running(
    folder: Path, resources: Resources, handlers: Mapping[str, str] | None = None, **options: Any
) -> Iterator[LocalStack]:
    """The fixture app, running."""
    time_scale = options.pop("time_scale", 1)
    with LocalStack(write_assembly(folder, resources, handlers, **options), time_scale=time_scale) as stack:
        yield stack


def run(
    stack: LocalStack, name: str, given: Any = None, *, timeout: float = 20, execution: str = "test"
) -> dict[str, Any]:
    """Starts an execution and waits for its end; gives DescribeExecution's answer."""
    states = stack.client("stepfunctions")
    arn = states.start_execution(
        stateMachineArn=stack.loaded.state_machines[name], name=execution, input=json.dumps(given or {})
    )["executionArn"]
    return finished(stack, arn, timeout=timeout)


def finished(stack: LocalStack, arn: str, *, timeout: float = 20) -> dict[str, Any]:
    """Waits for the execution's end; gives DescribeExecution's answer."""
    states = stack.client("stepfunctions")
    stack.wait_until(lambda: states.describe_execution(executionArn=arn)["status"] != "RUNNING", timeout, arn)
    answer: dict[str, Any] = states.describe_execution(executionArn=arn)
    return answer
