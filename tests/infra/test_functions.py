"""Every function: what it runs on, what it is told, what it may do."""

from __future__ import annotations

import pytest

from infra.function_settings import SettingsMismatch, check_settings, fields_of
from infra.permissions import FUNCTIONS, PERMISSIONS, Port, sdk_services
from infra.sources import Sources
from tests.infra.template import Template, actions, allowed, places, statements

UNUSED = {Port.AUTHENTICATORS}
"""Ports that lead nowhere with the example plan, in which nobody uses an authenticator app (test_authenticators)."""

POSTING = [name for name in FUNCTIONS if Port.POST in PERMISSIONS[name]]


def test_there_is_one_function_for_each_folder_with_a_handler(template: Template) -> None:
    folders = {path.parent.name for path in Sources().functions.glob("*/settings.py")} - {"emergency"}
    assert folders == set(FUNCTIONS) == set(template.functions())


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_runs_on(template: Template, name: str) -> None:
    function = template.functions()[name]
    assert function["Runtime"] == "python3.13"
    assert function["Architectures"] == ["arm64"]
    assert function["Handler"] == f"{name}.handler.handler"
    assert 128 <= function["MemorySize"] <= 1024
    assert 10 <= function["Timeout"] <= 60
    assert function["TracingConfig"] == {"Mode": "Active"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_logs_into_a_group_of_its_own_that_forgets_and_is_encrypted(template: Template, name: str) -> None:
    reference = template.functions()[name]["LoggingConfig"]["LogGroup"]["Ref"]
    group = template.resources[reference]
    assert group["Properties"]["RetentionInDays"] == 365
    assert "KmsKeyId" in group["Properties"]
    assert group["DeletionPolicy"] == "Delete"
    own = statements(template.role_of(template.functions()[name]), "own-logs")
    assert [places(statement) for statement in own] == [[f"<{reference}.Arn>"]]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_gets_just_the_variables_that_its_settings_read(template: Template, name: str) -> None:
    variables = template.functions()[name]["Environment"]["Variables"]
    declared = {field.upper() for field in fields_of(Sources().functions, name)}
    assert {variable for variable in variables if not variable.startswith("POWERTOOLS_")} == declared


def test_a_missing_and_an_extra_setting_are_both_named() -> None:
    with pytest.raises(SettingsMismatch) as raised:
        check_settings("intake", declared=["records_table", "pages_url"], given=["records_table", "page_url"])
    message = str(raised.value)
    assert "intake: the construct gives no pages_url; Settings has no field page_url." in message
    assert "functions/intake/settings.py" in message


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_holds_the_table_s_actions_and_no_other(template: Template, name: str) -> None:
    role = template.role_of(template.functions()[name])
    for port in Port:
        of_port = [a for s in statements(role, port.value) for a in actions(s) if not a.startswith("kms:")]
        assert of_port == ([] if port in UNUSED else sorted(PERMISSIONS[name].get(port, ())))
    held = {action for action, _ in allowed(role) if not action.startswith("kms:")}
    own = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
    of_table = {
        action for port, port_actions in PERMISSIONS[name].items() if port not in UNUSED for action in port_actions
    }
    assert held == of_table | own


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_comes_with_no_managed_policy_and_only_lambda_takes_it(template: Template, name: str) -> None:
    role = template.role_of(template.functions()[name])
    assert "ManagedPolicyArns" not in role
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_no_policy_stands_outside_the_roles_where_this_module_would_not_see_it(template: Template) -> None:
    assert not template.of_type("AWS::IAM::Policy")
    assert not template.of_type("AWS::IAM::ManagedPolicy")


def test_the_key_is_used_through_the_service_that_it_encrypts_for_only(template: Template) -> None:
    for role in template.of_type("AWS::IAM::Role").values():
        for statement in statements(role):
            if any(action.startswith("kms:") for action in actions(statement)):
                assert "kms:ViaService" in statement["Condition"]["StringEquals"]


@pytest.mark.parametrize("name", POSTING)
def test_mails_are_sent_as_the_plan_s_sender_with_this_configuration_set_only(template: Template, name: str) -> None:
    function = template.functions()[name]
    (sending,) = statements(template.role_of(function), "post")
    configuration_set, identity = sorted(places(sending))
    (own,) = template.of_type("AWS::SES::ConfigurationSet")
    (domain,) = template.of_type("AWS::SES::EmailIdentity").values()
    assert identity.endswith(f":identity/{domain['EmailIdentity']}")
    assert configuration_set.endswith(f":configuration-set/<{own}>")
    sender = sending["Condition"]["StringEquals"]["ses:FromAddress"]
    assert sender.endswith(f"@{domain['EmailIdentity']}")
    assert function["Environment"]["Variables"]["CONFIGURATION_SET"] == {"Ref": own}


def test_the_asset_keeps_the_descriptions_of_the_services_that_functions_call() -> None:
    assert sdk_services() == ("connect", "dynamodb", "s3", "secretsmanager", "sesv2", "sqs", "stepfunctions")
