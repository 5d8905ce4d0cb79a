"""The one customer-managed key: records, archive, topics and logs are encrypted with it."""

from __future__ import annotations

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct


class Encryption(Construct):
    """The key with its policy: the account's own IAM decides, and services that act on their own may use it."""

    def __init__(self, scope: Construct, construct_id: str, *, keeps_data: bool = True) -> None:
        """Declares the key.

        Args:
            scope: The parent.
            construct_id: The id below the parent.
            keeps_data: False where only topics use the key: no logs are encrypted with it, and it goes with its stack.
        """
        super().__init__(scope, construct_id)
        self.key = kms.Key(
            self,
            "Key",
            description=f"{'Records, archive, topics and logs' if keeps_data else 'Topics'} of the emergency response",
            enable_key_rotation=True,
            rotation_period=Duration.days(365),
            removal_policy=RemovalPolicy.RETAIN if keeps_data else RemovalPolicy.DESTROY,
        )
        if keeps_data:
            self._let_logs_encrypt()
        self._let_alarms_publish()

    def _let_logs_encrypt(self) -> None:
        stack = Stack.of(self)
        groups = (f"{stack.stack_name}-*", f"/aws/vendedlogs/*/{stack.stack_name}-*")
        arns = [stack.format_arn(service="logs", resource=f"log-group:{group}") for group in groups]
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogsOfThisStack",
                principals=[iam.ServicePrincipal(f"logs.{Aws.REGION}.{Aws.URL_SUFFIX}")],
                actions=[
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ],
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arns}},
            )
        )

    def _let_alarms_publish(self) -> None:
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisStack",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext"],
                resources=["*"],
                conditions=alarms_of(Stack.of(self)),
            )
        )


def alarms_of(stack: Stack) -> dict[str, dict[str, str]]:
    """The IAM condition under which CloudWatch speaks for an alarm of this stack, and for no other."""
    arn = stack.format_arn(service="cloudwatch", resource=f"alarm:{stack.stack_name}-*")
    return {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}, "ArnLike": {"aws:SourceArn": arn}}
