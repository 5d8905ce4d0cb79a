"""The example plan's rules give the right risk, for alarms that we know and for alarms that nobody has seen (P6.1, P3)."""

from __future__ import annotations

from typing import Any

import pytest

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


def metric(name: str, namespace: str = "", measured: str = "") -> Signal:
    return read_signal(alarm(name, namespace=namespace, metric=measured))


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
]


@pytest.mark.parametrize(("signal", "rule", "risk"), KNOWN, ids=lambda value: getattr(value, "name", str(value)))
def test_p61_alarms_that_the_platform_has(example: CompiledPlan, signal: Signal, rule: str, risk: Risk) -> None:
    found = rule_for(signal, example.plan)

    assert (found.id, found.risk) == (rule, risk)


@pytest.mark.parametrize(("signal", "risk"), UNSEEN, ids=lambda value: getattr(value, "name", str(value)))
def test_p61_alarms_that_nobody_has_seen(example: CompiledPlan, signal: Signal, risk: Risk) -> None:
    assert rule_for(signal, example.plan).risk is risk


def _severity(example: CompiledPlan, signal: Signal) -> Severity:
    plan = example.plan
    rule = rule_for(signal, plan)
    risk = plan.risks[rule.risk]
    return plan.severity_of(rule.likelihood or risk.likelihood, rule.impact or risk.impact)


@pytest.mark.parametrize(
    ("signal", "severity"),
    [
        (guardduty("Exfiltration:S3/MaliciousIPCaller"), Severity.SEV1),
        (metric("checkout-alb-5xx-high", "AWS/ApplicationELB"), Severity.SEV2),
        (metric("search-slow", "AWS/ApplicationELB"), Severity.SEV3),
        (metric("bill", "AWS/Billing", "EstimatedCharges"), Severity.SEV4),
    ],
    ids=["data leaves", "checkout fails", "search is slow", "the bill grows"],
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
