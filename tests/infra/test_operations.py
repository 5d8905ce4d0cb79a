"""People hear of it when the system itself ails, and a page needs neither table nor function."""

from __future__ import annotations

import json

import pytest

from emergency.domain.plan import Plan
from emergency.domain.terms import Team
from infra.permissions import FUNCTIONS
from infra.sources import Sources
from tests.infra.template import Properties, Template, listed


def test_every_dead_letter_queue_has_an_alarm_at_the_first_message_that_pages(template: Template) -> None:
    watched = {
        name
        for alarm in template.of_type("AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        and (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
        and _pages(alarm)
        for name in _dimensions(alarm)
    }
    assert watched == template.dead_letter_queues()


def test_every_function_has_an_alarm_on_errors_and_one_on_throttles(template: Template) -> None:
    functions = template.of_type("AWS::Lambda::Function").keys()
    assert len(functions) == len(FUNCTIONS)
    for metric in ("Errors", "Throttles"):
        assert _watched(template, "AWS/Lambda", metric) == functions


def test_what_waits_for_its_follow_up_for_a_minute_raises_an_alarm(template: Template) -> None:
    """Lambda counts no error where a function reports which records it failed on; the backlog grows all the same."""
    alarms, functions = _alarms(template, "AWS/Lambda", "IteratorAge"), template.functions()
    watched = [template.resources[_dimensions(alarm)[0]]["Properties"] for alarm in alarms]
    assert len(watched) == 2
    assert all(functions[name] in watched for name in ("decision_follow_up", "incident_follow_up"))
    for alarm in alarms:
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (60_000, "GreaterThanThreshold")
        assert not _pages(alarm)


def test_signals_that_wait_or_come_again_raise_alarms_that_page(template: Template) -> None:
    """The age leaves out what was received three times; then only what is always at intake tells of it."""
    (age,) = _alarms(template, "AWS/SQS", "ApproximateAgeOfOldestMessage")
    assert (age["Threshold"], age["EvaluationPeriods"]) == (300, 1)
    (at_intake,) = _alarms(template, "AWS/SQS", "ApproximateNumberOfMessagesNotVisible")
    assert (at_intake["Threshold"], at_intake["EvaluationPeriods"], at_intake["Statistic"]) == (0, 10, "Minimum")
    (signals,) = {name for alarm in (age, at_intake) for name in _dimensions(alarm)}
    assert template.resources[signals]["Properties"] == template.queues_read()["intake"][1]
    assert _pages(age)
    assert _pages(at_intake)


@pytest.mark.parametrize("function", ["decision_request", "mail_feedback"])
def test_a_mail_that_did_not_arrive_raises_an_alarm_by_what_its_function_counts(
    template: Template, function: str
) -> None:
    variables = template.functions()[function]["Environment"]["Variables"]
    alarms = _alarms(template, variables["POWERTOOLS_METRICS_NAMESPACE"], "MailsUndelivered")
    dimension = {"Name": "service", "Value": variables["POWERTOOLS_SERVICE_NAME"]}
    (alarm,) = [alarm for alarm in alarms if alarm["Dimensions"] == [dimension]]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
    assert not _pages(alarm)
    handler = (Sources().functions / function / "handler.py").read_text(encoding="utf-8")
    assert f'"{alarm["MetricName"]}"' in handler


@pytest.mark.parametrize(("metric", "share"), [("Reputation.BounceRate", 0.05), ("Reputation.ComplaintRate", 0.001)])
def test_mails_that_cost_the_trust_of_ses_raise_an_alarm_before_it_stops_them_all(
    template: Template, metric: str, share: float
) -> None:
    """Anybody can have a mail sent to an address that doesn't exist."""
    (own,) = template.of_type("AWS::SES::ConfigurationSet")
    (alarm,) = _alarms(template, "AWS/SES", metric)
    assert alarm["Dimensions"] == [{"Name": "ses:configuration-set", "Value": {"Ref": own}}]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (share, "GreaterThanThreshold")
    assert not _pages(alarm)


def test_the_dashboard_shows_mails_that_did_not_arrive_by_both_counts(template: Template) -> None:
    (dashboard,) = template.of_type("AWS::CloudWatch::Dashboard").values()
    body = json.dumps(dashboard["DashboardBody"])
    for metric in ("MailsUndelivered", "Bounce", "Complaint", "Reject", "SubscribersLost", "IteratorAge"):
        assert f'\\"{metric}\\"' in body, metric


def test_every_state_machine_has_an_alarm_that_pages_when_executions_end_badly(template: Template) -> None:
    machines = template.of_type("AWS::StepFunctions::StateMachine").keys()
    for metric in ("ExecutionsFailed", "ExecutionsTimedOut"):
        assert _watched(template, "AWS/States", metric) == machines
        assert all(_pages(alarm) for alarm in _alarms(template, "AWS/States", metric))


def test_the_dashboard_draws_every_machine_and_every_function(template: Template) -> None:
    (dashboard,) = template.of_type("AWS::CloudWatch::Dashboard").values()
    drawn = json.dumps(dashboard["DashboardBody"])
    machines = template.of_type("AWS::StepFunctions::StateMachine").keys()
    for name in (*machines, *template.of_type("AWS::Lambda::Function")):
        assert f'"{name}"' in drawn, name


def test_every_alarm_tells_support_says_what_to_do_and_is_no_sum_that_hides_its_parts(template: Template) -> None:
    for alarm in template.of_type("AWS::CloudWatch::Alarm").values():
        assert any(topic.startswith("TopicsOperations") for topic in _topics(alarm))
        assert alarm["AlarmDescription"].endswith(".")
        assert alarm["TreatMissingData"] == "notBreaching"
        assert "Metrics" not in alarm


def test_everybody_of_the_leadership_group_is_subscribed_to_its_topic(template: Template, company: Plan) -> None:
    group = company.leadership
    people = {company.contact(one).email for one in (group.head, *group.deputy_heads, *group.members)}
    assert _subscribers(template, "TopicsLeadership") == people


def test_technical_support_is_subscribed_to_operations(template: Template, company: Plan) -> None:
    team = company.teams[Team.TECHNICAL_SUPPORT]
    assert _subscribers(template, "TopicsOperations") == {company.contact(c).email for c in (team.lead, *team.deputies)}


def test_a_page_that_can_t_be_delivered_is_kept(template: Template) -> None:
    for subscription in template.of_type("AWS::SNS::Subscription").values():
        queue = subscription["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        assert queue in template.dead_letter_queues()


def test_alarms_of_this_stack_may_publish_and_use_the_key_and_no_others_may(template: Template) -> None:
    policies = [policy["PolicyDocument"] for policy in template.of_type("AWS::SNS::TopicPolicy").values()]
    policies += [key["KeyPolicy"] for key in template.of_type("AWS::KMS::Key").values()]
    for policy in policies:
        (statement,) = [s for s in policy["Statement"] if s["Principal"] == {"Service": "cloudwatch.amazonaws.com"}]
        condition = statement["Condition"]
        assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        assert condition["ArnLike"]["aws:SourceArn"]["Fn::Join"][1][-1] == ":alarm:EmergencyResponse-*"
        wanted = (
            {"sns:Publish"} if "sns:Publish" in listed(statement["Action"]) else {"kms:Decrypt", "kms:GenerateDataKey"}
        )
        assert wanted <= set(listed(statement["Action"]))


def test_no_alarm_has_a_name_that_the_intake_s_rule_would_not_know_as_the_stack_s_own(template: Template) -> None:
    assert not [alarm for alarm in template.of_type("AWS::CloudWatch::Alarm").values() if "AlarmName" in alarm]


def _alarms(template: Template, namespace: str, metric: str) -> list[Properties]:
    alarms = template.of_type("AWS::CloudWatch::Alarm").values()
    return [a for a in alarms if (a.get("Namespace"), a.get("MetricName")) == (namespace, metric)]


def _watched(template: Template, namespace: str, metric: str) -> set[str]:
    return {name for alarm in _alarms(template, namespace, metric) for name in _dimensions(alarm)}


def _dimensions(alarm: Properties) -> list[str]:
    values = [dimension["Value"] for dimension in alarm["Dimensions"]]
    return [value.get("Ref") or value["Fn::GetAtt"][0] for value in values]


def _topics(alarm: Properties) -> list[str]:
    return [action["Ref"] for action in alarm["AlarmActions"]]


def _pages(alarm: Properties) -> bool:
    return any(topic.startswith("TopicsLeadership") for topic in _topics(alarm))


def _subscribers(template: Template, topic: str) -> set[str]:
    subscriptions = template.of_type("AWS::SNS::Subscription").values()
    return {s["Endpoint"] for s in subscriptions if s["TopicArn"]["Ref"].startswith(topic) and s["Protocol"] == "email"}
