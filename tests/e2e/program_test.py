#!/usr/bin/env python3
"""The real program from outside: its page against promtool and ss, its errors.

Usage: program_test.py [HALFCLOSED [TEST...]]
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from half_closed import HalfClosed
from harness import Daemon, PROGRAM, folder, halfclosed, value


class Serving(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.half_closed = HalfClosed(3)
        cls.daemon = Daemon(port=None)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.kill()
        cls.half_closed.close()

    def test_the_page_pleases_promtool(self):
        checked = subprocess.run(["promtool", "check", "metrics"], input=self.daemon.page(), capture_output=True,
                                 text=True, timeout=60)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))

    def test_the_page_counts_what_ss_counts(self):
        page = self.daemon.page()
        for state, side, filter_ in (("close_wait", "client", "dport"), ("fin_wait2", "server", "sport")):
            listed = subprocess.run(["ss", "-tanH", "state", state.replace("_wait2", "-wait-2").replace("_", "-"),
                                     f"( {filter_} = :9999 )"], capture_output=True, text=True, check=True)
            rows = len(listed.stdout.splitlines())
            self.assertEqual(rows, 3)
            custody = "process" if state == "close_wait" else "timewait"
            self.assertEqual(value(page, "halfclosed_sockets", port="9999", side=side, state=state, custody=custody),
                             rows)
        for field in ("inuse", "inuse6", "orphan", "tw"):
            self.assertEqual(value(page, "halfclosed_reconciliation_agrees", field=field), 1)

    def test_the_snapshot_says_the_same_at_both_places(self):
        here = json.loads(halfclosed("snapshot", "--json").stdout)
        there = json.loads(self.daemon.ask("/api/v1/snapshot").body)
        self.assertEqual(here["schema"], "halfclosed.snapshot/1")
        cookies = [{entry["cookie"] for entry in snapshot["sockets"]} for snapshot in (here, there)]
        self.assertEqual(len(cookies[0]), 6)
        self.assertEqual(cookies[0], cookies[1])
        causes = [entry["cause"] for entry in here["sockets"] if entry["state"] == "close_wait"]
        self.assertEqual(causes, ["not_closed"] * 3)

    def test_the_cpu_time_by_work_is_that_of_the_whole_process(self):
        page = self.daemon.page()
        works = [float(line.split()[-1]) for line in page.splitlines()
                 if line.startswith("halfclosed_cpu_seconds_total{")]
        total = value(page, "process_cpu_seconds_total")
        self.assertEqual(len(works), 6)
        # The process's time is read first, and counts whole ticks.
        self.assertGreaterEqual(sum(works), total - 0.05)
        self.assertLessEqual(sum(works), total + 5)

    def test_no_counter_falls(self):
        def counters():
            kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", page := self.daemon.page(), re.MULTILINE))
            samples = dict(re.findall(r"^(\w+(?:{.*})?) (\S+)$", page, re.MULTILINE))
            return {name: float(text) for name, text in samples.items()
                    if kinds.get(name.partition("{")[0]) == "counter"}

        before = counters()
        self.assertIn('halfclosed_cpu_seconds_total{work="control"}', before)
        for _ in range(100):
            time.sleep(0.03)
            now = counters()
            self.assertEqual({name: (before[name], now[name]) for name in before if now[name] < before[name]}, {})
            before = now

    def test_parameters_have_their_effect_or_are_refused(self):
        some = self.daemon.ask("/metrics?name[]=halfclosed_sockets&name%5B%5D=process_cpu_seconds_total")
        self.assertEqual(some.status, 200)
        families = {line.split()[2] for line in some.body.splitlines() if line.startswith("# TYPE ")}
        self.assertEqual(families, {"halfclosed_sockets", "process_cpu_seconds_total"})
        for path in ("/metrics?names=halfclosed_sockets", "/metrics?name[]=", "/api/v1/live?state=close_wait"):
            self.assertEqual(self.daemon.ask(path).status, 400, path)

    def test_what_is_not_there_is_not_found(self):
        for path in ("/metricsx", "/metrics/", "/etc/passwd", "/../etc/passwd"):
            self.assertEqual(self.daemon.ask(path).status, 404, path)

    def test_a_busy_address_is_one_line(self):
        second = halfclosed("serve", "--log-level", "off")
        self.assertEqual(second.returncode, 1)
        self.assertEqual(second.stderr,
                         "halfclosed: --listen: cannot listen on 127.0.0.1:10999: Address already in use\n")

    def test_an_address_that_is_not_ours_names_the_flag(self):
        other = halfclosed("serve", "--log-level", "off", "--listen", "192.0.2.1:10999", "--control-socket", "")
        self.assertEqual(other.returncode, 1)
        self.assertEqual(other.stderr, "halfclosed: --listen: cannot listen on 192.0.2.1:10999: "
                                       "Cannot assign requested address\n")

    def test_a_recording_tells_what_the_page_tells(self):
        recording = folder() / "recording.dump"
        self.assertEqual(halfclosed("record", recording).returncode, 0)
        page = halfclosed("replay", recording).stdout
        self.assertEqual(value(page, "halfclosed_sockets", port="9999", side="client", state="close_wait",
                               custody="process"), 3)


class Refusing(unittest.TestCase):
    def test_wrong_usage_is_one_line_and_status_2(self):
        for arguments in (["--port", "0", "snapshot"], ["--port", "70000", "snapshot"], ["--port", "10-5", "snapshot"],
                          ["serve", "--interval", "fast"], ["serve", "--bogus"], ["no-such-command"], [],
                          ["scenario", "run", "no-such-scenario"], ["--config", "/nonexistent", "serve"]):
            with self.subTest(arguments):
                refused = halfclosed(*arguments)
                self.assertEqual(refused.returncode, 2)
                self.assertEqual(refused.stdout, "")
                self.assertEqual(len(refused.stderr.splitlines()), 1, refused.stderr)

    def test_what_would_have_no_effect_is_refused(self):
        for arguments, flag in ((["status", "--port", "80"], "--port"), (["reload", "--namespaces", "all"], "--namespaces"),
                                (["scenario", "list", "--port", "80"], "--port"),
                                (["--namespaces", "all", "scenario", "run", "close-at-once"], "--namespaces"),
                                (["record", "--namespaces", "all", "-"], "--namespaces"),
                                (["replay", "--namespaces", "all", "-"], "--namespaces"),
                                (["scenario", "run", "close-at-once", "--exact", "--via", "/tmp/control.sock"], "--exact"),
                                (["watch", "--state-dir", str(folder())], "--state-dir"),
                                (["serve", "--history", "1h"], "--history"), (["serve", "--history-size", "9MB"], "--history-size"),
                                (["serve", "--exact", "off", "--exact-pin", "/sys/fs/bpf/x"], "--exact-pin"),
                                (["serve", "--control-socket=", "--max-hold", "1m"], "--max-hold")):
            with self.subTest(arguments):
                wrong = halfclosed(*arguments)
                self.assertEqual((wrong.returncode, wrong.stdout, wrong.stderr.count("\n")), (2, "", 1), wrong.stderr)
                self.assertIn(flag, wrong.stderr)
        everywhere = {**os.environ, "HALFCLOSED_PORT": "80", "HALFCLOSED_NAMESPACES": "all"}
        self.assertEqual(halfclosed("scenario", "list", env=everywhere).returncode, 0, "the environment is there for all commands")

    def test_a_file_that_is_no_recording_is_one_line_and_status_1(self):
        for path in ("/nonexistent", PROGRAM, "/dev/null"):
            with self.subTest(path):
                refused = halfclosed("replay", path)
                self.assertEqual(refused.returncode, 1)
                self.assertEqual(len(refused.stderr.splitlines()), 1, refused.stderr)


class Results(unittest.TestCase):
    def test_what_could_not_be_written_is_no_success(self):
        for command in (["scenario", "list"], ["scenario", "list", "--json"], ["snapshot"], ["snapshot", "--json"]):
            with self.subTest(command), open("/dev/full", "w") as full:
                refused = halfclosed(*command, capture_output=False, stdout=full, stderr=subprocess.PIPE)
                self.assertEqual(refused.returncode, 1)
                self.assertIn("standard output: No space left on device", refused.stderr)

    def test_a_run_under_nohup_outlives_the_hangup(self):
        run = subprocess.Popen([PROGRAM, "scenario", "run", "late-close", "--json"], stdout=subprocess.PIPE,
                               preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        time.sleep(0.05)
        run.send_signal(signal.SIGHUP)
        line, _ = run.communicate(timeout=30)
        self.assertEqual((run.returncode, json.loads(line)["result"]), (0, "pass"))


class Stopping(unittest.TestCase):
    def test_a_signal_ends_it_within_a_second(self):
        for wanted in (signal.SIGTERM, signal.SIGINT):
            with Daemon(fast=False) as daemon:
                status, took = daemon.stop(wanted)
            self.assertEqual(status, 0)
            self.assertLess(took, 1)


if __name__ == "__main__":
    harness.run(limit=120)
