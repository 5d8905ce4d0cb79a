"""A secret for authenticator apps exists where the plan has somebody who uses one, and only there."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from infra.sources import Sources
from tests.infra.conftest import unbundled
from tests.infra.template import Template, allowed, statements

KIND = "AWS::SecretsManager::Secret"


@pytest.fixture(scope="module")
def with_one(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The template for a plan in which one contact uses an authenticator app."""
    folder = tmp_path_factory.mktemp("authenticators")
    plan = shutil.copytree(Sources().plan, folder / "plan")
    contacts = plan / "contacts.yaml"
    text = contacts.read_text(encoding="utf-8")
    changed = re.sub(r"^( +)email: .*$", r"\g<0>\n\1second_factor: totp", text, count=1, flags=re.MULTILINE)
    contacts.write_text(changed, encoding="utf-8")
    unbundled(folder / "cdk.out", Sources(plan=plan)).synth()
    return Template.read(folder / "cdk.out")


def test_without_an_authenticator_in_the_plan_there_is_no_secret_to_pay_for(template: Template) -> None:
    page = template.functions()["decision_page"]
    assert not template.of_type(KIND)
    assert page["Environment"]["Variables"]["AUTHENTICATOR_SECRET"] == "none"
    assert not [action for action, _ in allowed(template.role_of(page)) if action.startswith("secretsmanager:")]
    assert "AuthenticatorSecret" not in template.content["Outputs"]


def test_the_secret_is_encrypted_with_the_key_and_outlives_the_stack(with_one: Template) -> None:
    ((name, secret),) = with_one.of_type(KIND).items()
    (key,) = with_one.of_type("AWS::KMS::Key")
    assert secret["KmsKeyId"] == {"Fn::GetAtt": [key, "Arn"]}
    resource = with_one.resources[name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_it_begins_as_an_object_with_nobody_in_it_and_deployments_let_its_value_be(with_one: Template) -> None:
    (secret,) = with_one.of_type(KIND).values()
    assert "SecretString" not in secret
    made = secret["GenerateSecretString"]
    assert json.loads(made["SecretStringTemplate"]) == {}
    assert not re.fullmatch(r"[a-z][a-z0-9-]*", made["GenerateStringKey"])


def test_only_the_page_may_read_it_and_knows_where_it_is(with_one: Template) -> None:
    ((name, _),) = with_one.of_type(KIND).items()
    readers = {
        function: place
        for function, properties in with_one.functions().items()
        for action, place in allowed(with_one.role_of(properties))
        if action.startswith("secretsmanager:")
    }
    assert readers == {"decision_page": f"<{name}>"}
    page = with_one.functions()["decision_page"]
    assert page["Environment"]["Variables"]["AUTHENTICATOR_SECRET"] == {"Ref": name}
    reading, using_key = statements(with_one.role_of(page), "authenticators")
    assert reading["Action"] == "secretsmanager:GetSecretValue"
    assert using_key["Action"] == "kms:Decrypt"
    assert with_one.content["Outputs"]["AuthenticatorSecret"]["Value"] == {"Ref": name}
