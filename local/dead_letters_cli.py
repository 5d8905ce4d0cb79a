"""`python -m local dead-letters`: which queues it asks, what it prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.dead_letters import MOST_SHOWN, DeadLetterQueue, DeadLetters, DeadLettersError
from local.engine import clients
from local.engine.delivery import Home
from local.stack import CONSOLE_KEY_ID, HOME

LOCAL_ENDPOINT = "http://127.0.0.1:8700"


@dataclass(frozen=True, kw_only=True)
class Where:
    """The AWS that is asked.

    Attributes:
        endpoint: The local home's address; empty for AWS itself.
        profile: One of the AWS configuration; empty for the one in force.
        region: Empty for the local home's, or the configuration's.
    """

    endpoint: str = ""
    profile: str = ""
    region: str = ""

    def client(self, service: str) -> Any:
        """A client of it."""
        if self.endpoint:
            region = self.region or HOME.region
            return clients.client(service, endpoint=self.endpoint, region=region, key_id=CONSOLE_KEY_ID)
        session = boto3.Session(profile_name=self.profile or None, region_name=self.region or None)
        return session.client(service)  # type: ignore[call-overload]


@dataclass(frozen=True, kw_only=True)
class Redrive:
    """What is asked beside showing.

    Attributes:
        to: The ARN of another queue than the one that the messages were meant for; empty for that one.
        profile: The one that may send there.
    """

    to: str = ""
    profile: str = ""


def show(where: Where, stack: str, only: str, console: Console) -> None:
    """Prints what lies in the stack's dead-letter queues, or in the one that is named. Raises DeadLettersError."""
    with _in_words(where):
        letters = DeadLetters(sqs=where.client("sqs"), events=where.client("events"), stack=stack)
        queues = _chosen(letters.queues(), stack, only)
        console.print(_table(letters, queues) if any(queue.waiting for queue in queues) else _nothing(queues))


def redrive(where: Where, stack: str, only: str, order: Redrive, console: Console) -> None:
    """Sends what lies there back to where it was meant to go, and prints how many went. Raises DeadLettersError."""
    if order.to and not only:
        raise DeadLettersError("--to needs --queue: it says where the messages of one queue go.")
    with _in_words(where):
        letters = DeadLetters(sqs=where.client("sqs"), events=where.client("events"), stack=stack)
        for queue in _chosen(letters.queues(), stack, only):
            _redrive_one(letters, queue, where, order, console)


def _redrive_one(letters: DeadLetters, queue: DeadLetterQueue, where: Where, order: Redrive, console: Console) -> None:
    destination = order.to or queue.destination
    if not destination:
        if queue.waiting:
            console.print(f"{queue.name}: {queue.waiting} left, as they were meant for no queue here.", style="yellow")
        return
    there = Where(
        endpoint=where.endpoint, profile=order.profile or where.profile, region=Home.of_arn(destination).region
    ).client("sqs")
    url = there.get_queue_url(
        QueueName=destination.rpartition(":")[2], QueueOwnerAWSAccountId=Home.of_arn(destination).account
    )["QueueUrl"]
    moved = letters.redrive(queue, there, url)
    console.print(f"{queue.name}: {moved} of {queue.waiting} redriven.")


def _chosen(queues: Sequence[DeadLetterQueue], stack: str, only: str) -> Sequence[DeadLetterQueue]:
    if not queues:
        raise DeadLettersError(
            f"there is no queue of a stack {stack} here; --stack, --region or --profile name another."
        )
    chosen = [queue for queue in queues if not only or only in (queue.name, queue.arn, queue.url)]
    if not chosen:
        raise DeadLettersError(f"no dead-letter queue is called {only}; there are {', '.join(q.name for q in queues)}.")
    return chosen


def _nothing(queues: Iterable[DeadLetterQueue]) -> str:
    return f"Nothing lies in {', '.join(queue.name for queue in queues)}."


def _table(letters: DeadLetters, queues: Iterable[DeadLetterQueue]) -> Table:
    table = Table("Queue", "Age", "Reason", "Event")
    for queue in queues:
        found = letters.letters(queue) if queue.waiting else ()
        for letter in found:
            # As text: what comes from outside must not be taken for markup.
            table.add_row(queue.name, _age(letter.sent_at), Text(letter.reason), Text(letter.event))
        if queue.waiting > len(found) >= MOST_SHOWN:
            table.add_row(queue.name, "", f"and {queue.waiting - len(found)} more", "")
    return table


def _age(sent_at: datetime) -> str:
    age = timedelta(seconds=max(0, round((datetime.now(UTC) - sent_at).total_seconds())))
    return str(age)


@contextmanager
def _in_words(where: Where) -> Iterator[None]:
    """Says in one line what AWS, or nobody, answered."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        remedy = " Start it with `python -m local up`, or ask AWS with --aws." if where.endpoint else ""
        raise DeadLettersError(f"{error}{remedy}") from None
