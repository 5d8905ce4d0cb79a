"""Signals of other regions and accounts: forwarded by a small stack there, taken in by the home, lost nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from emergency.domain.plan import Plan
from infra.checks.template import check_template
from infra.context import UnusableContext
from infra.fleet import Place, read_fleet
from infra.forwarding import Forwarding
from infra.sources import REPOSITORY
from infra.stack import StackSettings
from tests.infra.conftest import HOME, MONITORED, OTHER, STACKS, unbundled
from tests.infra.template import Properties, Template, actions, allowed, listed, places
from tests.infra.test_intake import PASSED_BY, TAKEN

CHINA = {"account": "111122223333", "region": "cn-north-1"}
BUS = "event-bus/default"


@pytest.fixture(scope="session")
def china(tmp_path_factory: pytest.TempPathFactory, company: Plan) -> Template:
    """Without a home: no region of China has SES."""
    folder = tmp_path_factory.mktemp("china") / "cdk.out"
    app = App(outdir=str(folder), context=json.loads((REPOSITORY / "cdk.json").read_text(encoding="utf-8"))["context"])
    place = Place(account=OTHER, region="cn-northwest-1")
    Forwarding(app, settings=StackSettings(), home=Place(**CHINA), place=place, plan=company)
    app.synth()
    return Template.read(folder, "EmergencyResponse-Forwarding-444455556666-cn-northwest-1")


@pytest.fixture(scope="session", params=STACKS)
def forwarding(fleet: Path, request: pytest.FixtureRequest) -> Template:
    return Template.read(fleet, request.param)


def test_each_stack_goes_to_its_place_and_the_home_to_its_own(fleet: Path) -> None:
    artifacts = json.loads((fleet / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    stacks = {name: a for name, a in artifacts.items() if a["type"] == "aws:cloudformation:stack"}
    assert {name: stack["environment"] for name, stack in stacks.items()} == {
        "EmergencyResponse": "aws://111122223333/ap-southeast-1",
        STACKS[0]: "aws://111122223333/ap-northeast-1",
        STACKS[1]: "aws://444455556666/ap-northeast-1",
        STACKS[2]: "aws://444455556666/ap-southeast-1",
    }
    assert {stacks[name]["properties"]["stackName"] for name in STACKS} == {"EmergencyResponse-Forwarding"}
    assert all(stack["properties"]["terminationProtection"] for stack in stacks.values())


@pytest.mark.parametrize("name", TAKEN)
def test_a_monitored_place_forwards_what_the_home_takes(forwarding: Template, name: str) -> None:
    assert len(forwarding.rules_that_match(TAKEN[name])) == 1


@pytest.mark.parametrize("name", PASSED_BY)
def test_a_monitored_place_forwards_nothing_else(forwarding: Template, name: str) -> None:
    assert not forwarding.rules_that_match(PASSED_BY[name])


def test_every_rule_hands_the_event_as_it_is_to_the_home_s_bus_and_to_nothing_else(forwarding: Template) -> None:
    for rule in forwarding.of_type("AWS::Events::Rule").values():
        (target,) = rule["Targets"]
        assert target["Arn"] == f"arn:aws:events:ap-southeast-1:111122223333:{BUS}"
        assert not {"Input", "InputPath", "InputTransformer"} & target.keys()
        assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}


def test_the_rules_role_may_put_events_on_that_bus_and_no_more(forwarding: Template) -> None:
    (role,) = forwarding.of_type("AWS::IAM::Role").values()
    assert list(allowed(role)) == [("events:PutEvents", f"arn:aws:events:ap-southeast-1:111122223333:{BUS}")]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}


def test_the_home_s_own_rules_lead_to_no_bus_so_nothing_goes_round(fleet: Path) -> None:
    home = Template.read(fleet)
    arns = [target["Arn"] for rule in home.of_type("AWS::Events::Rule").values() for target in rule["Targets"]]
    assert arns
    assert "event-bus" not in json.dumps(arns)


def test_the_home_takes_events_of_the_other_monitored_accounts_by_name(fleet: Path) -> None:
    (policy,) = Template.read(fleet).of_type("AWS::Events::EventBusPolicy").values()
    assert policy["EventBusName"] == "default"
    statement = policy["Statement"]
    assert _account_of(statement["Principal"]["AWS"]) == OTHER
    assert (statement["Effect"], actions(statement)) == ("Allow", ["events:PutEvents"])
    assert places(statement) == [f"arn:aws:events:ap-southeast-1:111122223333:{BUS}"]


def test_a_home_without_other_accounts_lets_nobody_in(template: Template) -> None:
    assert not template.of_type("AWS::Events::EventBusPolicy")


def test_a_dead_letter_raises_an_alarm_that_pages_there_without_being_forwarded(forwarding: Template) -> None:
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]: [action["Ref"] for action in alarm["AlarmActions"]]
        for alarm in forwarding.of_type("AWS::CloudWatch::Alarm").values()
    }
    assert watched.keys() == forwarding.dead_letter_queues() == forwarding.of_type("AWS::SQS::Queue").keys()
    for topics in watched.values():
        assert {forwarding.resources[topic]["Properties"]["DisplayName"] for topic in topics} == {
            "Emergency response",
            "Emergency response system",
        }


def test_queues_and_topics_are_encrypted_and_reached_through_tls(forwarding: Template) -> None:
    ((key, _),) = forwarding.of_type("AWS::KMS::Key").items()
    topics = forwarding.of_type("AWS::SNS::Topic")
    assert all(topic["KmsMasterKeyId"] == {"Fn::GetAtt": [key, "Arn"]} for topic in topics.values())
    queues = forwarding.of_type("AWS::SQS::Queue")
    assert all(queue["SqsManagedSseEnabled"] for queue in queues.values())
    refusing = {
        reference["Ref"]
        for kind, list_of in (("AWS::SQS::QueuePolicy", "Queues"), ("AWS::SNS::TopicPolicy", "Topics"))
        for policy in forwarding.of_type(kind).values()
        for reference in listed(policy[list_of])
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    assert refusing == topics.keys() | queues.keys()


def test_its_key_serves_its_topics_alone_and_goes_with_it(forwarding: Template) -> None:
    (resource,) = [r for r in forwarding.resources.values() if r["Type"] == "AWS::KMS::Key"]
    assert resource["DeletionPolicy"] == "Delete"
    services = [s["Principal"].get("Service") for s in resource["Properties"]["KeyPolicy"]["Statement"]]
    assert services == [None, "cloudwatch.amazonaws.com"]


def test_the_template_is_valid(fleet: Path) -> None:
    assert check_template(json.dumps(Template.read(fleet, STACKS[1]).content)) == []


def test_in_china_everything_is_in_its_partition(china: Template) -> None:
    for rule in china.of_type("AWS::Events::Rule").values():
        assert rule["Targets"][0]["Arn"] == f"arn:aws-cn:events:cn-north-1:111122223333:{BUS}"
    assert '"arn:aws:' not in json.dumps(china.resources)


def test_a_fleet_reads_from_the_command_line_as_from_the_file() -> None:
    told = read_fleet(json.dumps(HOME), json.dumps(MONITORED))
    assert told == read_fleet(HOME, MONITORED)
    assert told.home == Place(**HOME)
    assert told.monitored[0] == Place(account=HOME["account"], region="ap-northeast-1")
    assert told.other_accounts == (OTHER,)


@pytest.mark.parametrize(("home", "monitored"), [("", []), ("", ""), (None, None), ({}, [])])
def test_nothing_named_is_a_fleet_of_wherever_it_is_deployed(home: object, monitored: object) -> None:
    fleet = read_fleet(home, monitored)
    assert fleet.home is None
    assert not fleet.monitored
    assert not fleet.other_accounts


@pytest.mark.parametrize(
    ("home", "monitored", "complaint"),
    [
        ("", MONITORED, r"monitored names places and there is no home.*give \{\"account\""),
        ({"region": "ap-southeast-1"}, [], r"home is .*missing required field `account`.*give"),
        ({**HOME, "account": "1111"}, [], r"home is .*12 digits"),
        ({**HOME, "account": 111122223333}, [], r"home is .*Expected `str`"),
        ({**HOME, "Region": "ap-southeast-1"}, [], r"home is .*unknown field `Region`"),
        ("ap-southeast-1", [], r"home is 'ap-southeast-1'.*give"),
        ({**HOME, "region": "ap-esat-1"}, [], r"home names 'ap-esat-1', which is no region"),
        ({**HOME, "region": "ap-southeast-1 "}, [], r"home names 'ap-southeast-1 ', which is no region"),
        (HOME, [{"region": "hongkong"}], r"monitored names 'hongkong', which is no region"),
        (HOME, ["ap-northeast-1"], r"monitored is .*Expected `object`.*give a list"),
        (HOME, "ap-northeast-1", r"monitored is 'ap-northeast-1'.*give a list"),
        (HOME, [{"region": "ap-southeast-1"}], r"monitored names 111122223333/ap-southeast-1, the home itself"),
        (HOME, [*MONITORED, MONITORED[1]], r"444455556666/ap-northeast-1 more than once"),
        (HOME, [CHINA], r"lies in aws-cn, and the home 111122223333/ap-southeast-1 lies in aws.*second response"),
    ],
)
def test_a_fleet_that_can_t_work_fails_the_synthesis_and_says_what_to_give(
    home: object, monitored: object, complaint: str
) -> None:
    with pytest.raises(UnusableContext, match=complaint):
        read_fleet(home, monitored)


def test_the_synthesis_reads_the_fleet(tmp_path: Path) -> None:
    with pytest.raises(UnusableContext, match="no home"):
        unbundled(tmp_path / "cdk.out", context={"monitored": MONITORED})


def _account_of(principal: Any) -> str:
    return str(principal if isinstance(principal, str) else "".join(map(str, principal["Fn::Join"][1]))).split(":")[-2]


def test_no_policy_of_the_fleet_names_everybody_without_refusing_them(forwarding: Template) -> None:
    open_to_all: list[Properties] = [
        statement
        for kind in ("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
        for policy in forwarding.of_type(kind).values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow" and statement["Principal"] in ("*", {"AWS": "*"})
    ]
    assert not open_to_all
