"""The protections that `make mutants` takes out are where it looks for them; else it would stop there, unnoticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutations import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.requirement)
def test_each_protection_is_where_it_is_taken_out(mutation: Mutation) -> None:
    assert (ROOT / mutation.file).read_text(encoding="utf-8").count(mutation.before) == 1
    assert mutation.before != mutation.after


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.requirement)
def test_each_protection_names_a_test_that_is_there(mutation: Mutation) -> None:
    for test in mutation.tests.split():
        file, *names = test.split("::")
        text = (ROOT / file).read_text(encoding="utf-8")
        assert all(name.partition("[")[0] in text for name in names)
