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
COPIED = ("functions", "infra", "local", "plan", "statemachines", "tests", "pyproject.toml", "cdk.json", "app.py")

DOMAIN = "functions/emergency/domain"
USE_CASES = "functions/emergency/use_cases"
SECOND_FACTOR = "tests/unit/requirements/test_second_factor.py"
DECISIONS = "tests/unit/requirements/test_decisions.py"
PROTOCOL = "tests/unit/requirements/test_protocol.py"
QUESTIONS = "tests/unit/use_cases/test_questions.py"
PAGE = "tests/functions/test_decision_page.py"


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
        "    over = _over(opened)\n",
        '    parts.answer_question().challenges.device_key(opened.link.incident_id, "x")\n    over = _over(opened)\n',
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
        "    _expect_open(decision)\n    if decision.request and",
        "    if decision.request and",
        "tests/unit/domain/test_decision.py::test_r5_a_settled_decision_takes_no_other_outcome",
    ),
    Mutation(
        "R6 a form belongs to its link",
        f"{USE_CASES}/answer_question.py",
        "        check_form(opened, form)\n",
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
        'barred=request.by if request else ""',
        'barred=""',
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
        "            self.workflow.start_release(incident_id, decision_id)\n",
        "            pass\n",
        f"{DECISIONS}::test_r13_what_was_recorded_but_not_passed_on_is_made_up_for",
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
        "R23 text from outside is escaped",
        "functions/emergency/presentation/templating.py",
        "autoescape=True",
        "autoescape=False",
        f"{PAGE}::test_r23_what_comes_from_outside_is_escaped",
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
