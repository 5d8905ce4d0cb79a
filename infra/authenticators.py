"""The secrets of authenticator apps, where the plan has somebody who uses one."""

from __future__ import annotations

import json

from aws_cdk import RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from emergency.domain.plan import Plan
from emergency.domain.terms import Factor
from infra.acknowledgements import acknowledge
from infra.function import NOTHING, Reach

NO_SECRET = "none"  # noqa: S105 - says that there is none
"""What `decision_page` is told instead of a secret's ARN where the plan needs none."""

_NOBODY = json.dumps({})


class Authenticators(Construct):
    """One secret, a JSON object of contact id → base 32; nothing where nobody in the plan uses an authenticator.

    A secret costs money when idle, most companies need none, and codes by mail do without.
    """

    def __init__(self, scope: Construct, construct_id: str, *, plan: Plan, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        self._key_arn = key.key_arn
        factors = {contact.second_factor for contact in plan.contacts.values()}
        self._secret = self._new_secret(key) if Factor.TOTP in factors else None

    @property
    def exists(self) -> bool:
        """Whether there is a secret."""
        return self._secret is not None

    @property
    def secret(self) -> str:
        """The secret's ARN, or `none`."""
        return self._secret.secret_arn if self._secret else NO_SECRET

    @property
    def reach(self) -> Reach:
        """What looking up a person's secret touches."""
        return Reach(resources=(self._secret.secret_arn,), key_arn=self._key_arn) if self._secret else NOTHING

    def _new_secret(self, key: kms.IKey) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "Secret",
            description="Authenticator apps of the emergency response: contact id to base 32",
            encryption_key=key,
            # An object with nobody in it, as no contact's id is an underscore. CloudFormation generates it once, and
            # lets be what people put there later; a value that stood in the template would come back with every change.
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=_NOBODY, generate_string_key="_"
            ),
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(
            secret, "AwsSolutions-SMG4", "It holds what people's apps hold too: rotating it would lock them all out."
        )
        return secret
