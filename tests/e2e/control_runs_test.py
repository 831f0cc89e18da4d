#!/usr/bin/env python3
"""Scenario runs that are requested over the control socket of the daemon.

Usage: control_runs_test.py [HALFCLOSED [TEST...]]
"""

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from harness import Daemon, UnixConnection, halfclosed, wait_for

LONG = "/api/v1/scenarios/late-close-after-expiry/run?fin-timeout=30s"


def network_namespaces():
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            found.add(os.readlink(f"/proc/{pid}/ns/net"))
        except OSError:
            pass
    return found


def descendants(pid):
    """The processes below this one, by /proc."""
    parents = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as stat:
                parents[int(entry)] = int(stat.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            pass
    below = {pid}
    for _ in range(8):
        below |= {child for child, parent in parents.items() if parent in below}
    return below - {pid}


class Runs(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()

    def tearDown(self):
        self.daemon.kill()

    def request(self, target):
        """A connection on which this has been asked for."""
        connection = UnixConnection(self.daemon.control_socket)
        self.addCleanup(connection.close)
        connection.request("POST", target)
        return connection

    def runs(self, scenario, result):
        return self.daemon.value("halfclosed_scenario_runs_total", scenario=scenario, result=result)

    def wait_until_it_runs(self):
        wait_for("a run has its processes", lambda: len(descendants(self.daemon.pid)) >= 3)

    def wait_until_nothing_runs(self, limit):
        wait_for("its processes are gone", lambda: not descendants(self.daemon.pid), limit)

    def test_a_run_is_streamed_and_judged_and_counted(self):
        answer = self.daemon.control_request("/api/v1/scenarios/late-close/run?fin-timeout=1s", "POST")
        self.assertEqual(answer.status, 200)
        lines = [json.loads(line) for line in answer.body.splitlines()]
        self.assertEqual(lines[0], {"fact": "attempt", "scenario": "late-close", "number": 1})
        self.assertEqual(lines[-1]["schema"], "halfclosed.scenario/1")
        self.assertEqual(lines[-1]["result"], "pass")
        self.assertEqual(lines[-1]["fin_timeout_seconds"], 1)
        kinds = {line.get("fact") for line in lines}
        self.assertLessEqual({"sighting", "call", "packet", "signal", "gauges", "finished"}, kinds)
        wait_for("the run is counted", lambda: self.runs("late-close", "pass") == 1)
        self.assertEqual(self.runs("late-close", "fail"), 0)
        last = self.daemon.value("halfclosed_scenario_last_run_timestamp_seconds", scenario="late-close")
        self.assertAlmostEqual(last, time.time(), delta=10)

    def test_the_trace_is_streamed_while_it_happens(self):
        began = time.monotonic()
        answer = self.request("/api/v1/scenarios/late-close-after-expiry/run?fin-timeout=2s").getresponse()
        self.assertEqual(json.loads(answer.readline())["fact"], "attempt")
        self.assertLess(time.monotonic() - began, 1.5)
        answer.read()
        self.assertGreater(time.monotonic() - began, 2)

    def test_via_shows_what_a_run_here_shows(self):
        def states(text):
            return re.findall(r"ESTABLISHED|FIN-WAIT-[12]|CLOSE-WAIT|LAST-ACK|TIME-WAIT|PASS|FAIL", text)

        here = halfclosed("scenario", "run", "late-close")
        via = halfclosed("scenario", "run", "late-close", "--via", self.daemon.control_socket)
        self.assertEqual(via.returncode, 0, via.stderr)
        self.assertEqual(sorted(states(via.stdout)), sorted(states(here.stdout)))
        self.assertEqual(via.stdout.split("time")[0], here.stdout.split("time")[0])
        line = halfclosed("scenario", "run", "late-close", "--json", "--via", self.daemon.control_socket).stdout
        self.assertEqual(json.loads(line)["result"], "pass")

    def test_a_requester_that_goes_away_ends_the_run(self):
        before = network_namespaces()
        connection = self.request(LONG)
        self.assertIn(b"attempt", connection.getresponse().readline())
        self.wait_until_it_runs()
        connection.close()
        self.wait_until_nothing_runs(3)
        self.assertLessEqual(network_namespaces(), before)
        # It was neither passed nor failed.
        self.assertEqual(self.runs("late-close-after-expiry", "pass"), 0)
        self.assertEqual(self.runs("late-close-after-expiry", "fail"), 0)

    def test_an_interrupted_via_ends_the_run(self):
        client = subprocess.Popen([harness.PROGRAM, "scenario", "run", "late-close-after-expiry", "--fin-timeout", "30s",
                                   "--via", self.daemon.control_socket], stdout=subprocess.DEVNULL)
        self.wait_until_it_runs()
        client.send_signal(signal.SIGINT)
        self.assertEqual(client.wait(timeout=5), -signal.SIGINT)
        self.wait_until_nothing_runs(3)

    def test_a_daemon_that_is_killed_leaves_nothing(self):
        before = network_namespaces()
        for wanted in (signal.SIGKILL, signal.SIGTERM):
            self.request(LONG).getresponse().readline()
            self.wait_until_it_runs()
            below = descendants(self.daemon.pid)
            self.daemon.send(wanted)
            self.daemon.process.wait(timeout=5)
            wait_for("its processes are gone", lambda: not any(os.path.exists(f"/proc/{pid}") for pid in below), 3)
            self.daemon = Daemon(control_socket=self.daemon.control_socket)
        self.assertLessEqual(network_namespaces(), before)

    def test_so_many_wait_and_the_next_is_told(self):
        connections = []
        for _ in range(9):
            connections.append(self.request(LONG))
            time.sleep(0.02)
        first_lines = [json.loads(connection.getresponse().readline()) for connection in connections]
        self.assertEqual([line.get("ahead", 0) for line in first_lines], list(range(9)))
        answer = self.daemon.control_request("/api/v1/scenarios/late-close/run", "POST")
        self.assertEqual(answer.status, 503)
        self.assertEqual(answer.body, "busy: 8 runs wait already; try again later\n")
        for connection in connections:
            connection.close()
        self.wait_until_nothing_runs(5)
        self.assertEqual(self.daemon.control_request("/api/v1/scenarios/close-at-once/run", "POST").status, 200)

    def test_the_watch_goes_on_undisturbed_and_counts_nothing_of_the_lab(self):
        with Daemon("--interval", "100ms", "--census-interval", "300ms", "--cpu-share", "1", fast=False) as daemon:
            client = subprocess.Popen([harness.PROGRAM, "scenario", "run", "late-close", "close-at-once", "unread-close",
                                       "late-close-after-expiry", "--via", daemon.control_socket],
                                      stdout=subprocess.PIPE, text=True)
            self.addCleanup(client.stdout.close)
            ages = []
            while client.poll() is None:
                polled = daemon.value("halfclosed_collector_last_success_timestamp_seconds", collector="closing")
                ages.append(time.time() - polled)
                time.sleep(0.01)
            self.assertEqual(client.returncode, 0, client.stdout.read())
            # The page is what the last poll said: one interval old, and late by less than another. A busy machine delays
            # single polls; a run that stood in the way would delay them by as long as it takes, which is seconds.
            self.assertLess(statistics.quantiles(ages, n=10)[-1], 0.2)
            self.assertLess(max(ages), 1)
            for line in daemon.page().splitlines():
                if line.startswith(("halfclosed_sockets{", "halfclosed_transitions_total{", "halfclosed_fin_wait2_ended")):
                    self.assertTrue(line.endswith(" 0"), line)

    def test_a_parent_that_ignores_sigchld_is_no_matter(self):
        with Daemon(preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)) as daemon:
            answer = daemon.control_request("/api/v1/scenarios/close-at-once/run", "POST")
            self.assertEqual((answer.status, json.loads(answer.body.splitlines()[-1])["result"]), (200, "pass"))
            self.assertEqual(daemon.control_request("/-/healthy").status, 200)


if __name__ == "__main__":
    harness.run(limit=120)
