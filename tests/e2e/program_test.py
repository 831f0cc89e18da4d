#!/usr/bin/env python3
"""The real program from outside, in a network namespace of its own: its page against promtool and ss, its errors.

Usage: program_test.py HALFCLOSED
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

PROGRAM = os.path.abspath(sys.argv[1])
PAGE = "http://127.0.0.1:10999"


def run(*arguments, **options):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60, **options)


def get(path):
    with urllib.request.urlopen(PAGE + path, timeout=5) as answer:
        return answer.read().decode()


def value(page, name, **labels):
    wanted = {f'{label}="{text}"' for label, text in labels.items()}
    for line in page.splitlines():
        found = re.match(rf"{name}(?:{{(.*)}})? (\S+)$", line)
        if found and wanted <= set((found[1] or "").split(",")):
            return float(found[2])
    raise AssertionError(f"{name} {labels} is not on the page")


class Serving(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        cls.listener = socket.create_server(("127.0.0.1", 9999))
        cls.clients = [socket.create_connection(("127.0.0.1", 9999)) for _ in range(3)]
        for _ in cls.clients:
            cls.listener.accept()[0].close()
        for client in cls.clients:
            assert client.recv(1) == b""
        cls.daemon = subprocess.Popen([PROGRAM, "serve", "--interval", "100ms", "--census-interval", "200ms"],
                                      stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 30
        while True:
            try:
                get("/-/ready")
                break
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.kill()
        cls.daemon.wait()
        cls.daemon.stderr.close()

    def test_the_page_pleases_promtool(self):
        checked = subprocess.run(["promtool", "check", "metrics"], input=get("/metrics"), capture_output=True,
                                 text=True, timeout=60)
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, "", ""))

    def test_the_page_counts_what_ss_counts(self):
        page = get("/metrics")
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
        here = json.loads(run("snapshot", "--json").stdout)
        there = json.loads(get("/api/v1/snapshot"))
        self.assertEqual(here["schema"], "halfclosed.snapshot/1")
        cookies = [{entry["cookie"] for entry in snapshot["sockets"]} for snapshot in (here, there)]
        self.assertEqual(len(cookies[0]), 6)
        self.assertEqual(cookies[0], cookies[1])
        causes = [entry["cause"] for entry in here["sockets"] if entry["state"] == "close_wait"]
        self.assertEqual(causes, ["not_closed"] * 3)

    def test_what_is_not_there_is_not_found(self):
        for path in ("/metricsx", "/metrics/", "/etc/passwd", "/../etc/passwd"):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                get(path)
            self.assertEqual(refused.exception.code, 404)
            refused.exception.close()

    def test_a_busy_address_is_one_line(self):
        second = run("serve", "--log-level", "off")
        self.assertEqual(second.returncode, 1)
        self.assertEqual(second.stderr, "halfclosed: cannot listen on 127.0.0.1:10999: Address already in use\n")

    def test_a_recording_tells_what_the_page_tells(self):
        recording = f"/tmp/halfclosed-e2e-{os.getpid()}.dump"
        try:
            self.assertEqual(run("record", recording).returncode, 0)
            page = run("replay", recording).stdout
        finally:
            if os.path.exists(recording):
                os.unlink(recording)
        self.assertEqual(value(page, "halfclosed_sockets", port="9999", side="client", state="close_wait",
                               custody="process"), 3)


class Refusing(unittest.TestCase):
    def test_wrong_usage_is_one_line_and_status_2(self):
        for arguments in (["--port", "0", "snapshot"], ["--port", "70000", "snapshot"], ["--port", "10-5", "snapshot"],
                          ["serve", "--interval", "fast"], ["serve", "--bogus"], ["no-such-command"], [],
                          ["scenario", "run", "no-such-scenario"], ["--config", "/nonexistent", "serve"]):
            with self.subTest(arguments):
                refused = run(*arguments)
                self.assertEqual(refused.returncode, 2)
                self.assertEqual(refused.stdout, "")
                self.assertEqual(len(refused.stderr.splitlines()), 1, refused.stderr)

    def test_a_file_that_is_no_recording_is_one_line_and_status_1(self):
        for path in ("/nonexistent", PROGRAM, "/dev/null"):
            with self.subTest(path):
                refused = run("replay", path)
                self.assertEqual(refused.returncode, 1)
                self.assertEqual(len(refused.stderr.splitlines()), 1, refused.stderr)


class Results(unittest.TestCase):
    def test_what_could_not_be_written_is_no_success(self):
        for command in (["scenario", "list"], ["scenario", "list", "--json"], ["snapshot"], ["snapshot", "--json"]):
            with self.subTest(command), open("/dev/full", "w") as full:
                refused = subprocess.run([PROGRAM, *command], stdout=full, stderr=subprocess.PIPE, text=True,
                                         timeout=60)
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
            daemon = subprocess.Popen([PROGRAM, "serve", "--listen", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True)
            for line in daemon.stderr:
                if "ready" in line:
                    break
            began = time.monotonic()
            daemon.send_signal(wanted)
            self.assertEqual(daemon.wait(timeout=10), 0)
            self.assertLess(time.monotonic() - began, 1)
            daemon.stderr.close()


if __name__ == "__main__":
    if "--inside" not in sys.argv:
        how = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
        os.execvp("unshare", [*how, sys.executable, os.path.abspath(__file__), PROGRAM, "--inside"])
    unittest.main(argv=sys.argv[:1], verbosity=2)
