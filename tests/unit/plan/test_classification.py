"""The example plan's rules give the right risk, for alarms that we know and for alarms that nobody has seen (P6.1, P3)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from emergency.domain.assessment import assess
from emergency.domain.classification import rule_for
from emergency.domain.event import read_signal
from emergency.domain.signal import Signal
from emergency.domain.terms import Risk, Severity
from infra.plan_compiler import CompiledPlan
from tests.support.events import alarm

SYSTEM, BREACH, ATTACK, DELAY = Risk.SYSTEM_FAILURE, Risk.DATA_BREACH, Risk.NETWORK_ATTACK, Risk.LOGISTICS_DELAY


def _finding(source: str, detail_type: str, kind: str, **detail: Any) -> dict[str, Any]:
    return {
        **alarm(),
        "source": source,
        "detail-type": detail_type,
        "resources": [],
        "detail": {"type": kind, "title": "…", **detail},
    }


def guardduty(kind: str) -> Signal:
    return read_signal(_finding("aws.guardduty", "GuardDuty Finding", kind))


def macie(kind: str) -> Signal:
    bucket = {"s3Bucket": {"name": "shop-customer-db-dumps"}}
    return read_signal(_finding("aws.macie", "Macie Finding", kind, resourcesAffected=bucket))


def health(service: str, code: str, *resources: str) -> Signal:
    detail = {"service": service, "eventTypeCode": code, "eventTypeCategory": "issue", "statusCode": "open"}
    event = {**alarm(), "source": "aws.health", "detail-type": "AWS Health Event", "detail": detail}
    return read_signal({**event, "resources": list(resources)})


def metric(name: str, namespace: str = "", measured: str = "", **tags: str) -> Signal:
    tagged: dict[str, Any] = {"alarmTags": tags} if tags else {}
    return read_signal(alarm(name, namespace=namespace, metric=measured, **tagged))


def measured(name: str, value: float, threshold: float) -> Signal:
    state = alarm()["detail"]["state"]
    told = json.dumps({"recentDatapoints": [threshold, value], "threshold": threshold})
    return read_signal(alarm(name, namespace="Custom", metric="x") | _detail(name, {**state, "reasonData": told}))


def _detail(name: str, state: dict[str, Any]) -> dict[str, Any]:
    return {"detail": {**alarm(name, namespace="Custom", metric="x")["detail"], "state": state}}


def composite(name: str, rule: str) -> Signal:
    return read_signal(alarm(name, configuration={"alarmRule": rule}))


KNOWN = [
    (metric("checkout-alb-5xx-high", "AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count"), "checkout", SYSTEM),
    (metric("payments-api-5xx-error-rate", "AWS/ApiGateway", "5XXError"), "payments", SYSTEM),
    (metric("Search response time out of band", "AWS/ApplicationELB", "TargetResponseTime"), "search", SYSTEM),
    (
        composite("orders-platform-unhealthy", "ALARM(orders-api-5xx-high) OR ALARM(orders-queue-age-high)"),
        "orders",
        SYSTEM,
    ),
    (metric("orders-tables-system-errors", "AWS/DynamoDB", "SystemErrors"), "orders", SYSTEM),
    (metric("login-alb-ddos-detected", "AWS/DDoSProtection", "DDoSDetected"), "ddos", ATTACK),
    (guardduty("Exfiltration:S3/MaliciousIPCaller"), "exfiltration", BREACH),
    (macie("Policy:IAMUser/S3BucketPublic"), "public-storage", BREACH),
    (health("RDS", "AWS_RDS_OPERATIONAL_ISSUE", "arn:aws:rds:eu-west-1:1:cluster:customer-db"), "database", SYSTEM),
    (metric("carrier-sla-parcels-overdue", "Shop/Logistics", "ParcelsPastDeliverySla"), "late-deliveries", DELAY),
    (metric("warehouse-scanner-heartbeat-missing", "Shop/Warehouse", "ScannerHeartbeat"), "warehouse-system", SYSTEM),
]

UNSEEN = [
    # attacks
    (metric("edge-attack", "AWS/DDoSProtection", "DDoSAttackRequestsPerSecond"), ATTACK),
    (metric("blocked requests surge", "AWS/WAFV2", "BlockedRequests"), ATTACK),
    (metric("storefront-under-attack", "Acme/Edge", "Requests"), ATTACK),
    (metric("prod-web-DDoS", "Custom", "x"), ATTACK),
    (metric("accounts", "Shop/Login", "FailedLoginAttempts"), ATTACK),
    (metric("credential-stuffing-suspected", "Shop/Accounts", "Rate"), ATTACK),
    (metric("risk", "AWS/Cognito", "AccountTakeoverRisk"), ATTACK),
    (metric("firewall-drops", "AWS/NetworkFirewall", "DroppedPackets"), ATTACK),
    (guardduty("Recon:EC2/PortProbeUnprotectedPort"), ATTACK),
    (guardduty("UnauthorizedAccess:EC2/SSHBruteForce"), ATTACK),
    (guardduty("Backdoor:EC2/DenialOfService.Tcp"), ATTACK),
    # breaches
    (guardduty("Exfiltration:IAMUser/AnomalousBehavior"), BREACH),
    (guardduty("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"), BREACH),
    (guardduty("AttackSequence:S3/CompromisedData"), BREACH),
    (guardduty("AttackSequence:IAM/CompromisedCredentials"), BREACH),
    (guardduty("CredentialAccess:RDS/AnomalousBehavior.SuccessfulLogin"), BREACH),
    (guardduty("Policy:S3/BucketAnonymousAccessGranted"), BREACH),
    (guardduty("CryptoCurrency:EC2/BitcoinTool.B!DNS"), BREACH),
    (guardduty("Execution:Runtime/NewBinaryExecuted"), BREACH),
    (macie("SensitiveData:S3Object/Personal"), BREACH),
    (macie("Policy:IAMUser/S3BucketSharedExternally"), BREACH),
    (health("RISK", "AWS_RISK_CREDENTIALS_EXPOSED"), BREACH),
    (metric("root-account-usage", "CloudTrailMetrics", "RootAccountUsage"), BREACH),
    (metric("UnauthorizedAPICalls", "LogMetrics", "UnauthorizedAPICalls"), BREACH),
    (metric("crm customer-export volume", "Shop/Crm", "Rows"), BREACH),
    (metric("odd access", "Shop/Security", "Anomalies"), BREACH),
    # delays
    (metric("hkg-customs-hold", "", ""), DELAY),
    (metric("late", "Shop/Logistics", "CarrierApiErrors"), DELAY),
    (metric("anything", "Shop/LastMile", "DriversMissing"), DELAY),
    (metric("typhoon-signal-8", "Ops", "Signal"), DELAY),
    (metric("backlog-high", "Shop/Warehouse", "OrdersAwaitingDispatch"), DELAY),
    (metric("delivery-delays-tw-east", "Acme", "Hours"), DELAY),
    (composite("carrier-delays-any", "ALARM(harbour-late) OR ALARM(lion-late)"), DELAY),
    (composite("evening-check", "ALARM(parcels-overdue-north)"), DELAY),
    # failures
    (metric("cart-service-5xx", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"), SYSTEM),
    (metric("p99", "Shop/Checkout", "Latency"), SYSTEM),
    (metric("psp-declines", "Shop/Payments", "AuthorisationFailureRate"), SYSTEM),
    (metric("parcel-tracking-errors", "AWS/Lambda", "Errors"), SYSTEM),
    (metric("shipment-table-throttles", "AWS/DynamoDB", "ThrottledRequests"), SYSTEM),
    (metric("cluster-red", "AWS/ES", "ClusterStatus.red"), SYSTEM),
    (metric("evictions", "AWS/ElastiCache", "Evictions"), SYSTEM),
    (metric("age", "AWS/SQS", "ApproximateAgeOfOldestMessage"), SYSTEM),
    (metric("homepage-canary", "CloudWatchSynthetics", "SuccessPercent"), SYSTEM),
    (metric("dist-5xx", "AWS/CloudFront", "5xxErrorRate"), SYSTEM),
    (metric("i-0abc status", "AWS/EC2", "StatusCheckFailed_System"), SYSTEM),
    (metric("cpu", "ECS/ContainerInsights", "CpuUtilized"), SYSTEM),
    (metric("aurora cpu", "AWS/RDS", "CPUUtilization"), SYSTEM),
    (metric("memory-leak-suspected", "CWAgent", "mem_used_percent"), SYSTEM),
    (metric("email bounces", "AWS/SES", "Reputation.BounceRate"), SYSTEM),
    (metric("days-to-expiry", "AWS/CertificateManager", "DaysToExpiry"), SYSTEM),
    (metric("bill", "AWS/Billing", "EstimatedCharges"), SYSTEM),
    (metric("contact-centre-queue", "AWS/Connect", "LongestQueueWaitTime"), SYSTEM),
    (metric("nat-port-errors", "AWS/NATGateway", "ErrorPortAllocation"), SYSTEM),
    (health("EC2", "AWS_EC2_OPERATIONAL_ISSUE"), SYSTEM),
    (metric("網站回應過慢", "Acme", "x"), SYSTEM),
    (metric("robot-vacuum-returns", "Acme", "x"), SYSTEM),
    (metric("ALB-checkout-UnHealthyHostCount", "AWS/ApplicationELB", "UnHealthyHostCount"), SYSTEM),
    (metric("payments-lambda-throttles", "AWS/Lambda", "Throttles"), SYSTEM),
    (metric("Refunds failing (card)", "Shop/Payments", "RefundErrors"), SYSTEM),
    (metric("login p95 > 2s", "AWS/ApplicationELB", "TargetResponseTime"), SYSTEM),
    (metric("sign-in-errors", "Shop/Accounts", "Errors"), SYSTEM),
    (metric("www-latency-hk", "AWS/Route53", "HealthCheckStatus"), SYSTEM),
    (metric("kafka-consumer-lag-orders", "AWS/Kafka", "MaxOffsetLag"), SYSTEM),
    (metric("redis-memory-high", "AWS/ElastiCache", "DatabaseMemoryUsagePercentage"), SYSTEM),
    (metric("valkey-failover", "AWS/MemoryDB", "MasterLinkHealth"), SYSTEM),
    (metric("free-storage-low", "AWS/RDS", "FreeStorageSpace"), SYSTEM),
    (metric("replica lag", "AWS/RDS", "ReplicaLag"), SYSTEM),
    (metric("eks-node-not-ready", "ContainerInsights", "cluster_failed_node_count"), SYSTEM),
    (metric("slo-burn", "ApplicationSignals", "BurnRate"), SYSTEM),
    (metric("dx-connection-down", "AWS/DX", "ConnectionState"), SYSTEM),
    (metric("disk full", "CWAgent", "disk_used_percent"), SYSTEM),
    (metric("sms-delivery-failures", "AWS/SNS", "NumberOfNotificationsFailed"), SYSTEM),
    (metric("wms-api-5xx", "AWS/ApiGateway", "5XXError"), SYSTEM),
    (metric("step-functions-failed", "AWS/States", "ExecutionsFailed"), SYSTEM),
    (metric("lambda-dead-letters", "AWS/SQS", "ApproximateNumberOfMessagesVisible"), SYSTEM),
    (metric("購物車結帳失敗", "Shop/Checkout", "Failures"), SYSTEM),
    (health("S3", "AWS_S3_OPERATIONAL_ISSUE"), SYSTEM),
    (health("SHIELD", "AWS_SHIELD_DDOS_ATTACK_DETECTED"), ATTACK),
    (health("ABUSE", "AWS_ABUSE_DOS_REPORT"), ATTACK),
    (health("ABUSE", "AWS_ABUSE_EC2_DOS_REPORT"), ATTACK),
    (metric("waf-rate-limit-hit", "Custom", "x"), ATTACK),
    (metric("syn-flood-alb", "Custom", "x"), ATTACK),
    (metric("bot-traffic-high", "AWS/CloudFront", "Requests"), ATTACK),
    (metric("brute force admin", "Custom", "x"), ATTACK),
    (guardduty("Impact:EC2/PortSweep"), ATTACK),
    (guardduty("Recon:IAMUser/MaliciousIPCaller.Custom"), ATTACK),
    (guardduty("InitialAccess:IAMUser/AnomalousBehavior"), BREACH),
    (guardduty("Discovery:S3/MaliciousIPCaller"), BREACH),
    (guardduty("Impact:S3/AnomalousBehavior.Delete"), BREACH),
    (metric("public-bucket-detected", "Custom", "x"), BREACH),
    (metric("pii-access-spike", "Custom", "x"), BREACH),
    (metric("console login without mfa", "CISBenchmark", "ConsoleSignInWithoutMfaCount"), BREACH),
    (metric("LionRock-late-deliveries", "Acme", "x"), DELAY),
    (metric("ParcelsStuckInTransit", "Shop/Shipping", "Parcels"), DELAY),
    (metric("courier-no-show", "Ops", "x"), DELAY),
    (metric("unshipped-orders-age", "Shop/Fulfilment", "OldestUnshippedHours"), DELAY),
]


@pytest.mark.parametrize(("signal", "rule", "risk"), KNOWN, ids=lambda value: getattr(value, "name", str(value)))
def test_p61_alarms_that_the_platform_has(example: CompiledPlan, signal: Signal, rule: str, risk: Risk) -> None:
    found = rule_for(signal, example.plan)

    assert (found.id, found.risk) == (rule, risk)


@pytest.mark.parametrize(("signal", "risk"), UNSEEN, ids=lambda value: getattr(value, "name", str(value)))
def test_p61_alarms_that_nobody_has_seen(example: CompiledPlan, signal: Signal, risk: Risk) -> None:
    assert rule_for(signal, example.plan).risk is risk


@pytest.mark.parametrize("key", ["env", "environment", "Environment"])
def test_a_breach_of_a_test_environment_is_a_breach(example: CompiledPlan, key: str) -> None:
    tagged = {key: "staging"}
    breach, failure = guardduty("Exfiltration:S3/MaliciousIPCaller"), metric("checkout-5xx", "AWS/ApplicationELB", "x")
    assert rule_for(replace(breach, tags=tagged), example.plan).risk is BREACH
    assert rule_for(replace(failure, tags=tagged), example.plan).id == "test-environment"


def _severity(example: CompiledPlan, signal: Signal) -> Severity:
    return assess(signal, rule_for(signal, example.plan), example.plan).severity


@pytest.mark.parametrize(
    ("signal", "severity"),
    [
        (guardduty("Exfiltration:S3/MaliciousIPCaller"), Severity.SEV1),
        (metric("checkout-alb-5xx-high", "AWS/ApplicationELB"), Severity.SEV2),
        (metric("search-slow", "AWS/ApplicationELB"), Severity.SEV3),
        (metric("bill", "AWS/Billing", "EstimatedCharges"), Severity.SEV4),
        (measured("checkout-errors", 733, 50), Severity.SEV2),
        (measured("checkout-errors", 1_500, 50), Severity.SEV1),
        (measured("search-results-per-query", 0.5, 20), Severity.SEV2),
        (metric("checkout-alb-5xx-high", "AWS/ApplicationELB", env="prod"), Severity.SEV2),
        (metric("checkout-alb-5xx-high", "AWS/ApplicationELB", env="Staging"), Severity.SEV4),
        (metric("checkout-alb-5xx-high", "AWS/ApplicationELB", Environment="test-2"), Severity.SEV4),
    ],
    ids=[
        *("data leaves", "checkout fails", "search is slow", "the bill grows", "errors", "30 times the errors"),
        *("a fortieth of the results", "tagged as production", "tagged as staging", "tagged as a test"),
    ],
)
def test_p3_the_matrix_grades_by_what_users_feel(example: CompiledPlan, signal: Signal, severity: Severity) -> None:
    assert _severity(example, signal) is severity


def test_p3_every_severity_can_come_out_of_the_rules(example: CompiledPlan) -> None:
    plan = example.plan
    graded = {
        plan.severity_of(
            rule.likelihood or plan.risks[rule.risk].likelihood, rule.impact or plan.risks[rule.risk].impact
        )
        for rule in plan.rules
    }

    assert graded == set(Severity)


def test_an_alarm_of_an_unknown_kind_opens_an_incident_of_its_own(example: CompiledPlan) -> None:
    assert rule_for(metric("something-new", "Acme/New", "x"), example.plan).component == "{alarm}"
