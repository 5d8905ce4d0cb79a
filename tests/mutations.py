"""Takes each protection out once and sees its test fail: `make mutants`.

A protection that can be removed without a red test protects nothing. Each mutation is made in a copy of the project, so
the work tree is never touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
COPIED = (
    "benchmarks",
    "functions",
    "infra",
    "local",
    "plan",
    "statemachines",
    "tests",
    "pyproject.toml",
    "cdk.json",
    "app.py",
)

DOMAIN = "functions/emergency/domain"
USE_CASES = "functions/emergency/use_cases"
SECOND_FACTOR = "tests/unit/requirements/test_second_factor.py"
DECISIONS = "tests/unit/requirements/test_decisions.py"
PROTOCOL = "tests/unit/requirements/test_protocol.py"
QUESTIONS = "tests/unit/use_cases/test_questions.py"
PAGE = "tests/functions/test_decision_page.py"
STOCK = "functions/emergency/aws/stock.py"
CONTRACT = "tests/functions/test_records_contract.py"
WORK = "tests/unit/use_cases/test_teams_at_work.py"
NOTICES = "tests/unit/use_cases/test_notices.py"
CLOCKS = "tests/unit/use_cases/test_clocks.py"
FILES = "tests/unit/use_cases/test_files_and_seal.py"
HOTLINE = "tests/unit/use_cases/test_hotline.py"
REPLAN = "tests/unit/use_cases/test_replan.py"
CARRIERS = "tests/functions/test_carriers.py"
RUN_HOTLINE = f"{USE_CASES}/run_hotline.py"
STATEMENTS = "tests/unit/use_cases/test_statements.py"
PUBLISH = f"{USE_CASES}/publish_statement.py"
SITE = "tests/unit/presentation/test_status_site.py"
SUBSCRIBERS = "tests/unit/use_cases/test_subscriptions.py"
STANDING = "tests/unit/use_cases/test_standing_links.py"
REPORTING = "tests/functions/test_incident_report.py"
SUBSCRIBING = "tests/functions/test_subscriptions.py"
ASSESSMENT = f"{DOMAIN}/assessment.py"
ASSESSED = "tests/unit/domain/test_assessment.py"
CORRELATION = "tests/unit/use_cases/test_correlation.py"
CORRELATED = "tests/unit/domain/test_correlation.py"
ASYNCHRONOUS = "tests/infra/test_asynchronous.py"
FORWARDING = "tests/infra/test_forwarding.py"
MAINTENANCE = "tests/unit/use_cases/test_maintenance.py"
SHAPES = "tests/unit/domain/test_event_shapes.py"
WORSENING = "tests/unit/use_cases/test_worsening.py"
RAISING = f"{USE_CASES}/raise_severity.py"
TOGETHER = f"{USE_CASES}/report_together.py"
BATCHES = "tests/unit/use_cases/test_report_together.py"


@dataclass(frozen=True)
class Mutation:
    """One protection taken out: in `file`, `before` becomes `after`; one of `tests` must fail then."""

    requirement: str
    file: str
    before: str
    after: str
    tests: str


MUTATIONS = (
    Mutation(
        "R1 looking writes nothing",
        "functions/decision_page/handler.py",
        '    done = asked_for(app.current_event, "done")',
        "    parts.answer_question().challenges.device_key(opened.link.incident_id, 'x')\n"
        '    done = asked_for(app.current_event, "done")',
        f"{PAGE}::test_r1_a_hundred_scanners_change_nothing_and_tell_the_workflow_nothing",
    ),
    Mutation(
        "R3 no secret leaves the records",
        f"{DOMAIN}/report.py",
        'replace(decision, form_key="", task_token="")',
        "decision",
        "tests/unit/use_cases/test_response.py::test_p6_6_the_record_that_is_filed_holds_everything_but_secrets",
    ),
    Mutation(
        "R4 links are stored hashed",
        f"{USE_CASES}/ask_people.py",
        "digest=digest_of(link_id)",
        "digest=link_id",
        f"{QUESTIONS}::test_r4_only_the_digest_of_a_link_is_stored",
    ),
    Mutation(
        "R2 the code is asked for",
        f"{USE_CASES}/answer_question.py",
        "if not opened.decision.second_factor:",
        "if True:",
        f"{SECOND_FACTOR}::test_r2_a_posted_form_alone_decides_nothing",
    ),
    Mutation(
        "R2 tries are counted",
        f"{DOMAIN}/second_factor.py",
        "tries=challenge.tries + 1",
        "tries=challenge.tries",
        f"{SECOND_FACTOR}::test_r2_five_wrong_tries_use_up_a_code_the_right_one_included",
    ),
    Mutation(
        "R2 codes are counted",
        f"{DOMAIN}/second_factor.py",
        "if number > CODES or earlier_tries >= GUESSES:",
        "if earlier_tries >= GUESSES:",
        f"{SECOND_FACTOR}::test_r2_nobody_gets_more_than_so_many_codes",
    ),
    Mutation(
        "R2 guesses are counted over all codes",
        f"{DOMAIN}/second_factor.py",
        "if number > CODES or earlier_tries >= GUESSES:",
        "if number > CODES:",
        f"{SECOND_FACTOR}::test_r2_all_codes_together_take_so_many_guesses",
    ),
    Mutation(
        "R2 what is no code is no guess",
        f"{USE_CASES}/answer_question.py",
        "if not is_a_code(entered):",
        "if False:",
        f"{SECOND_FACTOR}::test_r2_a_scanner_that_presses_everything_leaves_the_person_a_code",
    ),
    Mutation(
        "R2 a right code is used up",
        f"{USE_CASES}/answer_question.py",
        "return self.decisions.save(decision, challenge=challenge) if challenge else decision",
        "return decision",
        f"{SECOND_FACTOR}::test_r2_a_code_for_a_vote_that_stands_already_is_used_up_too",
    ),
    Mutation(
        "R8 a code belongs to one answer",
        f"{DOMAIN}/second_factor.py",
        "earlier.draft == draft and not anew:\n        return earlier",
        "not anew:\n        return replace(earlier, draft=draft)",
        f"{SECOND_FACTOR}::test_r8_a_code_makes_the_answer_count_for_which_it_was_mailed_and_no_other",
    ),
    Mutation(
        "R2 a try is on record before its answer",
        f"{USE_CASES}/answer_question.py",
        "            self.challenges.save(challenge, [_failure_of(opened, challenge, self.clock())])\n",
        "",
        f"{SECOND_FACTOR}::test_r2_guessing_in_parallel_gains_no_try",
    ),
    Mutation(
        "R5 a settled decision stays",
        f"{DOMAIN}/decision.py",
        "    _expect_open(decision)\n    if decision.requested_by ==",
        "    if decision.requested_by ==",
        "tests/unit/domain/test_decision.py::test_r5_a_settled_decision_takes_no_other_outcome",
    ),
    Mutation(
        "R6 a form belongs to its link",
        f"{USE_CASES}/answer_question.py",
        "        check_answerer(opened, form)\n",
        "",
        f"{DECISIONS}::test_r6_a_form_of_another_incident_decision_or_person_is_refused",
    ),
    Mutation(
        "R6 the nonce names the person",
        f"{DOMAIN}/link.py",
        "{decision.id}\\n{link.contact}",
        "{decision.id}",
        "tests/unit/domain/test_decision.py::test_r6_a_nonce_fits_its_link_person_and_decision_only",
    ),
    Mutation(
        "R7 codes expire",
        f"{DOMAIN}/second_factor.py",
        "and now < self.expires_at",
        "",
        f"{SECOND_FACTOR}::test_r7_a_code_counts_until_its_last_second_and_not_after",
    ),
    Mutation(
        "R7 a code is used up",
        f"{DOMAIN}/second_factor.py",
        "self.passed_at is None and self.tries_left",
        "self.tries_left",
        f"{SECOND_FACTOR}::test_r7_a_code_is_of_no_use_a_second_time",
    ),
    Mutation(
        "R7 a link dies with its decision",
        "functions/decision_page/handler.py",
        "    if not opened.decision.is_open:\n        return parts.pages().settled(",
        "    if False:\n        return parts.pages().settled(",
        f"{PAGE}::test_r7_a_link_dies_with_its_decision_and_not_a_moment_before",
    ),
    Mutation(
        "R8 the code is compared",
        f"{DOMAIN}/second_factor.py",
        "        raise WrongCode(challenge.tries_left)\n\n\ndef is_a_code",
        "        return\n\n\ndef is_a_code",
        f"{SECOND_FACTOR}::test_r8_a_forwarded_link_gets_no_further_and_the_attempt_is_on_the_timeline",
    ),
    Mutation(
        "R8 a code names its person",
        f"{DOMAIN}/second_factor.py",
        "{decision.id}\\n{challenge.contact}",
        "{decision.id}",
        f"{SECOND_FACTOR}::test_r8_the_code_of_one_person_proves_no_other",
    ),
    Mutation(
        "R8 an app's code belongs to an answer too",
        f"{USE_CASES}/answer_question.py",
        "tried(_of_the_page(self._challenge_of(link), form), now)",
        "tried(self._challenge_of(link), now)",
        f"{SECOND_FACTOR}::test_r8_an_authenticators_code_confirms_the_answer_on_the_page_and_no_other",
    ),
    Mutation(
        "R8 a device names its person",
        f"{DOMAIN}/second_factor.py",
        'f"device\\n{incident_id}\\n{contact}"',
        'f"device\\n{incident_id}"',
        f"{SECOND_FACTOR}::test_r8_a_device_is_trusted_for_its_person_and_incident_alone",
    ),
    Mutation(
        "R8 an authenticator's code counts once",
        f"{USE_CASES}/answer_question.py",
        "if not self.challenges.spend(challenge, step):",
        "if False:",
        f"{SECOND_FACTOR}::test_r8_an_authenticators_code_counts_once_and_no_mail_is_sent",
    ),
    Mutation(
        "R9 who asked isn't asked",
        f"{DOMAIN}/decision.py",
        "barred = _author(request, statement, maintenance)",
        'barred = ""',
        f"{DECISIONS}::test_r9_who_asked_for_it_is_not_asked_and_cannot_decide",
    ),
    Mutation(
        "R9 two heads",
        f"{DOMAIN}/decision.py",
        "if len(alike) < decision.needed:",
        "if False:",
        f"{DECISIONS}::test_r9_where_two_are_needed_one_decides_nothing",
    ),
    Mutation(
        "R9 one person, one vote",
        f"{DOMAIN}/decision.py",
        "votes = (*(earlier for earlier in decision.votes if earlier.by != vote.by), vote)",
        "votes = (*decision.votes, vote)",
        "tests/unit/domain/test_decision.py::TestQuorum",
    ),
    Mutation(
        "R8 the cookie stays with our pages",
        "functions/decision_page/handler.py",
        "same_site=SameSite.STRICT_MODE",
        "same_site=SameSite.LAX_MODE",
        f"{PAGE}::test_r8_the_device_cookie_is_bound_hidden_and_of_use_to_nobody_else",
    ),
    Mutation(
        "R10 a workflow that is gone",
        "functions/emergency/aws/services.py",
        "(gone.TaskTimedOut, gone.TaskDoesNotExist, gone.InvalidToken)",
        "(gone.TaskTimedOut, gone.TaskDoesNotExist)",
        "tests/functions/test_services.py::test_r10_a_workflow_that_no_longer_waits_is_said_by_one_name",
    ),
    Mutation(
        "R11 a way on after a wait",
        "statemachines/decision.asl.json",
        '            "States.Timeout",\n',
        "",
        "tests/unit/statemachines/test_definitions.py",
    ),
    Mutation(
        "R12 the newest token",
        f"{DOMAIN}/decision.py",
        "level=level, task_token=task_token, place=place)",
        "level=level, place=place)",
        f"{DECISIONS}::test_r12_the_newer_token_waits_and_the_older_mail_still_counts_once",
    ),
    Mutation(
        "R12 a straggler",
        f"{USE_CASES}/ask_people.py",
        "if not decision.is_open or decision.level > call.level:",
        "if not decision.is_open:",
        f"{QUESTIONS}::test_a_straggler_of_an_earlier_rung_mails_nobody_and_leaves_the_newer_token",
    ),
    Mutation(
        "R13 a lost answer",
        f"{USE_CASES}/follow_up.py",
        "        tell_workflow(decision, self.workflow)\n",
        "",
        f"{DECISIONS}::test_r13_what_was_recorded_but_not_passed_on_is_made_up_for {PROTOCOL}",
    ),
    Mutation(
        "R13 a lost request",
        f"{USE_CASES}/follow_up.py",
        "            self.workflow.start_request(incident_id, decision_id, decision.kind)\n",
        "            pass\n",
        f"{DECISIONS}::test_r13_what_was_recorded_but_not_passed_on_is_made_up_for",
    ),
    Mutation(
        "R14 an execution that intake did not start",
        f"{USE_CASES}/follow_incident.py",
        "            self.workflow.start(incident_id)\n",
        "            pass\n",
        f"{WORSENING}::TestBeginning",
    ),
    Mutation(
        "P3 nobody is asked to lower a severity",
        f"{DOMAIN}/incident.py",
        "return is_responding and severity < incident.severity",
        "return is_responding",
        f"{WORSENING}::TestAsking {WORSENING}::TestRaising",
    ),
    Mutation(
        "P3 nothing is raised once clean-up has begun",
        f"{DOMAIN}/incident.py",
        "incident.status is IncidentStatus.ACTIVE and incident.handled_at is None",
        "incident.status is IncidentStatus.ACTIVE",
        f"{WORSENING}::TestRaising::test_an_answer_after_clean_up_began_raises_nothing",
    ),
    Mutation(
        "P3 silence raises nothing",
        RAISING,
        "if before or worsening is None or answer is None or answer.outcome is not Outcome.RAISED:",
        "if before or worsening is None or answer is None:",
        f"{WORSENING}::TestRaising",
    ),
    Mutation(
        "P6.2 what came between orders and their carrying out",
        f"{USE_CASES}/follow_incident.py",
        "            self.ask_whether_to_raise.since_orders(incident_id)\n",
        "            pass\n",
        f"{WORSENING}::TestAsking",
    ),
    Mutation(
        "P4 notices that only the higher severity brings",
        f"{USE_CASES}/notices.py",
        "further = presumed([notice for notice in notices if notice not in known])",
        "further = ()",
        f"{WORSENING}::TestFurtherNotices",
    ),
    Mutation(
        "P4 notices that legal has ruled out",
        f"{USE_CASES}/notices.py",
        "further = presumed([notice for notice in notices if notice not in known])",
        "further = presumed(notices)",
        f"{WORSENING}::TestFurtherNotices",
    ),
    Mutation(
        "P6.1 whoever reports hears how it goes on",
        f"{USE_CASES}/follow_incident.py",
        "        self.tell_reporters(incident_id, entry.fact)\n",
        "",
        f"{WORSENING}::TestReporters",
    ),
    Mutation(
        "R15 few mails about alarms that go off",
        f"{USE_CASES}/follow_incident.py",
        "{(on or 0).bit_length()}",
        "{on}",
        f"{WORSENING}::TestCleared::test_however_many_go_off_few_mails_are_sent",
    ),
    Mutation(
        "R18 not mailed twice",
        f"{DOMAIN}/decision.py",
        "(contact, level, reminder) and a.mail_id for a in self.asked)",
        "(contact, level, reminder) and False for a in self.asked)",
        f"{QUESTIONS}::test_r18_asking_twice_never_mails_zero_times_and_a_crash_is_made_up_for",
    ),
    Mutation(
        "R18 everyone is told",
        f"{USE_CASES}/follow_up.py",
        "                self._tell(decision, contact)\n",
        "                pass\n",
        f"{DECISIONS}::test_r18_everyone_asked_learns_what_was_decided_whatever_crashes",
    ),
    Mutation(
        "R19 a bounce hurries on",
        f"{USE_CASES}/note_undelivered.py",
        "cut = without_the_unreachable(marked, frozenset(), asked_now.union(person.contact for person in to_ask))",
        "cut = marked",
        f"{DECISIONS}::test_r19_a_bounce_asks_the_next_rung_at_once_and_ops_see_it",
    ),
    Mutation(
        "R19 not while somebody can answer",
        f"{DOMAIN}/decision.py",
        "bool(people) and all(",
        "bool(people) and any(",
        f"{DECISIONS}::test_r19_a_bounce_of_one_of_two_leaves_the_other_their_time",
    ),
    Mutation(
        "R19 no waiting for whom no mail was taken",
        f"{DOMAIN}/decision.py",
        " and decision.awaits_somebody",
        "",
        f"{DECISIONS}::test_r19_a_sender_that_is_throttled_moves_on_and_comes_to_an_end_of_the_ladder_that_pages",
    ),
    Mutation(
        "R24 older executions go on",
        f"{USE_CASES}/ask_people.py",
        "if decision.is_from_before:",
        "if False:",
        "tests/functions/test_records_contract.py::"
        "test_r24_a_question_put_before_rungs_had_their_own_times_is_read_and_goes_on_as_its_execution_knows",
    ),
    Mutation(
        "R19 a mark is heeded",
        f"{USE_CASES}/ask_people.py",
        "cut = without_the_unreachable(decision, marked, contacts)",
        "cut = without_the_unreachable(decision, (), contacts)",
        f"{DECISIONS}::test_r19_a_marked_person_is_still_mailed_and_nobody_waits_for_them",
    ),
    Mutation(
        "P6.4 all loans or none",
        STOCK,
        "self.table.write([*loans, *taken, *noted])",
        "[self.table.write([one]) for one in (*loans, *taken, *noted)]",
        f"{CONTRACT}::test_p6_4_all_loans_of_an_incident_are_taken_together_or_none",
    ),
    Mutation(
        "P6.4 no more than there is",
        STOCK,
        '"attribute_not_exists(lent) OR lent <= :most"',
        '"attribute_not_exists(lent) OR lent <= :most OR lent > :most"',
        f"{CONTRACT}::test_p6_4_of_many_incidents_that_lend_at_once_as_many_get_some_as_there_is",
    ),
    Mutation(
        "P6.4 nobody with two incidents",
        STOCK,
        "return self.table.put_new(to_attributes(called))",
        "return self.table.put(to_attributes(called))",
        f"{CONTRACT}::test_p6_4_nobody_of_the_reserve_is_called_by_two_incidents",
    ),
    Mutation(
        "P7 nobody overdraws",
        STOCK,
        "if loan is None or expense.quantity > loan.left:",
        "if loan is None:",
        f"{CONTRACT}::test_p7_nobody_spends_more_than_they_have_and_an_expense_counts_once",
    ),
    Mutation(
        "P7 what is spent at once",
        STOCK,
        "(spent = :before OR attribute_not_exists(spent))",
        "(:before = :before OR attribute_not_exists(spent))",
        f"{CONTRACT}::test_p7_funds_that_several_spend_at_once_are_never_overdrawn",
    ),
    Mutation(
        "P7 a loan goes back as it is",
        STOCK,
        "(spent = :spent OR attribute_not_exists(spent))",
        "(:spent = :spent OR attribute_not_exists(spent))",
        f"{CONTRACT}::test_p7_a_loan_goes_back_as_it_is_and_not_as_it_was",
    ),
    Mutation(
        "P7 a stock-take counts once",
        STOCK,
        "(attribute_not_exists(counted) OR counted < :day)",
        "(attribute_not_exists(counted) OR attribute_exists(counted))",
        f"{CONTRACT}::test_p7_two_who_read_a_stock_take_at_once_count_once",
    ),
    Mutation(
        "R6 who helps answers nothing",
        f"{USE_CASES}/open_link.py",
        "    if opened.link.help:\n",
        "    if False:\n",
        f"{WORK}::TestHelping",
    ),
    Mutation(
        "P6.3 a task waits for another",
        f"{DOMAIN}/assignment.py",
        "if any(holding_up(task, known) for task in fresh):",
        "if False:",
        "tests/unit/domain/test_assignment.py::TestOrder",
    ),
    Mutation(
        "P6.3 what others ticked stays",
        f"{USE_CASES}/work_on_tasks.py",
        "frozenset(form.get(WAS_DONE, ()))",
        "frozenset(task.id for one in opened.record.assignments.values() for task in one.tasks)",
        f"{WORK}::TestTicking",
    ),
    Mutation(
        "P6.5 nothing stays switched",
        f"{USE_CASES}/answer_question.py",
        "if outcome is Outcome.HANDED_IN and still_to_close(opened.briefing.assignment):",
        "if False:",
        f"{WORK}::TestCleanUp",
    ),
    Mutation(
        "P6.5 nothing is switched behind clean-up",
        f"{USE_CASES}/work_on_tasks.py",
        "if step is Step.EMERGENCY_RESPONSE and before.cleaning_since:",
        "if False:",
        f"{WORK}::TestTicking",
    ),
    Mutation(
        "R6 a file is its person's",
        f"{DOMAIN}/attachment.py",
        "if not key.startswith(own) or ",
        "if ",
        f"{FILES}::TestFiles",
    ),
    Mutation(
        "P6.5 the upload's size is limited",
        "functions/emergency/aws/uploads.py",
        '                ["content-length-range", 1, MOST_UPLOADED],\n',
        "",
        "tests/functions/test_uploads.py",
    ),
    Mutation(
        "P6.5 a digest is of its part",
        f"{DOMAIN}/seal.py",
        "sha256=hashlib.sha256(content)",
        "sha256=hashlib.sha256(name.encode())",
        f"{FILES}::TestSeal",
    ),
    Mutation(
        "R3 no clock's token leaves the records",
        f"{DOMAIN}/report.py",
        'replace(deadline, task_token="")',
        "deadline",
        f"{FILES}::TestSeal::test_r3_no_secret_is_in_what_is_filed",
    ),
    Mutation(
        "P8.1 a prompt is given once",
        f"{USE_CASES}/watch_clocks.py",
        "self.assignments.save(prompted(current, fresh), entries)",
        "self.assignments.save(current, entries)",
        f"{CLOCKS}::TestTasks",
    ),
    Mutation(
        "R18 a notification is sent once",
        f"{USE_CASES}/notify.py",
        "        if before is not None:\n",
        "        if False:\n",
        "tests/unit/requirements/test_crashes.py::test_two_runs_without_any_crash_end_the_same_too",
    ),
    Mutation(
        "P8.1 a missed update is paged",
        f"{USE_CASES}/watch_clocks.py",
        "if after.missed > after.paged:",
        "if after.missed > deadline.missed:",
        f"{CLOCKS}::TestUpdates tests/unit/requirements/test_crashes.py",
    ),
    Mutation(
        "P4 a notice is warned by its own clock",
        f"{DOMAIN}/decision.py",
        "(due_at - decision.clock.began_at) * decision.remind_at / 100",
        "(due_at - decision.clock.began_at)",
        f"{NOTICES}::TestWaiting",
    ),
    Mutation(
        "P4 a bounce costs no law's time",
        f"{DOMAIN}/decision.py",
        "if decision.clock and (level == 0 or now < decision.clock.due_at):",
        "if decision.clock and level == 0:",
        f"{NOTICES}::TestWaiting",
    ),
    Mutation(
        "P4 a miss is on record",
        f"{DOMAIN}/decision.py",
        "now + _MOMENT >= self.clock.due_at",
        "now >= self.clock.due_at",
        f"{NOTICES}::TestWaiting",
    ),
    Mutation(
        "P6.3 an address gets one confirmation mail an hour",
        f"{DOMAIN}/subscription.py",
        "is_new = self.mailed_at is None or self.mailed_at + ASK_AGAIN_AFTER <= now",
        "is_new = True",
        f"{SUBSCRIBERS}::test_an_address_is_mailed_once_an_hour_however_often_it_is_entered",
    ),
    Mutation(
        "P6.3 of two who ask at once one is mailed",
        f"{USE_CASES}/subscriptions.py",
        "self.subscribers.save(replace(after, claimed_at=now))",
        "self.subscribers.save(after)",
        f"{SUBSCRIBERS}::test_who_has_just_been_mailed_is_not_asked_beside_it",
    ),
    Mutation(
        "P6.3 a stranger changes nothing of a subscriber's mails",
        f"{DOMAIN}/subscription.py",
        "return replace(before, wanted=locale)",
        "return replace(before, locale=locale)",
        f"{SUBSCRIBERS}::test_a_confirmed_address_is_mailed_like_any_other",
    ),
    Mutation(
        "P6.3 a statement is mailed once",
        f"{USE_CASES}/tell_subscribers.py",
        "if statement.id in subscriber.told:",
        "if False:",
        f"{SUBSCRIBERS}::test_everybody_is_told_once_in_calls_of_a_hundred",
    ),
    Mutation(
        "P6.3 who left is not brought back",
        "functions/emergency/aws/subscribers.py",
        "self.table.put_next(address, subscriber.version)",
        "self.table.put(address)",
        f"{SUBSCRIBING}::test_who_was_forgotten_is_not_written_back",
    ),
    Mutation(
        "P6.3 a program that fills in everything gets nothing",
        "functions/subscriptions/handler.py",
        "if form.get(HONEYPOT):",
        "if False:",
        f"{SUBSCRIBING}::test_a_program_that_fills_in_everything_gets_no_mail_and_no_record",
    ),
    Mutation(
        "RFC 8058 a long link is not encoded",
        "functions/emergency/aws/services.py",
        '_HEADERS.map_to_type("list-unsubscribe", _Unfolded)',
        "",
        f"{SUBSCRIBING}::test_a_long_link_stands_in_its_header_as_mail_programs_read_it",
    ),
    Mutation(
        "P6.5 the emergency flow is nothing to go back to",
        RUN_HOTLINE,
        "if flow in {held.flow, held.former_flow}:",
        "if flow == held.former_flow:",
        f"{HOTLINE}::test_r13_a_crash_between_any_two_calls_loses_no_number_and_leaves_no_flow_in_the_wrong_place",
    ),
    Mutation(
        "P6.5 what people have switched stays",
        RUN_HOTLINE,
        "centre.flow_of(held.phone_number) == held.flow",
        'centre.flow_of(held.phone_number) != ""',
        f"{HOTLINE}::TestClosing::test_what_people_have_switched_to_something_else_is_theirs",
    ),
    Mutation(
        "P6.5 a run that was overtaken switches nothing",
        RUN_HOTLINE,
        "if has_emergency_flow and self.hotlines.open_for(held.incident_id) == held:",
        "if has_emergency_flow:",
        f"{HOTLINE}::TestClosing::test_a_run_that_was_overtaken_leaves_the_next_incidents_hotline_alone",
    ),
    Mutation(
        "P6.5 a number goes back once it is switched back",
        RUN_HOTLINE,
        "            self._switch_back(held)\n",
        "            with suppress(ContactCentreUnavailable):\n                self._switch_back(held)\n",
        f"{HOTLINE}::TestClosing::test_the_number_is_kept_until_it_is_switched_back",
    ),
    Mutation(
        "P6.5 calls that can't be counted hold up nothing",
        RUN_HOTLINE,
        "        with suppress(ContactCentreUnavailable):",
        "        with suppress(RecordChanged):",
        f"{HOTLINE}::TestClosing::test_calls_that_cannot_be_counted_keep_no_number_from_others",
    ),
    Mutation(
        "P6.3 a late run opens nothing that was closed",
        STOCK,
        '"hotline = :hotline AND attribute_not_exists(closed_at)"',
        '"hotline = :hotline"',
        f"{CONTRACT}::test_what_is_known_of_a_hotline_is_stored_once_and_while_it_is_open",
    ),
    Mutation(
        "P6.5 a hotline switched by hand is switched back before the record is handed in",
        f"{DOMAIN}/assignment.py",
        "must_close=task.automatic is AutomaticStep.CLOSE_HOTLINE",
        "must_close=task.must_close",
        f"{HOTLINE}::TestByHand::test_closing_is_a_task_that_holds_up_the_clean_up",
    ),
    Mutation(
        "R6 the agents' sheet is customer service's",
        "functions/decision_page/handler.py",
        "if opened.decision.team is not Team.CUSTOMER_SERVICE or step_of",
        "if step_of",
        f"{PAGE}::test_r6_the_agents_sheet_is_customer_services_alone_and_lasts_until_the_incident_is_over",
    ),
    Mutation(
        "P6.3 nothing is published that was not approved",
        PUBLISH,
        "if draft is None or answer.outcome is not Outcome.APPROVED:",
        "if draft is None:",
        f"{STATEMENTS}::TestApproving::test_nothing_else_than_approval_publishes",
    ),
    Mutation(
        "R9 as many as the plan asks have approved what is published",
        PUBLISH,
        "len(set(answer.voters)) < decision.needed or ",
        "",
        "tests/functions/test_statement.py::TestFunction::test_r9_one_voice_is_not_enough_where_two_are_needed",
    ),
    Mutation(
        "R9 its author approves no statement",
        PUBLISH,
        " or draft.by in answer.voters",
        "",
        f"{STATEMENTS}::TestApproving::test_r9_its_author_has_no_vote",
    ),
    Mutation(
        "P6.3 of two who write the page at once the last has read everything",
        PUBLISH,
        "if self.statements.history() != history:",
        "if history is None:",
        f"{STATEMENTS}::test_of_two_who_publish_at_once_the_last_to_write_has_read_both",
    ),
    Mutation(
        "P6.3 a statement is published once",
        PUBLISH,
        "        if before is not None:\n            return before\n",
        "",
        f"{STATEMENTS}::TestPublishing::test_a_second_run_changes_nothing",
    ),
    Mutation(
        "P6.5 the page of each moment is in the sealed record",
        f"{USE_CASES}/seal_record.py",
        "map(site_listing, record.statements)",
        "map(site_listing, ())",
        f"{STATEMENTS}::TestPublishing::test_the_seal_names_what_the_page_was",
    ),
    Mutation(
        "R6 only public relations drafts statements",
        f"{DOMAIN}/decision.py",
        "return self.team is Team.PUBLIC_RELATIONS and",
        "return",
        f"{PAGE}::test_r6_nobody_else_writes_statements",
    ),
    Mutation(
        "R23 a statement has no markup",
        f"{DOMAIN}/statement.py",
        "_MARKUP.search(text) or ",
        "",
        "tests/unit/domain/test_statement.py::TestReading::test_what_cannot_be_published_is_named_with_its_field",
    ),
    Mutation(
        "R23 a statement has nothing that can't be seen",
        f"{DOMAIN}/statement.py",
        " or any(_is_unseen(sign) for sign in text)",
        "",
        "tests/unit/domain/test_statement.py::TestReading::test_what_cannot_be_published_is_named_with_its_field",
    ),
    Mutation(
        "R23 nothing in a statement is markup in the feed",
        "functions/emergency/presentation/status_site/feed.py",
        "escape(clean(one))",
        "Markup(clean(one))",
        f"{SITE}::test_r23_hostile_text_stays_text",
    ),
    Mutation(
        "P6.3 a clock that fell silent hears of the next statement",
        f"{DOMAIN}/deadline.py",
        "return replace(after, due_at=None) if after.missed",
        "return replace(after, over_at=now) if after.missed",
        f"{CLOCKS}::TestUpdates::test_after_so_many_misses_it_falls_silent_until_something_is_published",
    ),
    Mutation(
        "R23 text from outside is escaped",
        "functions/emergency/presentation/templating.py",
        "autoescape=True",
        "autoescape=False",
        f"{PAGE}::test_r23_what_comes_from_outside_is_escaped",
    ),
    Mutation(
        "a carrier's page knows nothing of the incident",
        f"{USE_CASES}/open_link.py",
        "        return from_outside(told) if self.outside else told\n",
        "        return told\n",
        f"{CARRIERS}::test_a_carrier_sees_nothing_of_the_incident_but_its_order",
    ),
    Mutation(
        "a carrier's mail knows nothing of the incident",
        f"{USE_CASES}/ask_people.py",
        "        return from_outside(told) if self.plan.is_outside(contact) else told\n",
        "        return told\n",
        f"{CARRIERS}::test_a_carrier_sees_nothing_of_the_incident_but_its_order",
    ),
    Mutation(
        "a carrier's link leads to no other page",
        "functions/decision_page/handler.py",
        "    if opened.outside and not outside:\n",
        "    if False:\n",
        f"{CARRIERS}::test_a_carrier_sees_nothing_of_the_incident_but_its_order",
    ),
    Mutation(
        "a carrier does nothing but answer",
        "functions/decision_page/handler.py",
        '    if opened.outside and sent.first("action") not in _OUTSIDE:\n',
        "    if False:\n",
        f"{CARRIERS}::test_a_carrier_sees_nothing_of_the_incident_but_its_order",
    ),
    Mutation(
        "what the lead wrote of a carrier stays inside",
        f"{DOMAIN}/briefing.py",
        "    if answer and answer.by != own:\n",
        "    if False:\n",
        f"{CARRIERS}::test_a_carrier_that_its_lead_answered_for_is_told_that_alone",
    ),
    Mutation(
        "a list of another incident's orders is none",
        f"{USE_CASES}/replan.py",
        "            check_upload(opened.link, key)\n",
        "            pass\n",
        f"{REPLAN}::test_a_list_of_somebody_else_is_none",
    ),
    Mutation(
        "what was ordered before takes its capacity",
        f"{DOMAIN}/deliveries.py",
        "        free[carrier.id] = max(0, carrier.daily_capacity - usual - taken)\n",
        "        free[carrier.id] = max(0, carrier.daily_capacity - usual)\n",
        f"{REPLAN}::test_what_was_ordered_before_takes_its_capacity",
    ),
    Mutation(
        "the same re-plan twice is one",
        f"{USE_CASES}/replan.py",
        "        stored = self.replans.get(opened.link.incident_id, id_)\n",
        "        stored = None\n",
        f"{REPLAN}::test_the_same_form_twice_is_one_replan_and_another_page_makes_another",
    ),
    Mutation(
        "a carrier that declined is not proposed again",
        f"{USE_CASES}/replan.py",
        "orders=standing, without=_unwilling(opened)),\n",
        "orders=standing),\n",
        f"{REPLAN}::test_what_a_carrier_declines_is_left_and_goes_to_others_next",
    ),
    Mutation(
        "P3 likelihood and impact stay within the matrix",
        ASSESSMENT,
        "return min(HIGHEST, max(LOWEST, level))",
        "return level",
        ASSESSED,
    ),
    Mutation(
        "P3 of a figure's steps only the highest that is reached counts",
        ASSESSMENT,
        "reached = [shift for shift in shifts if figure >= shift.at_least]",
        "reached = list(shifts)",
        ASSESSED,
    ),
    Mutation(
        "P6.1 figures that are too far apart have no ratio",
        f"{DOMAIN}/signal.py",
        "return ratio if math.isfinite(ratio) else None",
        "return ratio",
        ASSESSED,
    ),
    Mutation(
        "P6.1 an alarm has every tag that a rule looks for",
        f"{DOMAIN}/classification.py",
        "key in signal.tags and _globs",
        "key not in signal.tags or _globs",
        ASSESSED,
    ),
    Mutation(
        "R1 a rule for any value of a tag doesn't match everything",
        "infra/plan_compiler/checks.py",
        'if glob.strip("*") or name.startswith(TAG)}',
        'if glob.strip("*")}',
        "tests/unit/plan/test_intake_findings.py",
    ),
    Mutation(
        "R16 nothing but the rejection by name comes out of reading",
        f"{DOMAIN}/envelope.py",
        "    except OverflowError:\n        return None",
        "    except IndexError:\n        return None",
        "tests/fuzz/test_fuzzing.py",
    ),
    Mutation(
        "R16 an odd field costs no alarm",
        f"{DOMAIN}/alarm_event.py",
        "    reason: object = None",
        "    reason: str | None = None",
        f"{SHAPES}::test_odd_reason_data_says_nothing_and_costs_no_alarm",
    ),
    Mutation(
        "R16 a long text costs no time",
        f"{DOMAIN}/envelope.py",
        "for character in said[: 8 * limit]",
        "for character in said * 8",
        f"{SHAPES}::test_r16_hostile_input_is_read_or_rejected_in_a_moment",
    ),
    Mutation(
        "an alarm that only holds a composite back is no part of it",
        f"{DOMAIN}/alarm_event.py",
        'return (part["state"] == "OK") is bool(part["negated"])',
        "return bool(part)",
        f"{SHAPES}::test_what_only_holds_a_composite_back_is_no_child_of_it",
    ),
    Mutation(
        "a report that lacks something is rejected",
        f"{DOMAIN}/report_event.py",
        "    if not said:\n",
        "    if False:\n",
        f"{SHAPES}::test_a_report_that_lacks_something_is_rejected_by_the_fields_name",
    ),
    Mutation(
        "P6.1 of two signals of one cause that come at once, one opens",
        "functions/emergency/aws/signals.py",
        "        if bundle.register:\n",
        "        if bundle.register and not bundle.incidents:\n",
        CONTRACT,
    ),
    Mutation(
        "P6.1 a composite alarm and its children are one incident",
        f"{DOMAIN}/correlation.py",
        "one.id in family or not",
        "not",
        CORRELATION,
    ),
    Mutation(
        "P6.1 maintenance of alarms goes by their names",
        "functions/emergency/domain/correlation.py",
        'found.signal.alarm if glob.startswith("arn:") else found.signal.name',
        "found.signal.alarm",
        CORRELATED,
    ),
    Mutation(
        "P6.1 no maintenance of every alarm",
        "functions/emergency/domain/planning.py",
        "for character in _own(alarm))",
        "for character in alarm)",
        "tests/unit/use_cases/test_maintenance.py::test_what_can_t_be_used_is_named",
    ),
    Mutation(
        "P6.1 a breach is not hidden in a failure",
        f"{DOMAIN}/correlation.py",
        "risk is open_risk or risk is not Risk.DATA_BREACH",
        "True",
        CORRELATION,
    ),
    Mutation(
        "P6.1 all families have room in the register",
        f"{DOMAIN}/correlation.py",
        "min(MOST_FAMILY, room)",
        "MOST_FAMILY",
        CORRELATED,
    ),
    Mutation(
        "P6.1 a wrong clock makes no later news late",
        f"{USE_CASES}/report_incident.py",
        "own = credible(alarms.get(arn), signal.at, now)",
        "own = alarms.get(arn)",
        CORRELATION,
    ),
    Mutation(
        "P6.1 quiet goes by the incident that ended last",
        f"{USE_CASES}/report_incident.py",
        "return max([*formers, *([over] if over else [])], key=lambda one: one.ended_at, default=None)",
        "return next(iter([*formers, *([over] if over else [])]), None)",
        CORRELATION,
    ),
    Mutation(
        "P6.1 more records are read than one request takes",
        "functions/emergency/aws/table.py",
        "left[:_MOST_READ], left[_MOST_READ:]",
        "left, []",
        f"{CONTRACT}::test_more_alarms_are_known_than_one_read_takes",
    ),
    Mutation(
        "P6.1 what depends on a component joins it, whatever lies between",
        f"{DOMAIN}/correlation.py",
        "            left += [",
        "            _ = [",
        CORRELATED,
    ),
    Mutation(
        "P6.1 aftershocks have an end",
        f"{DOMAIN}/correlation.py",
        "incident.handled_at is None or at <",
        "incident.handled_at is None or at >=",
        CORRELATION,
    ),
    Mutation(
        "P6.1 a cause that comes back names its former incident",
        f"{USE_CASES}/report_incident.py",
        "incident = replace(incident, former=former.incident_id)",
        "pass",
        CORRELATION,
    ),
    Mutation(
        "P6.1 what is worse is never damped",
        f"{DOMAIN}/correlation.py",
        "seconds=rules.quiet) and not is_worse",
        "seconds=rules.quiet)",
        CORRELATED,
    ),
    Mutation(
        "P6.1 people's reports are never suppressed",
        f"{DOMAIN}/correlation.py",
        "    if found.signal.report is not None:\n        return None",
        "    if found is None:\n        return None",
        CORRELATION,
    ),
    Mutation(
        "R15 flapping is told once",
        f"{DOMAIN}/filing.py",
        "    if heard.after.is_flapping:\n        return facts\n",
        "",
        CORRELATION,
    ),
    Mutation(
        "R15 a storm leaves the timeline readable",
        f"{DOMAIN}/filing.py",
        "max(0, MOST_TOLD - tally.told)",
        "max(0, MOST_TOLD)",
        CORRELATION,
    ),
    Mutation(
        "R16 late news change no state",
        f"{DOMAIN}/correlation.py",
        "if (at, is_on) <= (before.changed_at, before.is_on):",
        "if (at, is_on) == (before.changed_at, before.is_on):",
        CORRELATED,
    ),
    Mutation(
        "R16 an OK that came first is told with its alarm",
        f"{USE_CASES}/report_incident.py",
        "with_early(change.after, self.signal) if change",
        "change.after if change",
        CORRELATION,
    ),
    Mutation(
        "R24 an incident from before the register takes its signals",
        f"{USE_CASES}/report_incident.py",
        "if not incident_id or known.register.incident(incident_id):",
        "if incident_id:",
        CORRELATION,
    ),
    Mutation(
        "R14 an execution that carries the incident out already is the only one",
        f"{USE_CASES}/report_incident.py",
        "if record.disposition is Disposition.OPENED and not record.execution:",
        "if record.disposition is Disposition.OPENED:",
        CORRELATION,
    ),
    Mutation(
        "R17 what could not be forwarded is kept",
        "infra/forwarding.py",
        "dead_letter_queue=self.undelivered, ",
        "",
        f"{ASYNCHRONOUS}::test_a_rule_s_target",
    ),
    Mutation(
        "R17 a signal that could not be forwarded is told of where it lies",
        "infra/forwarding.py",
        "for watched in (self.forwarder, self.topics):",
        "for watched in (self.topics,):",
        f"{ASYNCHRONOUS}::test_a_queue_is_either_read_and_hands_over_what_fails_or_is_a_last_stop_that_raises_an_alarm",
    ),
    Mutation(
        "signals that come again raise an alarm, which their age does not",
        "infra/operations.py",
        "metric_approximate_number_of_messages_not_visible(",
        "metric_approximate_age_of_oldest_message(",
        "tests/infra/test_operations.py::test_signals_that_wait_or_come_again_raise_alarms_that_page",
    ),
    Mutation(
        "throttling is waited out for hours",
        "infra/intake.py",
        "_TRIES_FOR = Duration.hours(6)",
        "_TRIES_FOR = Duration.minutes(5)",
        "tests/infra/test_intake.py::"
        "test_a_message_comes_again_for_hours_where_waiting_helps_and_for_minutes_where_a_person_must_look",
    ),
    Mutation(
        "the home lets in the accounts that it monitors and nobody else",
        "infra/reception.py",
        '{"AWS": f"arn:{Aws.PARTITION}:iam::{account}:root"}',
        '"*"',
        f"{FORWARDING}::test_the_home_takes_events_of_the_other_monitored_accounts_by_name",
    ),
    Mutation(
        "signals don't go round",
        "infra/fleet.py",
        "    if place == home:",
        "    if False:",
        f"{FORWARDING}::test_a_fleet_that_can_t_work_fails_the_synthesis_and_says_what_to_give",
    ),
    Mutation(
        "R9: whoever plans maintenance is not asked whether it is approved",
        "functions/emergency/domain/decision.py",
        "    barred = _author(request, statement, maintenance)",
        "    barred = _author(request, statement)",
        f"{MAINTENANCE}::test_r9_whoever_plans_it_is_never_asked",
    ),
    Mutation(
        "R9: an approval of its own author sets no window",
        "functions/emergency/use_cases/maintain.py",
        "        if maintenance.by in answer.voters or len(set(answer.voters)) < decision.needed:",
        "        if len(set(answer.voters)) < decision.needed:",
        f"{MAINTENANCE}::test_r9_an_approval_of_its_own_author_sets_nothing",
    ),
    Mutation(
        "maintenance of every alarm is refused",
        "functions/emergency/domain/planning.py",
        "    if not all(any(character.isalnum() for character in _own(alarm)) for alarm in alarms):",
        "    if False:",
        f"{MAINTENANCE}::test_what_can_t_be_used_is_named",
    ),
    Mutation(
        "maintenance lasts no longer than the plan says",
        "functions/emergency/domain/planning.py",
        "    if last - first > timedelta(seconds=plan.longest_maintenance):",
        "    if False:",
        f"{MAINTENANCE}::test_what_can_t_be_used_is_named",
    ),
    Mutation(
        "nobody ends what somebody else planned (R6)",
        "functions/emergency/use_cases/maintain.py",
        "        if maintenance is None or (by and by != maintenance.by):",
        "        if maintenance is None:",
        f"{MAINTENANCE}::test_whoever_planned_it_ends_it_early_and_nobody_else",
    ),
    Mutation(
        "what was reported at the end of maintenance is started although a crash came in between",
        "functions/emergency/use_cases/maintain.py",
        "            if is_on or self.signals.recorded(id_):",
        "            if is_on:",
        f"{MAINTENANCE}::test_r13_a_crash_at_any_call_and_a_second_run_end_the_same",
    ),
    Mutation(
        "what is called off while it is set does not stay",
        "functions/emergency/use_cases/maintain.py",
        "        if incident.status.is_over:\n            # Called off",
        "        if False:\n            # Called off",
        f"{MAINTENANCE}::test_what_is_called_off_while_it_is_set_does_not_stay",
    ),
    Mutation(
        "a recovery after maintenance touches no incident",
        "functions/emergency/use_cases/report_incident.py",
        "        if is_maintenance(own.incident_id):",
        "        if known.register.window(own.incident_id):",
        f"{MAINTENANCE}::test_a_recovery_between_the_window_s_end_and_the_record_s_touches_no_incident",
    ),
    Mutation(
        "R15: a signal of a batch is based on those before it",
        TOGETHER,
        "            self.counts |= {tally.incident_id: tally for tally in filing.tallies}\n",
        "",
        f"{BATCHES}::test_r15_a_batch_leaves_what_its_signals_leave_one_by_one",
    ),
    Mutation(
        "R15: what was put aside earlier in a batch finds its incident",
        f"{DOMAIN}/filing.py",
        "tuple(early.get(id_, one) for id_, one in kept.items())",
        "tuple(kept.values())",
        f"{BATCHES}::test_r15_a_batch_leaves_what_its_signals_leave_one_by_one",
    ),
    Mutation(
        "R15: a batch that lost a race is decided anew",
        TOGETHER,
        "until_written(lambda: self._attempt(arrived), self.report.pause, ATTEMPTS)",
        "self._attempt(arrived)",
        f"{BATCHES}::test_a_batch_that_lost_the_race_is_decided_anew",
    ),
    Mutation(
        "R15: what is too much for one transaction is written one by one",
        TOGETHER,
        "if not together.fits:",
        "if False:",
        f"{BATCHES}::test_what_is_too_much_for_one_transaction_is_written_one_by_one",
    ),
    Mutation(
        "R15: one signal that makes trouble does not hold up the others",
        f"{USE_CASES}/take_messages.py",
        "        except Exception:  # noqa: BLE001 - whichever signal it was, it must not hold up the others\n            return one_by_one",
        "        except KeyboardInterrupt:\n            return one_by_one",
        f"{BATCHES}::test_one_signal_that_makes_trouble_does_not_hold_up_the_others",
    ),
    Mutation(
        "a link in use ends only when the new one is used",
        f"{DOMAIN}/standing.py",
        "return used(sent, link.coming) if alone or not link.digest else sent",
        "return used(sent, link.coming)",
        f"{STANDING}::test_a_link_in_use_stays_until_its_contact_uses_the_one_that_was_asked_for",
    ),
    Mutation(
        "whoever follows in somebody's place has a link of their own",
        f"{USE_CASES}/standing_links.py",
        " or not link.belongs_to(contact)",
        "",
        f"{STANDING}::test_who_follows_in_somebody_s_place_gets_a_link_of_their_own_and_the_former_holder_has_none",
    ),
    Mutation(
        "how long it takes to ask for a link tells nobody who is known",
        "functions/incident_report/handler.py",
        "    with at_least(ALIKE):\n",
        "    with at_least(0):\n",
        f"{REPORTING}::test_asking_for_a_link_takes_as_long_and_says_the_same_for_whoever_is_known",
    ),
    Mutation(
        "one link an hour on request",
        f"{USE_CASES}/standing_links.py",
        "if not always and not link.can_be_mailed(now):",
        "if False:",
        f"{STANDING}::test_a_link_on_request_goes_to_the_contact_s_own_address_once_an_hour_and_to_nobody_else",
    ),
    Mutation(
        "a report's form belongs to its link",
        "functions/incident_report/handler.py",
        "    check_standing_form(link_id, sent.form)\n",
        "",
        f"{REPORTING}::test_a_form_of_another_page_is_403",
    ),
    Mutation(
        "a report waits in the queue while the records are out",
        "functions/incident_report/handler.py",
        "        return _report_later(link_id, sent.form)\n",
        "        raise\n",
        f"{REPORTING}::test_while_the_records_are_out_the_form_opens_and_its_report_waits_in_the_queue",
    ),
    Mutation(
        "only a reporter sees and adds to a report",
        f"{USE_CASES}/add_to_report.py",
        "            if not reports:\n",
        "            if False:\n",
        f"{REPORTING}::test_files_of_a_report_are_the_reporter_s_own_and_five_at_most",
    ),
    Mutation(
        "a queued report by nobody's link opens nothing",
        f"{USE_CASES}/report_by_hand.py",
        '            raise UnusableSignal("$.detail.link: nobody in the plan has this link") from None',
        "            return event",
        "tests/unit/use_cases/test_report_by_hand.py::test_a_link_that_is_nobody_s_opens_nothing",
    ),
    Mutation(
        "the open page takes so many reports an hour",
        f"{USE_CASES}/report_by_person.py",
        "if not self.counts.take(id_, now, self.plan.reporting.per_hour):",
        "if False:",
        f"{REPORTING}::test_the_open_page_takes_as_many_reports_as_the_plan_lets_it_and_names_a_number",
    ),
)


def main() -> int:
    """Tries every mutation; 1 where one went unnoticed, or no longer fits the code."""
    console = Console()
    found = Table("requirement", "taken out in", "its test")
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
        if _run({test for mutation in MUTATIONS for test in mutation.tests.split()}, copy) != 0:
            console.print("The tests fail without any mutation; nothing can be said.")
            return 1
        for mutation in MUTATIONS:
            verdict = _try(mutation, copy)
            unnoticed += verdict != "fails"
            found.add_row(mutation.requirement, mutation.file, verdict)
    console.print(found)
    return 1 if unnoticed else 0


def _try(mutation: Mutation, copy: Path) -> str:
    file = copy / mutation.file
    original = file.read_text(encoding="utf-8")
    if original.count(mutation.before) != 1:
        return "DOES NOT FIT THE CODE"
    file.write_text(original.replace(mutation.before, mutation.after), encoding="utf-8")
    try:
        code = _run(mutation.tests.split(), copy)
    finally:
        file.write_text(original, encoding="utf-8")
    return {0: "PASSES ALL THE SAME", 1: "fails"}.get(code, f"COULD NOT RUN ({code})")


def _run(tests: Iterable[str], copy: Path) -> int:
    """pytest's exit code: 0 where all tests passed, 1 where one failed."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *sorted(tests)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
