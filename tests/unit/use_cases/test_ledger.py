"""The stock and the ledger over several incidents at once, while processes die (P6.4, P7)."""

from __future__ import annotations

from hypothesis import settings

from tests.support.ledger import Ledger

TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
