"""The stack: what the system is made of, and in which order the parts know each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from emergency.domain.plan import Plan
from infra.archive import Archive
from infra.authenticators import Authenticators
from infra.contact_centre import ContactCentre
from infra.encryption import Encryption
from infra.fleet import Fleet
from infra.follow_up import FollowUp
from infra.function import Reach
from infra.functions import SHAPES, Functions
from infra.intake import Intake
from infra.mail import Mail
from infra.mail_feedback import MailFeedback
from infra.operations import Operations
from infra.pages import Pages
from infra.permissions import Port
from infra.reception import Reception
from infra.records import Records
from infra.sources import Sources
from infra.status_site import StatusDomain, StatusSite
from infra.subscribers import Subscribers
from infra.topics import Topics
from infra.uploads import Uploads
from infra.workflow import Surroundings, Workflow, machine_arn


@dataclass(frozen=True, kw_only=True)
class StackSettings:
    """What a deployer can choose.

    Attributes:
        name: The stack's name; a second system in the same account and region needs another.
        termination_protection: Whether the stack refuses to be deleted.
        create_mail_identity: False where the account has verified the sender's domain already.
        archive_retention_days: For how many days a version in the archive is locked, 1 to MOST_RETENTION_DAYS.
        status_domain: The company's own name for the status page; CloudFront's without it.
        fleet: Where the stack is deployed, and where signals are forwarded from.
    """

    name: str = "EmergencyResponse"
    termination_protection: bool = True
    create_mail_identity: bool = True
    archive_retention_days: int = 1826
    status_domain: StatusDomain | None = None
    fleet: Fleet = field(default_factory=Fleet)

    @property
    def tags(self) -> dict[str, str]:
        """What every resource of the deployment is marked with."""
        return {"application": "emergency-response", "deployment": self.name}


class EmergencyResponse(Stack):
    """The whole system in one stack, for any account and region, or for the fleet's home."""

    def __init__(
        self,
        scope: Construct,
        *,
        settings: StackSettings,
        sources: Sources,
        plan: Plan,
        package: Callable[[Stack], lambda_.Code],
    ) -> None:
        """Declares everything.

        Args:
            scope: The app.
            settings: The deployer's choices.
            sources: Where state machines and functions lie.
            plan: The company's plan: who is paged, and who mails come from.
            package: Gives the packaged asset for a stack.
        """
        super().__init__(
            scope,
            settings.name,
            description="Carries out the contingency plan: alarms in, decisions by mail, an accepted report out",
            env=settings.fleet.home.environment if settings.fleet.home else None,
            termination_protection=settings.termination_protection,
            tags=settings.tags,
        )
        self.key = Encryption(self, "Encryption").key
        self.records = Records(self, "Records", key=self.key)
        self.archive = Archive(self, "Archive", key=self.key, retention_days=settings.archive_retention_days)
        self.uploads = Uploads(self, "Uploads", key=self.key, access_logs=self.archive.access_logs)
        self.topics = Topics(self, "Topics", key=self.key, plan=plan)
        self.mail = Mail(self, "Mail", sender=plan.company.mail_from, create_identity=settings.create_mail_identity)
        self.pages = Pages(self, "Pages", key=self.key)
        self.status_site = StatusSite(
            self,
            "StatusSite",
            access_logs=self.archive.access_logs,
            pages_url=self.pages.url,
            domain=settings.status_domain,
        )
        self.subscribers = Subscribers(self, "Subscribers", key=self.key)
        self.contact_centre = ContactCentre(self, "ContactCentre", plan=plan)
        self.authenticators = Authenticators(self, "Authenticators", plan=plan, key=self.key)
        self.intake = Intake(self, "Intake", plan=plan, handler_timeout=SHAPES["intake"].timeout)
        self.reception = Reception(self, "Reception", accounts=settings.fleet.other_accounts)
        self.follow_up = FollowUp(self, "FollowUp", table=self.records.table, key=self.key)
        self.feedback = MailFeedback(
            self,
            "MailFeedback",
            configuration_set=self.mail.configuration_set.configuration_set_name,
            handler_timeout=SHAPES["mail_feedback"].timeout,
        )
        self.functions = Functions(
            self, "Functions", sources=sources, code=package(self), key=self.key, reach=self._reach()
        )
        self._add_workflow_functions()
        self.workflow = Workflow(self, "Workflow", sources=sources, surroundings=self._surroundings())
        self._connect_intake()
        self._connect_pages()
        self._connect_reports()
        self._connect_follow_up()
        self._connect_feedback()
        self.operations = self._watch()
        self._say_where_things_are()

    def _reach(self) -> dict[Port, Reach]:
        """The resources behind the ports that more than one function has."""
        key_arn = self.key.key_arn
        return {
            Port.RECORDS: Reach(resources=(self.records.table.table_arn,), key_arn=key_arn),
            Port.ARCHIVE: Reach(
                resources=(
                    self.archive.bucket.bucket_arn,
                    self.archive.bucket.arn_for_objects("*"),
                ),
                key_arn=key_arn,
                why_wildcard="The key of a report or file holds its incident's id, known only when it happens",
            ),
            Port.UPLOADS: self.uploads.reach,
            Port.SUBSCRIBERS: self.subscribers.reach,
            Port.POST: self.mail.reach,
            Port.TASKS: Reach(resources=("*",), why_wildcard="SendTaskSuccess and SendTaskFailure accept no resource"),
        }

    def _add_workflow_functions(self) -> None:
        deadline = machine_arn(self, "deadline")
        table = {"records_table": self.records.table.table_name}
        pages = {"pages_url": self.pages.url}
        mail = {"configuration_set": self.mail.configuration_set.configuration_set_name}
        clocks = {"deadline_state_machine": deadline}
        settings: dict[str, dict[str, str]] = {
            "triage": {},
            "orders": {},
            "decision_request": {**pages, **mail},
            "task_force": {**mail, **clocks},
            "severity": {**mail, **clocks},
            "team_assignment": {**pages, **mail, **clocks},
            "deadlines": {**mail, **clocks},
            "customer_hotline": {},
            "carriers": mail,
            "resources": mail,
            "report": {"archive_bucket": self.archive.bucket.bucket_name},
        }
        reach = {**self.contact_centre.reach, Port.EXECUTIONS: Reach(resources=(deadline,))}
        for name, own in settings.items():
            self.functions.add(name, {**table, **own}, reach)
        self._add_maintenance({**table, **mail})
        self._add_statement()

    def _add_maintenance(self, settings: Mapping[str, str]) -> None:
        machines = {
            "response_state_machine": machine_arn(self, "emergency_response"),
            "maintenance_state_machine": machine_arn(self, "maintenance"),
        }
        reach = {Port.EXECUTIONS: Reach(resources=tuple(machines.values()))}
        self.pages.serve_maintenance(self.functions.add("maintenance", {**settings, **machines}, reach))

    def _add_statement(self) -> None:
        statement = self.functions.add(
            "statement",
            {
                "records_table": self.records.table.table_name,
                "archive_bucket": self.archive.bucket.bucket_name,
                "status_bucket": self.status_site.bucket.bucket_name,
                **self._told_of_subscribers(),
            },
            self.status_site.reach,
        )
        self.status_site.refresh_by(statement)

    def _told_of_subscribers(self) -> dict[str, str]:
        """The settings of who writes to subscribers."""
        return {
            "subscribers_table": self.subscribers.table.table_name,
            "configuration_set": self.mail.configuration_set.configuration_set_name,
            "status_url": self.status_site.url,
            "pages_url": self.pages.url,
        }

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            functions=dict(self.functions.added),
            table=self.records.table,
            leadership=self.topics.leadership,
            key=self.key,
        )

    def _connect_intake(self) -> None:
        response = self.workflow.emergency_response.state_machine_arn
        intake = self.functions.add(
            "intake",
            {
                "records_table": self.records.table.table_name,
                "response_state_machine": response,
                "dead_letter_queue": self.intake.rejected.queue_url,
                "own_alarm_prefix": f"{self.stack_name}-",
            },
            {
                Port.EXECUTIONS: Reach(resources=(response,)),
                Port.QUEUE: self.intake.reach,
                Port.DEAD_LETTERS: Reach(resources=(self.intake.rejected.queue_arn,)),
            },
        )
        self.intake.feed(intake)

    def _connect_pages(self) -> None:
        requests = self.workflow.requests
        page = self.functions.add(
            "decision_page",
            {
                "records_table": self.records.table.table_name,
                "pages_url": self.pages.url,
                "archive_bucket": self.archive.bucket.bucket_name,
                "uploads_bucket": self.uploads.bucket.bucket_name,
                "configuration_set": self.mail.configuration_set.configuration_set_name,
                "authenticator_secret": self.authenticators.secret,
                "status_url": self.status_site.url,
                **requests,
            },
            {
                Port.EXECUTIONS: Reach(resources=tuple(requests.values())),
                Port.AUTHENTICATORS: self.authenticators.reach,
            },
        )
        self.pages.serve(page)
        self.pages.serve_subscribers(self.functions.add("subscriptions", self._told_of_subscribers()))

    def _connect_reports(self) -> None:
        response = self.workflow.emergency_response.state_machine_arn
        reports = self.functions.add(
            "incident_report",
            {
                "records_table": self.records.table.table_name,
                "response_state_machine": response,
                "signal_queue": self.intake.queue.queue_url,
                "own_alarm_prefix": f"{self.stack_name}-",
                "archive_bucket": self.archive.bucket.bucket_name,
                "uploads_bucket": self.uploads.bucket.bucket_name,
                "configuration_set": self.mail.configuration_set.configuration_set_name,
                "pages_url": self.pages.url,
            },
            {
                Port.EXECUTIONS: Reach(resources=(response,)),
                Port.SIGNALS: Reach(resources=(self.intake.queue.queue_arn,)),
            },
        )
        self.pages.serve_reports(reports)

    def _connect_follow_up(self) -> None:
        started = {**self.workflow.requests, **self.workflow.raising, **self.workflow.maintaining}
        deadline = machine_arn(self, "deadline")
        follow_up = self.functions.add(
            "decision_follow_up",
            {
                "records_table": self.records.table.table_name,
                "configuration_set": self.mail.configuration_set.configuration_set_name,
                "deadline_state_machine": deadline,
                **started,
            },
            {Port.EXECUTIONS: Reach(resources=(*started.values(), deadline)), **self.follow_up.reach},
        )
        self.follow_up.feed(follow_up)
        self._connect_follow_up_of_incidents()

    def _connect_follow_up_of_incidents(self) -> None:
        started = {
            "response_state_machine": self.workflow.emergency_response.state_machine_arn,
            **self.workflow.raising,
        }
        follow_up = self.functions.add(
            "incident_follow_up",
            {
                "records_table": self.records.table.table_name,
                "configuration_set": self.mail.configuration_set.configuration_set_name,
                **started,
            },
            {Port.EXECUTIONS: Reach(resources=tuple(started.values())), **self.follow_up.reach_for_incidents},
        )
        self.follow_up.feed_incidents(follow_up)

    def _connect_feedback(self) -> None:
        feedback = self.functions.add(
            "mail_feedback",
            {
                "records_table": self.records.table.table_name,
                "subscribers_table": self.subscribers.table.table_name,
            },
            {Port.QUEUE: self.feedback.reach},
        )
        self.feedback.feed(feedback)

    def _watch(self) -> Operations:
        operations = Operations(self, "Operations", topics=self.topics)
        functions = self.functions.added
        for watched in (self.intake, self.follow_up, self.feedback, self.topics, self.status_site):
            operations.watch_dead_letters(watched.dead_letters)
        operations.watch_queue(self.intake.queue)
        operations.watch_follow_up(functions["decision_follow_up"], functions["incident_follow_up"])
        operations.watch_mail(refused=functions["decision_request"], came_back=functions["mail_feedback"])
        operations.watch_reputation(self.mail)
        operations.watch_executions(self.workflow.machines)
        operations.watch_functions(functions.values())
        operations.watch_pages(self.pages.api)
        operations.draw(functions=functions, machines=self.workflow.machines, signals=self.intake.queue, mail=self.mail)
        return operations

    def _say_where_things_are(self) -> None:
        for name, (value, description) in self._places().items():
            CfnOutput(self, name, value=value, description=description)

    def _places(self) -> dict[str, tuple[str, str]]:
        machines = self.workflow
        return {
            "PagesUrl": (self.pages.url, "Where the links of mails begin"),
            "RecordsTable": (self.records.table.table_name, "The incident records"),
            "ArchiveBucket": (self.archive.bucket.bucket_name, "Reports, files and sealed records, locked"),
            "StatusUrl": (self.status_site.url, "What customers and media are told"),
            "StatusName": (
                self.status_site.distribution.distribution_domain_name,
                "What a name of the company's for the status page has to point to",
            ),
            "StatusBucket": (self.status_site.bucket.bucket_name, "The files of the status page"),
            "SubscribersTable": (self.subscribers.table.table_name, "Who is mailed the statements"),
            "UploadsBucket": (self.uploads.bucket.bucket_name, "Files that wait to be put on record"),
            "EmergencyResponseStateMachine": (
                machines.emergency_response.state_machine_arn,
                "One execution an incident",
            ),
            "DecisionStateMachine": (machines.decision.state_machine_arn, "One execution a question"),
            "DeadlineStateMachine": (machines.deadline.state_machine_arn, "One execution a clock"),
            "ReleaseStateMachine": (machines.release.state_machine_arn, "One execution a request for release"),
            "StatementStateMachine": (machines.statement.state_machine_arn, "One execution a statement"),
            "CarrierStateMachine": (machines.carrier.state_machine_arn, "One execution a carrier's order"),
            "SeverityStateMachine": (machines.severity.state_machine_arn, "One execution a worse signal"),
            "MaintenanceStateMachine": (machines.maintenance.state_machine_arn, "One execution a planned maintenance"),
            "LeadershipTopic": (self.topics.leadership.topic_arn, "Pages the leadership group"),
            **self._queues(),
            **self._by_hand(),
            **self._secrets(),
        }

    def _queues(self) -> dict[str, tuple[str, str]]:
        """Queues by URL, as receiving and sending want them; by ARN too where a redrive wants it."""
        intake, feedback = self.intake, self.feedback
        return {
            "SignalQueue": (intake.queue.queue_url, "The queue in front of intake"),
            "SignalQueueArn": (intake.queue.queue_arn, "Where signals are redriven to"),
            "RejectedSignalsQueue": (intake.rejected.queue_url, "Signals that intake rejected or failed on"),
            "RejectedSignalsQueueArn": (intake.rejected.queue_arn, "From where rejected signals are redriven"),
            "UndeliveredSignalsQueue": (intake.undelivered.queue_url, "Signals that EventBridge could not deliver"),
            "FeedbackQueue": (feedback.queue.queue_url, "What SES tells of mails that did not arrive"),
            "RejectedFeedbackQueue": (feedback.rejected.queue_url, "Feedback that mail_feedback failed on"),
            "UndeliveredFeedbackQueue": (feedback.undelivered.queue_url, "Feedback that EventBridge could not deliver"),
            "UnfollowedDecisionsQueue": (
                self.follow_up.unfollowed.queue_url,
                "Which decisions were not followed up for an hour",
            ),
            "UnfollowedIncidentsQueue": (
                self.follow_up.unfollowed_incidents.queue_url,
                "Which incidents were not followed up for an hour",
            ),
            "UnrefreshedStatusPagesQueue": (
                self.status_site.unrefreshed.queue_url,
                "That the status page could not be written",
            ),
            "UndeliveredPagesQueue": (self.topics.undelivered.queue_url, "Pages that SNS could not deliver"),
        }

    def _by_hand(self) -> dict[str, tuple[str, str]]:
        """Functions that operators call."""
        return {
            "ResourcesFunction": (self._name_of("resources"), "Gives back by hand what an incident has on loan"),
            "CustomerHotlineFunction": (self._name_of("customer_hotline"), "Closes an incident's hotline by hand"),
            "TaskForceFunction": (self._name_of("task_force"), "Introduces a task force and starts clocks by hand"),
            "TeamAssignmentFunction": (self._name_of("team_assignment"), "Gives out clean-up's checklists by hand"),
            "DeadlinesFunction": (self._name_of("deadlines"), "Starts the clocks of notices by hand"),
            "ReportFunction": (self._name_of("report"), "Seals an incident's record by hand"),
            "StatementFunction": (
                self._name_of("statement"),
                "Publishes a statement, or writes the status page, by hand",
            ),
            "CarriersFunction": (self._name_of("carriers"), "Proposes a re-plan, or notes a carrier's answer, by hand"),
            "IncidentReportFunction": (self._name_of("incident_report"), "Mails contacts their standing links by hand"),
            "MaintenanceFunction": (self._name_of("maintenance"), "Ends planned maintenance by hand"),
            "DecisionFollowUpFunction": (self._name_of("decision_follow_up"), "Follows up a decision by hand"),
            "IncidentFollowUpFunction": (self._name_of("incident_follow_up"), "Follows up an incident by hand"),
            "SeverityFunction": (self._name_of("severity"), "Raises a severity, as it was decided, by hand"),
        }

    def _secrets(self) -> dict[str, tuple[str, str]]:
        if not self.authenticators.exists:
            return {}
        return {"AuthenticatorSecret": (self.authenticators.secret, "The secrets of people's authenticator apps")}

    def _name_of(self, function: str) -> str:
        return self.functions.added[function].function.function_name
