#!/usr/bin/env python3
"""`scenario list` and `scenario run` from outside: what can be played, what cannot, and what is yours.

Usage: scenario_test.py [HALFCLOSED [TEST...]]
"""

import json
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from harness import DEPLOY, folder, halfclosed

EXAMPLE = DEPLOY / "manual/examples/request-reply.toml"


def scenario(*arguments):
    return halfclosed("scenario", *arguments)


class Unavailable(unittest.TestCase):
    def test_the_list_says_so(self):
        listing = [json.loads(line) for line in scenario("list", "--json").stdout.splitlines()]
        reasons = {entry["scenario"]: entry["unavailable"] for entry in listing}
        self.assertIn("net.ipv4.tcp_max_orphans", reasons.pop("orphan-overflow"))
        self.assertEqual(set(reasons.values()), {None})
        self.assertEqual(len(reasons), 14)
        self.assertRegex(scenario("list").stdout, r"(?m)^orphan-overflow .*\(unavailable\)$")

    def test_to_run_it_is_a_failure_that_says_why(self):
        asked = scenario("run", "orphan-overflow")
        self.assertEqual((asked.returncode, asked.stdout), (1, ""))
        self.assertRegex(asked.stderr, r"^orphan-overflow: unavailable: net\.ipv4\.tcp_max_orphans .*\n$")

    def test_all_passes_over_it(self):
        asked = scenario("run", "all", "--json", "--fin-timeout", "1s")
        self.assertEqual(asked.returncode, 0, asked.stdout)
        self.assertEqual(len(asked.stdout.splitlines()), 14)
        self.assertRegex(asked.stderr, r"^orphan-overflow: skipped: [^\n]*\n$")


class Usage(unittest.TestCase):
    def test_alone_it_prints_its_help(self):
        asked = scenario()
        self.assertEqual((asked.returncode, asked.stderr), (0, ""))
        self.assertRegex(asked.stdout, r"(?ms)^  list .*^  run ")

    def test_via_a_socket_that_is_not_there_nothing_is_drawn(self):
        asked = scenario("run", "late-close", "--via", "/nonexistent/control.sock")
        self.assertEqual((asked.returncode, asked.stdout), (1, ""))
        self.assertRegex(asked.stderr, r"^[^\n]*/nonexistent/control\.sock[^\n]*\n$")


class Hold(unittest.TestCase):
    def test_a_leak_is_held_for_so_long(self):
        began = time.monotonic()
        asked = scenario("run", "never-closed", "--fin-timeout", "1s", "--hold", "3s", "--json")
        self.assertGreater(time.monotonic() - began, 4)
        run = json.loads(asked.stdout)
        self.assertEqual(run["result"], "pass", run["why"])
        held = [state for state in run["states"] if (state["side"], state["state"]) == ("server", "close_wait")]
        self.assertGreater(held[0]["held_seconds"], 4)

    def test_a_day_is_the_most(self):
        asked = scenario("run", "never-closed", "--hold", "25h")
        self.assertEqual((asked.returncode, asked.stdout), (2, ""))
        self.assertRegex(asked.stderr, r"--hold: '25h'")


class OwnFiles(unittest.TestCase):
    def setUp(self):
        self.path = folder() / "mine.toml"
        self.path.unlink(missing_ok=True)
        self.text = EXAMPLE.read_text()

    def write(self, text):
        self.path.write_text(text)

    def test_one_is_played_beside_a_name(self):
        self.write(self.text)
        asked = scenario("run", "close-at-once", "--file", self.path, "--json")
        self.assertEqual(asked.returncode, 0, asked.stdout)
        names = [json.loads(line)["scenario"] for line in asked.stdout.splitlines()]
        self.assertEqual(sorted(names), ["close-at-once", "request-reply"])

    def test_one_that_goes_another_way_fails(self):
        self.write(self.text.replace('{ state = "time_wait" }', '{ state = "close" }'))
        asked = scenario("run", "--file", self.path, "--json")
        self.assertEqual(asked.returncode, 1)
        self.assertIn("client went established, fin_wait1, fin_wait2, time_wait, not", json.loads(asked.stdout)["why"])

    def test_a_mistake_is_named_with_its_line(self):
        line = self.text.splitlines().index('limit = "5s"') + 1
        self.write(self.text.replace('limit = "5s"', 'limit = "soon"'))
        asked = scenario("run", "--file", self.path)
        self.assertEqual((asked.returncode, asked.stdout), (2, ""))
        self.assertEqual(len(asked.stderr.splitlines()), 1)
        self.assertIn(f"--file: {self.path}:{line}: 'limit': 'soon' is not a time", asked.stderr)

    def test_no_other_program_is_run(self):
        self.write(self.text.replace('program = "daytime-server"', 'program = "/bin/sh"'))
        asked = scenario("run", "--file", self.path)
        self.assertEqual(asked.returncode, 2)
        self.assertIn("'/bin/sh' is not daytime-server or daytime-client", asked.stderr)

    def test_a_file_that_is_not_there_is_named(self):
        asked = scenario("run", "--file", self.path)
        self.assertEqual(asked.returncode, 2)
        self.assertIn(f"--file: {self.path}: No such file or directory", asked.stderr)


if __name__ == "__main__":
    harness.run(limit=120)
