#!/usr/bin/env python3
"""The daemon's self-tests at the shortest interval that it takes.

Usage: self_test_test.py [HALFCLOSED [TEST...]]
"""

import json
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from harness import Daemon, UnixConnection, wait_for


class SelfTests(unittest.TestCase):
    def test_they_run_by_themselves_and_do_not_pile_up_behind_a_long_run(self):
        with Daemon("--self-test-interval", "10s") as daemon:
            def passed():
                return daemon.value("halfclosed_scenario_runs_total", scenario="late-close", result="pass")

            wait_for("the first", lambda: passed() == 1, 10)
            wait_for("the second", lambda: passed() == 2, 15)
            leak, order = UnixConnection(daemon.control_socket), UnixConnection(daemon.control_socket)
            leak.request("POST", "/api/v1/scenarios/never-closed/run?hold=40s")
            leak.getresponse().readline()
            time.sleep(21)  # two more are due
            order.request("POST", "/api/v1/scenarios/close-at-once/run")
            self.assertEqual(json.loads(order.getresponse().readline()), {"fact": "queued", "ahead": 2})
            leak.close()
            order.close()


if __name__ == "__main__":
    harness.run(limit=120)
