#!/usr/bin/env python3
"""The ledger of claims: what it must notice. tests/proof/ledger check is the test of the ledger itself."""

import importlib.machinery
import importlib.util
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import claims

loader = importlib.machinery.SourceFileLoader("ledger", str(HERE / "ledger"))
ledger = importlib.util.module_from_spec(importlib.util.spec_from_loader("ledger", loader))
loader.exec_module(ledger)

CONTENT = {"claim": [{"says": "a poll is cheap", "command": "tests/run bench", "readme": ["a poll takes"]}],
           "aside": [{"readme": "the kernel drops", "why": "the kernel's"}]}


class Claims(unittest.TestCase):
    def uncovered(self, text):
        return claims.uncovered(text, CONTENT)

    def test_a_figure_without_a_claim_is_found(self):
        self.assertEqual(self.uncovered("# A\n\nA look takes 10 ms. Then it rests.\n"), ["A look takes 10 ms."])
        self.assertEqual(self.uncovered("# A\n\n| a look | 1.5–2 % |\n"), ["| a look | 1.5–2 % |"])

    def test_a_promise_without_a_claim_is_found(self):
        self.assertEqual(self.uncovered("# A\n\nIt never fails.\n"), ["It never fails."])

    def test_claims_asides_samples_and_generated_tables_are_passed_over(self):
        for text in ("In all a poll takes 10 ms.", "That the kernel drops after 60 s.", "```\nnever 10 ms\n```", "    never 10 ms"):
            self.assertEqual(self.uncovered(f"# A\n\n{text}\n"), [])
        self.assertEqual(self.uncovered("## Metrics\n\n| `a` | always 1 |\n"), [])

    def test_a_command_that_is_gone_is_found(self):
        for command in ("tests/run nosuchgate", "tests/nosuchscript", "tests/exact/run --nosuchflag 3", "README.md"):
            self.assertEqual(len(claims.missing_commands([{"says": "x", "command": command}])), 1, command)
        for command in ("tests/run unit", "tests/exact/run --rounds 3"):
            self.assertEqual(claims.missing_commands([{"says": "x", "command": command}]), [], command)


class Rows(unittest.TestCase):
    def test_what_is_written_is_read_again(self):
        text = ledger.INTRODUCTION + "| a poll is cheap | `tests/run bench` | 3 passed | 2026-01-31 | 0123abcd+ |\n"
        self.assertEqual(ledger.read_rows(text),
                         {("a poll is cheap", "tests/run bench"): ["3 passed", "2026-01-31", "0123abcd+"]})

    def test_a_cell_is_one_line_without_a_bar(self):
        self.assertEqual(ledger.cell("a\n  b | c"), "a b / c")


if __name__ == "__main__":
    unittest.main()
