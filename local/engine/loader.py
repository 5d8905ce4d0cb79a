"""Loads the synthesised templates into the loopback AWS, resource by resource, in the order of their references.

Each supported type has one function that makes the resource and tells what Ref and GetAtt give. A type that needs
nothing here stands in NOTHING_TO_DO; any other type is an error that names it.
"""

from __future__ import annotations

import io
import json
import re
import secrets
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.engine.assembly import StackTemplate
from local.engine.delivery import Home, QueueMapping
from local.engine.http_api import Route
from local.engine.intrinsics import Scope, TemplateError, condition_holds, resolve
from local.engine.lambda_runtime import FunctionSpec, unpack
from local.engine.mail_events import MailEventDestination
from local.engine.static_site import SITE_PATH, StaticSite, read_distribution, read_headers_policy
from local.engine.streams import StreamMapping

NOTHING_TO_DO = frozenset(
    {
        "AWS::ApiGatewayV2::ApiMapping",
        "AWS::Budgets::Budget",
        "AWS::CDK::Metadata",
        "AWS::CloudFront::CachePolicy",
        "AWS::CloudFront::OriginAccessControl",
        "AWS::CloudWatch::Dashboard",
        "AWS::DynamoDB::ResourcePolicy",
        "AWS::Events::Archive",
        "AWS::Events::EventBusPolicy",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IAM::ServiceLinkedRole",
        "AWS::KMS::Alias",
        "AWS::KMS::Key",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::Logs::LogStream",
        "AWS::Logs::MetricFilter",
        "AWS::Logs::QueryDefinition",
        "AWS::Logs::ResourcePolicy",
        "AWS::Logs::SubscriptionFilter",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::XRay::Group",
        "AWS::XRay::SamplingRule",
    }
)
"""Types that the local home does without: it enforces no permissions, and keeps logs and metrics its own way."""

ROLE = "local"
"""The one role that functions and state machines take on; it has to exist before a stack is loaded."""

_FUNCTION_NAME = re.compile(r":function:([^/:]+)")


@dataclass(frozen=True)
class Physical:
    """What stands behind a logical id: the value of Ref, and of GetAtt by attribute."""

    ref: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Loaded:
    """What loading found that the engine itself has to run.

    Attributes:
        queues: The ARNs of all queues.
        places: The accounts and regions in which there are stacks.
    """

    functions: list[FunctionSpec] = field(default_factory=list)
    mappings: list[QueueMapping] = field(default_factory=list)
    stream_mappings: list[StreamMapping] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)
    buckets: list[str] = field(default_factory=list)
    queues: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    state_machines: dict[str, str] = field(default_factory=dict)
    alarms: list[str] = field(default_factory=list)
    mail_event_destinations: list[MailEventDestination] = field(default_factory=list)
    sites: list[StaticSite] = field(default_factory=list)
    resources: dict[str, Physical] = field(default_factory=dict)
    places: set[Home] = field(default_factory=set)


class Loader:
    """Loads stacks one after another; later ones see the exports of earlier ones."""

    def __init__(
        self,
        *,
        home: Home,
        endpoint: str,
        client: Callable[[str, Home], Any],
        prepare_code: Callable[[Path], Path] = unpack,
    ) -> None:
        self.home = home
        self.endpoint = endpoint
        self.client = client
        self.prepare_code = prepare_code
        self.loaded = Loaded()
        self._exports: dict[str, Any] = {}

    def load(self, stack: StackTemplate) -> None:
        """Makes every resource of the stack. Raises TemplateError."""
        loading = _StackLoading(self, stack, self._exports)
        loading.run()
        self.loaded.resources |= loading.made
        self.loaded.places.add(loading.home)


def place_of(stack: StackTemplate, home: Home) -> Home:
    """Where the stack goes: where it is bound to, or to the home."""
    return Home(account=stack.place[0], region=stack.place[1]) if stack.place else home


def stack_id(home: Home, name: str) -> str:
    """What CloudFormation would call the stack."""
    return f"arn:aws:cloudformation:{home.region}:{home.account}:stack/{name}/local"


class _StackLoading:
    def __init__(self, loader: Loader, stack: StackTemplate, exports: dict[str, Any]) -> None:
        self.loader = loader
        self.stack = stack
        self.home = place_of(stack, loader.home)
        self.made: dict[str, Physical] = {}
        self._exports = exports
        self._under_way: list[str] = []
        self._resources: Mapping[str, Any] = stack.template.get("Resources", {})
        self._parameters: Mapping[str, Any] = stack.template.get("Parameters", {})
        self.scope = Scope(
            ref=self._ref,
            get_att=self._get_att,
            import_value=self._import,
            mappings=stack.template.get("Mappings", {}),
            conditions=stack.template.get("Conditions", {}),
        )

    def run(self) -> None:
        for logical_id in self._resources:
            if self._is_wanted(logical_id):
                self._make(logical_id)
        for output in self.stack.template.get("Outputs", {}).values():
            if "Export" in output:
                name = str(resolve(output["Export"]["Name"], self.scope))
                self._exports[name] = resolve(output["Value"], self.scope)

    def _is_wanted(self, logical_id: str) -> bool:
        condition = self._resources[logical_id].get("Condition")
        return condition is None or condition_holds(condition, self.scope)

    def _make(self, logical_id: str) -> Physical:
        if logical_id in self.made:
            return self.made[logical_id]
        if logical_id in self._under_way:
            raise TemplateError(" -> ".join([*self._under_way, logical_id]) + " go round in a circle")
        resource = self._resources[logical_id]
        kind = str(resource["Type"])
        self._under_way.append(logical_id)
        try:
            if kind in NOTHING_TO_DO:
                physical = _stand_in(self, logical_id, kind)
            elif kind in MAKERS:
                properties = resolve(resource.get("Properties", {}), self.scope)
                physical = MAKERS[kind](Making(self, logical_id, properties))
            else:
                raise TemplateError(f"{kind} ({logical_id}) is not supported by the local home")
        finally:
            self._under_way.pop()
        self.made[logical_id] = physical
        return physical

    def _ref(self, name: str) -> Any:
        pseudo = self._pseudo_parameters()
        if name in pseudo:
            return pseudo[name]
        if name in self._parameters:
            return self._parameters[name].get("Default", "")
        if name in self._resources:
            return self._make(name).ref
        raise TemplateError(f"Ref {name} leads nowhere in {self.stack.name}")

    def _pseudo_parameters(self) -> Mapping[str, str]:
        home = self.home
        return {
            "AWS::AccountId": home.account,
            "AWS::Region": home.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.stack.name,
            "AWS::StackId": stack_id(home, self.stack.name),
        }

    def _get_att(self, logical_id: str, attribute: str) -> Any:
        if logical_id not in self._resources:
            raise TemplateError(f"GetAtt {logical_id}.{attribute} leads nowhere in {self.stack.name}")
        attributes = self._make(logical_id).attributes
        if attribute not in attributes:
            kind = self._resources[logical_id]["Type"]
            raise TemplateError(f"the local {kind} ({logical_id}) has no attribute {attribute}")
        return attributes[attribute]

    def _import(self, name: str) -> Any:
        if name not in self._exports:
            raise TemplateError(f"no stack loaded before {self.stack.name} exports {name}")
        return self._exports[name]


@dataclass(frozen=True)
class Making:
    """One resource being made: its stack, logical id and resolved properties."""

    loading: _StackLoading
    logical_id: str
    properties: Mapping[str, Any]

    @property
    def home(self) -> Home:
        """The account and region."""
        return self.loading.home

    @property
    def loaded(self) -> Loaded:
        """Where the engine finds what it has to run."""
        return self.loading.loader.loaded

    def client(self, service: str) -> Any:
        """A client of the loopback AWS."""
        return self.loading.loader.client(service, self.home)

    def name(self, given: str, limit: int = 64) -> str:
        """The declared name, or one made of stack and logical id."""
        declared = self.properties.get(given)
        return str(declared) if declared else f"{self.loading.stack.name}-{self.logical_id}"[-limit:].strip("-")

    def arn(self, service: str, resource: str) -> str:
        """An ARN in the stack's account and region."""
        return f"arn:aws:{service}:{self.home.region}:{self.home.account}:{resource}"

    def here(self, text: str) -> str:
        """The text with the addresses of distributions as they are on this machine."""
        for site in self.loaded.sites:
            text = text.replace(f"https://{site.domain}", self.loading.loader.endpoint + SITE_PATH)
        return text

    def require(self, name: str) -> Any:
        """A property that the resource can't do without. Raises TemplateError."""
        if name not in self.properties:
            raise TemplateError(f"{self.logical_id} has no {name}")
        return self.properties[name]


def _stand_in(loading: _StackLoading, logical_id: str, kind: str) -> Physical:
    home = loading.home
    service = kind.split("::")[1].lower()
    arn = f"arn:aws:{service}:{home.region}:{home.account}:{logical_id}"
    if kind == "AWS::IAM::Role":
        arn = f"arn:aws:iam::{home.account}:role/{logical_id}"
    if kind == "AWS::Logs::LogGroup":
        arn = f"arn:aws:logs:{home.region}:{home.account}:log-group:{logical_id}:*"
    if kind == "AWS::KMS::Key":
        arn = f"arn:aws:kms:{home.region}:{home.account}:key/{logical_id}"
    attributes = {"Arn": arn, "Id": logical_id, "KeyId": logical_id, "RoleId": logical_id, "PolicyArn": arn}
    return Physical(logical_id, attributes)


def _table(making: Making) -> Physical:
    name = making.name("TableName", 255)
    copied = ("KeySchema", "AttributeDefinitions", "BillingMode", "StreamSpecification", "LocalSecondaryIndexes")
    request = {key: making.properties[key] for key in copied if key in making.properties}
    indexes = making.properties.get("GlobalSecondaryIndexes")
    if indexes:
        wanted = ("IndexName", "KeySchema", "Projection")
        request["GlobalSecondaryIndexes"] = [{key: index[key] for key in wanted} for index in indexes]
    if "StreamSpecification" in request:
        request["StreamSpecification"] = {"StreamEnabled": True, **request["StreamSpecification"]}
    request["BillingMode"] = "PAY_PER_REQUEST"
    table = making.client("dynamodb").create_table(TableName=name, **request)["TableDescription"]
    _time_to_live(making, name)
    making.loaded.tables.append(name)
    attributes = {"Arn": table["TableArn"], "TableId": table.get("TableId", name)}
    return Physical(name, attributes | {"StreamArn": table.get("LatestStreamArn", "")})


def _time_to_live(making: Making, table: str) -> None:
    specification = making.properties.get("TimeToLiveSpecification")
    if specification:
        wanted = {"Enabled": bool(specification.get("Enabled")), "AttributeName": specification["AttributeName"]}
        making.client("dynamodb").update_time_to_live(TableName=table, TimeToLiveSpecification=wanted)


def _bucket(making: Making) -> Physical:
    name = making.name("BucketName", 63).lower()
    request: dict[str, Any] = {"Bucket": name}
    if making.home.region != "us-east-1":
        request["CreateBucketConfiguration"] = {"LocationConstraint": making.home.region}
    if making.properties.get("ObjectLockEnabled"):
        request["ObjectLockEnabledForBucket"] = True
    s3 = making.client("s3")
    s3.create_bucket(**request)
    versioning = making.properties.get("VersioningConfiguration")
    if versioning:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    lock = making.properties.get("ObjectLockConfiguration")
    if lock:
        s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=lock)
    making.loaded.buckets.append(name)
    domain = f"{name}.s3.amazonaws.com"
    attributes = {"Arn": f"arn:aws:s3:::{name}", "DomainName": domain, "RegionalDomainName": domain}
    return Physical(name, attributes)


def _distribution(making: Making) -> Physical:
    if making.loaded.sites:
        raise TemplateError(f"{making.logical_id}: only one distribution is supported locally")
    # Names in small letters, as addresses have them.
    domain = f"{making.logical_id.lower()}.cloudfront.net"
    try:
        site = read_distribution(
            making.require("DistributionConfig"),
            domain,
            {f"{name}.s3.amazonaws.com": name for name in making.loaded.buckets},
            {made.ref: made.attributes.get(_HEADERS, ()) for made in making.loading.made.values()},
        )
    except ValueError as error:
        raise TemplateError(f"{making.logical_id}: {error}") from None
    making.loaded.sites.append(site)
    arn = f"arn:aws:cloudfront::{making.home.account}:distribution/{making.logical_id}"
    return Physical(making.logical_id, {"DomainName": domain, "Id": making.logical_id, "Arn": arn})


_HEADERS = "local: headers"


def _response_headers_policy(making: Making) -> Physical:
    headers = read_headers_policy(making.require("ResponseHeadersPolicyConfig"))
    return Physical(making.logical_id, {"Id": making.logical_id, _HEADERS: headers})


def _queue(making: Making) -> Physical:
    name = making.name("QueueName", 80)
    attributes = {
        key: str(making.properties[key])
        for key in ("VisibilityTimeout", "MessageRetentionPeriod")
        if key in making.properties
    }
    redrive = making.properties.get("RedrivePolicy")
    if redrive:
        attributes["RedrivePolicy"] = json.dumps(redrive)
    url = making.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = making.arn("sqs", name)
    making.loaded.queues.append(arn)
    return Physical(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})


def _topic(making: Making) -> Physical:
    name = making.name("TopicName", 256)
    sns = making.client("sns")
    arn = sns.create_topic(Name=name)["TopicArn"]
    for subscription in making.properties.get("Subscription") or []:
        sns.subscribe(TopicArn=arn, Protocol=subscription["Protocol"], Endpoint=subscription["Endpoint"])
    making.loaded.topics.append(arn)
    return Physical(arn, {"TopicArn": arn, "TopicName": name})


def _subscription(making: Making) -> Physical:
    request = {"TopicArn": making.require("TopicArn"), "Protocol": making.require("Protocol")}
    arn = making.client("sns").subscribe(**request, Endpoint=making.require("Endpoint"), ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]
    return Physical(arn, {"Arn": arn})


def _function(making: Making) -> Physical:
    name = making.name("FunctionName")
    properties = making.properties
    arn = making.arn("lambda", f"function:{name}")
    code = properties.get("Code") or {}
    if "S3Key" not in code:
        raise TemplateError(f"the function {making.logical_id} is not packaged as an asset")
    folder = making.loading.loader.prepare_code(making.loading.stack.asset(code["S3Key"]))
    spec = FunctionSpec(
        name=name,
        handler=str(making.require("Handler")),
        code=folder,
        arn=arn,
        region=making.home.region,
        timeout=float(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
        runtime=str(properties.get("Runtime", "python3.13")),
        environment={
            key: making.here(str(value))
            for key, value in (properties.get("Environment") or {}).get("Variables", {}).items()
        },
    )
    making.client("lambda").create_function(
        FunctionName=name,
        Runtime=spec.runtime,
        Role=f"arn:aws:iam::{making.home.account}:role/{ROLE}",
        Handler=spec.handler,
        Timeout=int(spec.timeout),
        MemorySize=spec.memory,
        Environment={"Variables": dict(spec.environment)},
        Code={"ZipFile": _EMPTY_ZIP},
    )
    making.loaded.functions.append(spec)
    return Physical(name, {"Arn": arn})


def _empty_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("README", "The code runs from the packaged asset on disk.")
    return content.getvalue()


_EMPTY_ZIP = _empty_zip()


def _event_source_mapping(making: Making) -> Physical:
    source = str(making.require("EventSourceArn"))
    if making.properties.get("Enabled") is False:
        return Physical(making.logical_id, {"Id": making.logical_id})
    if ":sqs:" in source:
        making.loaded.mappings.append(_queue_mapping(making, source))
    elif ":dynamodb:" in source:
        making.loaded.stream_mappings.append(_stream_mapping(making, source))
    else:
        raise TemplateError(f"{making.logical_id}: the local home maps queues and tables' streams only, not {source}")
    return Physical(making.logical_id, {"Id": making.logical_id})


def _queue_mapping(making: Making, queue: str) -> QueueMapping:
    return QueueMapping(
        queue_arn=queue,
        function=_mapped_function(making),
        batch_size=min(int(making.properties.get("BatchSize", 10)), 10),
        partial_failures=_reports_partial_failures(making),
    )


def _stream_mapping(making: Making, stream: str) -> StreamMapping:
    properties = making.properties
    destination = (properties.get("DestinationConfig") or {}).get("OnFailure") or {}
    retries = int(properties.get("MaximumRetryAttempts", _UNLIMITED))
    max_age = float(properties.get("MaximumRecordAgeInSeconds", _UNLIMITED))
    return StreamMapping(
        stream_arn=stream,
        function=_mapped_function(making),
        batch_size=int(properties.get("BatchSize", 100)),
        patterns=_filter_patterns(making),
        partial_failures=_reports_partial_failures(making),
        bisects=bool(properties.get("BisectBatchOnFunctionError")),
        retries=None if retries == _UNLIMITED else retries,
        max_age=None if max_age == _UNLIMITED else max_age,
        on_failure=str(destination.get("Destination") or ""),
    )


_UNLIMITED = -1


def _mapped_function(making: Making) -> str:
    return str(making.require("FunctionName")).rpartition(":")[2]


def _reports_partial_failures(making: Making) -> bool:
    return "ReportBatchItemFailures" in (making.properties.get("FunctionResponseTypes") or [])


def _filter_patterns(making: Making) -> tuple[Mapping[str, Any], ...]:
    filters = (making.properties.get("FilterCriteria") or {}).get("Filters") or []
    try:
        return tuple(json.loads(each["Pattern"]) for each in filters)
    except (KeyError, TypeError, ValueError):
        raise TemplateError(f"{making.logical_id}: a filter needs a Pattern in JSON") from None


def _rule(making: Making) -> Physical:
    name = making.name("Name")
    events = making.client("events")
    request: dict[str, Any] = {"Name": name, "State": making.properties.get("State", "ENABLED")}
    if "EventPattern" in making.properties:
        request["EventPattern"] = json.dumps(making.properties["EventPattern"])
    for key in ("ScheduleExpression", "Description", "EventBusName"):
        if key in making.properties:
            request[key] = making.properties[key]
    arn = events.put_rule(**request)["RuleArn"]
    bus = {"EventBusName": request["EventBusName"]} if "EventBusName" in request else {}
    targets = making.properties.get("Targets")
    if targets:
        events.put_targets(Rule=name, Targets=targets, **bus)
    return Physical(name, {"Arn": arn})


def _event_bus(making: Making) -> Physical:
    name = making.name("Name")
    arn = making.client("events").create_event_bus(Name=name)["EventBusArn"]
    return Physical(name, {"Arn": arn, "Name": name})


def _state_machine(making: Making) -> Physical:
    name = making.name("StateMachineName", 80)
    arn = making.client("stepfunctions").create_state_machine(
        name=name,
        definition=_definition(making),
        roleArn=f"arn:aws:iam::{making.home.account}:role/{ROLE}",
        type=making.properties.get("StateMachineType", "STANDARD"),
    )["stateMachineArn"]
    making.loaded.state_machines[name] = arn
    return Physical(arn, {"Arn": arn, "Name": name})


def _definition(making: Making) -> str:
    properties = making.properties
    if "DefinitionString" in properties:
        text = str(properties["DefinitionString"])
    elif "Definition" in properties:
        text = json.dumps(properties["Definition"])
    elif "DefinitionS3Location" in properties:
        key = properties["DefinitionS3Location"]["Key"]
        text = making.loading.stack.asset(key).read_text("utf-8")
    else:
        raise TemplateError(f"{making.logical_id} has no definition")
    for name, value in (properties.get("DefinitionSubstitutions") or {}).items():
        text = text.replace("${" + name + "}", str(value))
    left = re.search(r"\$\{(\w+)\}", text)
    if left:
        raise TemplateError(f"{making.logical_id}: nothing is given for {left.group(0)} of its definition")
    return text


def _api(making: Making) -> Physical:
    if making.properties.get("ProtocolType", "HTTP") != "HTTP":
        raise TemplateError(f"{making.logical_id}: only HTTP APIs are supported locally")
    endpoint = making.loading.loader.endpoint
    return Physical(making.logical_id, {"ApiEndpoint": endpoint, "ApiId": making.logical_id})


def _stage(making: Making) -> Physical:
    name = str(making.properties.get("StageName", "$default"))
    if name != "$default":
        raise TemplateError(f"{making.logical_id}: only the stage $default is supported locally, not {name}")
    return Physical(name, {})


def _integration(making: Making) -> Physical:
    uri = str(making.properties.get("IntegrationUri", ""))
    match = _FUNCTION_NAME.search(uri)
    if making.properties.get("IntegrationType") != "AWS_PROXY" or not match:
        raise TemplateError(f"{making.logical_id}: only proxy integrations of functions are supported locally")
    if str(making.properties.get("PayloadFormatVersion", "1.0")) != "2.0":
        raise TemplateError(f"{making.logical_id}: only payload format 2.0 is supported locally")
    return Physical(making.logical_id, {_TARGET: match.group(1)})


_TARGET = "local: function"


def _route(making: Making) -> Physical:
    integration = str(making.require("Target")).rpartition("/")[2]
    target = making.loading.made.get(integration)
    if target is None or _TARGET not in target.attributes:
        raise TemplateError(f"{making.logical_id}: its target {integration} is no integration")
    route = Route.parse(str(making.require("RouteKey")), target.attributes[_TARGET], str(making.require("ApiId")))
    making.loaded.routes.append(route)
    return Physical(making.logical_id, {"RouteId": making.logical_id})


def _email_identity(making: Making) -> Physical:
    identity = str(making.require("EmailIdentity"))
    making.client("sesv2").create_email_identity(EmailIdentity=identity)
    tokens = {
        f"DkimDNSToken{part}{number}": f"local{number}.dkim.example"
        for part in ("Name", "Value")
        for number in (1, 2, 3)
    }
    return Physical(identity, {"EmailIdentityArn": making.arn("ses", f"identity/{identity}"), **tokens})


def _configuration_set(making: Making) -> Physical:
    name = making.name("Name")
    making.client("sesv2").create_configuration_set(ConfigurationSetName=name)
    return Physical(name, {})


def _mail_event_destination(making: Making) -> Physical:
    destination = making.require("EventDestination")
    bus = (destination.get("EventBridgeDestination") or {}).get("EventBusArn")
    if bus and destination.get("Enabled", True):
        making.loaded.mail_event_destinations.append(
            MailEventDestination.of(
                str(making.require("ConfigurationSetName")),
                str(bus).rpartition("/")[2],
                destination["MatchingEventTypes"],
            )
        )
    return Physical(making.logical_id, {"Id": making.logical_id})


def _secret(making: Making) -> Physical:
    name = making.name("Name", 512)
    generated = making.properties.get("GenerateSecretString")
    text = making.properties.get("SecretString")
    if generated is not None:
        key, fresh = generated.get("GenerateStringKey"), secrets.token_urlsafe(24)
        template = json.loads(generated.get("SecretStringTemplate") or "{}")
        text = fresh if key is None else json.dumps({**template, key: fresh})
    value = {"SecretString": text} if text else {}
    arn = making.client("secretsmanager").create_secret(Name=name, **value)["ARN"]
    return Physical(arn, {"Id": arn})


_ALARM_KEYS = (
    "AlarmDescription",
    "ActionsEnabled",
    "OKActions",
    "AlarmActions",
    "InsufficientDataActions",
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "Metrics",
)


def _alarm(making: Making) -> Physical:
    name = making.name("AlarmName", 255)
    request = {key: making.properties[key] for key in _ALARM_KEYS if key in making.properties}
    making.client("cloudwatch").put_metric_alarm(AlarmName=name, **request)
    making.loaded.alarms.append(name)
    return Physical(name, {"Arn": making.arn("cloudwatch", f"alarm:{name}")})


def _composite_alarm(making: Making) -> Physical:
    name = making.name("AlarmName", 255)
    making.client("cloudwatch").put_composite_alarm(AlarmName=name, AlarmRule=making.require("AlarmRule"))
    making.loaded.alarms.append(name)
    return Physical(name, {"Arn": making.arn("cloudwatch", f"alarm:{name}")})


MAKERS: Mapping[str, Callable[[Making], Physical]] = {
    "AWS::ApiGatewayV2::Api": _api,
    "AWS::ApiGatewayV2::Integration": _integration,
    "AWS::ApiGatewayV2::Route": _route,
    "AWS::ApiGatewayV2::Stage": _stage,
    "AWS::CloudFront::Distribution": _distribution,
    "AWS::CloudFront::ResponseHeadersPolicy": _response_headers_policy,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::CompositeAlarm": _composite_alarm,
    "AWS::DynamoDB::GlobalTable": _table,
    "AWS::DynamoDB::Table": _table,
    "AWS::Events::EventBus": _event_bus,
    "AWS::Events::Rule": _rule,
    "AWS::Lambda::EventSourceMapping": _event_source_mapping,
    "AWS::Lambda::Function": _function,
    "AWS::S3::Bucket": _bucket,
    "AWS::SES::ConfigurationSet": _configuration_set,
    "AWS::SES::ConfigurationSetEventDestination": _mail_event_destination,
    "AWS::SES::EmailIdentity": _email_identity,
    "AWS::SecretsManager::Secret": _secret,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::Topic": _topic,
    "AWS::SQS::Queue": _queue,
    "AWS::StepFunctions::StateMachine": _state_machine,
}
"""What the local home can make, by resource type."""
