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
    def test_they_run_by_themselves_and_wait_for_no_order(self):
        with Daemon("--self-test-interval", "10s") as daemon:
            def passed():
                return daemon.value("halfclosed_scenario_runs_total", scenario="late-close", result="pass")

            wait_for("the first", lambda: passed() == 1, 10)
            wait_for("the second", lambda: passed() == 2, 15)
            leak, order = UnixConnection(daemon.control_socket), UnixConnection(daemon.control_socket)
            leak.request("POST", "/api/v1/scenarios/never-closed/run?hold=90s")
            leak.getresponse().readline()
            wait_for("the next, while another run holds the lab", lambda: passed() >= 3, 40)
            self.assertEqual(daemon.value("halfclosed_self_test_interval_seconds"), 10)
            self.assertLess(time.time() - daemon.value("halfclosed_self_test_last_run_timestamp_seconds"), 40)
            order.request("POST", "/api/v1/scenarios/close-at-once/run")
            self.assertEqual(json.loads(order.getresponse().readline()), {"fact": "queued", "ahead": 1})
            leak.close()
            order.close()


if __name__ == "__main__":
    harness.run(limit=120)
