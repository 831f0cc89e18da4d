#!/usr/bin/env python3
"""The running daemon takes orders over its control socket, in a network namespace of its own.

Usage: control_test.py HALFCLOSED
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

PROGRAM = os.path.abspath(sys.argv[1])
PAGE = "http://127.0.0.1:10999"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self.path)
        except OSError:
            self.sock.close()
            raise


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


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s")
        time.sleep(0.01)


class Control(unittest.TestCase):
    def setUp(self):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        self.directory = tempfile.TemporaryDirectory()
        self.socket = os.path.join(self.directory.name, "control.sock")
        self.daemon = self.serve("--interval", "100ms", "--census-interval", "300ms")

    def serve(self, *flags, **options):
        daemon = subprocess.Popen([PROGRAM, "serve", "--control-socket", self.socket, *flags],
                                  stderr=subprocess.DEVNULL, **options)
        wait_for(self.answers)
        return daemon

    def answers(self):
        try:
            return self.ask("GET", "/-/healthy")[0] == 200
        except OSError:
            return False

    def tearDown(self):
        self.daemon.kill()
        self.daemon.wait()
        self.directory.cleanup()

    def ask(self, method, target):
        connection = UnixConnection(self.socket)
        connection.request(method, target)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    def metric(self, line):
        with urllib.request.urlopen(PAGE + "/metrics", timeout=5) as answer:
            page = answer.read().decode()
        found = re.search("^" + re.escape(line) + r" (\S+)$", page, re.MULTILINE)
        self.assertTrue(found, line)
        return float(found[1])

    def runs(self, scenario, result):
        return self.metric(f'halfclosed_scenario_runs_total{{scenario="{scenario}",result="{result}"}}')

    def test_a_run_is_streamed_and_judged_and_counted(self):
        status, body = self.ask("POST", "/api/v1/scenarios/late-close/run?fin_timeout=1s")
        self.assertEqual(status, 200)
        lines = [json.loads(line) for line in body.splitlines()]
        self.assertEqual(lines[0], {"fact": "attempt", "scenario": "late-close", "number": 1})
        self.assertEqual(lines[-1]["schema"], "halfclosed.scenario/1")
        self.assertEqual(lines[-1]["result"], "pass")
        self.assertEqual(lines[-1]["fin_timeout_seconds"], 1)
        kinds = {line.get("fact") for line in lines}
        self.assertLessEqual({"sighting", "call", "packet", "signal", "gauges", "finished"}, kinds)
        wait_for(lambda: self.runs("late-close", "pass") == 1)
        self.assertEqual(self.runs("late-close", "fail"), 0)
        last = self.metric('halfclosed_scenario_last_run_timestamp_seconds{scenario="late-close"}')
        self.assertAlmostEqual(last, time.time(), delta=10)

    def test_the_story_comes_while_it_happens(self):
        connection = UnixConnection(self.socket)
        began = time.monotonic()
        connection.request("POST", "/api/v1/scenarios/late-close-after-expiry/run?fin_timeout=2s")
        answer = connection.getresponse()
        self.assertEqual(json.loads(answer.readline())["fact"], "attempt")
        self.assertLess(time.monotonic() - began, 1.5)
        answer.read()
        self.assertGreater(time.monotonic() - began, 2)
        connection.close()

    def test_via_shows_what_a_run_here_shows(self):
        def states(text):
            return re.findall(r"ESTABLISHED|FIN-WAIT-[12]|CLOSE-WAIT|LAST-ACK|TIME-WAIT|PASS|FAIL", text)

        here = subprocess.run([PROGRAM, "scenario", "run", "late-close"], capture_output=True, text=True, timeout=60)
        via = subprocess.run([PROGRAM, "scenario", "run", "late-close", "--via", self.socket], capture_output=True,
                             text=True, timeout=60)
        self.assertEqual(via.returncode, 0, via.stderr)
        self.assertEqual(sorted(states(via.stdout)), sorted(states(here.stdout)))
        self.assertEqual(via.stdout.split("time")[0], here.stdout.split("time")[0])
        line = subprocess.run([PROGRAM, "scenario", "run", "late-close", "--json", "--via", self.socket],
                              capture_output=True, text=True, timeout=60).stdout
        self.assertEqual(json.loads(line)["result"], "pass")

    def test_via_says_in_one_line_what_is_wrong(self):
        for path, word in ((self.directory.name + "/none", "is 'halfclosed serve' running"),
                           ("/" + 200 * "x", "cannot be the path of a socket")):
            refused = subprocess.run([PROGRAM, "scenario", "run", "late-close", "--via", path, "--json"],
                                     capture_output=True, text=True, timeout=10)
            self.assertEqual(refused.returncode, 1)
            self.assertEqual(refused.stdout, "")
            self.assertEqual(len(refused.stderr.splitlines()), 1, refused.stderr)
            self.assertIn(word, refused.stderr)

    def test_what_is_not_there_is_refused(self):
        for method, target, status, words in (
                ("POST", "/api/v1/scenarios/no-such/run", 404, "unknown scenario 'no-such'"),
                ("GET", "/api/v1/scenarios/late-close/run", 405, "only POST"),
                ("POST", "/api/v1/scenariosXlate-close/run", 404, "not found"),
                ("POST", "/api/v1/scenarios//run", 404, "not found"),
                ("GET", "/-/reload", 405, "only POST"),
                ("POST", "/api/v1/scenarios", 405, "only GET"),
                ("POST", "/api/v1/scenarios/late-close/run?fin_timeout=61s", 400, "fin_timeout"),
                ("POST", "/api/v1/scenarios/late-close/run?speed=9", 400, "unknown parameter 'speed'"),
                ("GET", "/api/v1/scenarios/../../etc/passwd", 404, "not found"),
                ("DELETE", "/metrics", 405, "only GET"),
        ):
            with self.subTest(f"{method} {target}"):
                got, body = self.ask(method, target)
                self.assertEqual(got, status)
                self.assertIn(words, body)

    def test_a_method_that_is_not_allowed_says_which_is(self):
        for target, allowed in (("/metrics", "GET, HEAD"), ("/-/reload", "POST")):
            connection = UnixConnection(self.socket)
            connection.request("DELETE", target)
            self.assertEqual(connection.getresponse().getheader("Allow"), allowed)
            connection.close()

    def test_the_pages_are_there_too(self):
        for target, words in (("/-/healthy", "healthy"), ("/-/ready", "ready"), ("/metrics", "halfclosed_sockets"),
                              ("/api/v1/snapshot", "halfclosed.snapshot/1")):
            wait_for(lambda target=target: self.ask("GET", target)[0] == 200)
            self.assertIn(words, self.ask("GET", target)[1])
        _, listing = self.ask("GET", "/api/v1/scenarios")
        names = [json.loads(line)["scenario"] for line in listing.splitlines()]
        listed = subprocess.run([PROGRAM, "scenario", "list", "--json"], capture_output=True, text=True, timeout=10)
        self.assertEqual(names, [json.loads(line)["scenario"] for line in listed.stdout.splitlines()])

    def test_a_requester_that_goes_away_ends_the_run(self):
        before = network_namespaces()
        connection = UnixConnection(self.socket)
        connection.request("POST", "/api/v1/scenarios/late-close-after-expiry/run?fin_timeout=30s")
        self.assertIn(b"attempt", connection.getresponse().readline())
        wait_for(lambda: len(descendants(self.daemon.pid)) >= 3)
        connection.close()
        wait_for(lambda: not descendants(self.daemon.pid), 3)
        self.assertLessEqual(network_namespaces(), before)
        # It was neither passed nor failed.
        self.assertEqual(self.runs("late-close-after-expiry", "pass"), 0)
        self.assertEqual(self.runs("late-close-after-expiry", "fail"), 0)

    def test_an_interrupted_via_ends_the_run(self):
        client = subprocess.Popen([PROGRAM, "scenario", "run", "late-close-after-expiry", "--fin-timeout", "30s",
                                   "--via", self.socket], stdout=subprocess.DEVNULL)
        wait_for(lambda: len(descendants(self.daemon.pid)) >= 3)
        client.send_signal(signal.SIGINT)
        self.assertEqual(client.wait(timeout=5), -signal.SIGINT)
        wait_for(lambda: not descendants(self.daemon.pid), 3)

    def test_a_daemon_that_is_killed_leaves_nothing(self):
        before = network_namespaces()
        for wanted in (signal.SIGKILL, signal.SIGTERM):
            connection = UnixConnection(self.socket)
            connection.request("POST", "/api/v1/scenarios/late-close-after-expiry/run?fin_timeout=30s")
            connection.getresponse().readline()
            wait_for(lambda: len(descendants(self.daemon.pid)) >= 3)
            below = descendants(self.daemon.pid)
            self.daemon.send_signal(wanted)
            self.daemon.wait(timeout=5)
            wait_for(lambda below=below: not any(os.path.exists(f"/proc/{pid}") for pid in below), 3)
            connection.close()
            self.daemon = self.serve()
        self.assertLessEqual(network_namespaces(), before)

    def test_so_many_wait_and_the_next_is_told(self):
        connections = []
        for _ in range(9):
            connection = UnixConnection(self.socket)
            connection.request("POST", "/api/v1/scenarios/late-close-after-expiry/run?fin_timeout=30s")
            connections.append(connection)
            time.sleep(0.02)
        first_lines = [json.loads(connection.getresponse().readline()) for connection in connections]
        self.assertEqual([line.get("ahead", 0) for line in first_lines], list(range(9)))
        status, body = self.ask("POST", "/api/v1/scenarios/late-close/run")
        self.assertEqual(status, 503)
        self.assertEqual(body, "busy: 8 runs wait already; try again later\n")
        for connection in connections:
            connection.close()
        wait_for(lambda: not descendants(self.daemon.pid), 5)
        self.assertEqual(self.ask("POST", "/api/v1/scenarios/close-at-once/run")[0], 200)

    def test_the_watch_goes_on_undisturbed_and_counts_nothing_of_the_lab(self):
        polls = 'halfclosed_collector_last_success_timestamp_seconds{collector="closing"}'
        client = subprocess.Popen([PROGRAM, "scenario", "run", "late-close", "close-at-once", "unread-close",
                                   "late-close-after-expiry", "--via", self.socket], stdout=subprocess.DEVNULL)
        worst = 0.0
        while client.poll() is None:
            worst = max(worst, time.time() - self.metric(polls))
            time.sleep(0.01)
        self.assertEqual(client.returncode, 0)
        # The page is what the last poll said: one interval old, and late by less than another.
        self.assertLess(worst, 0.2)
        with urllib.request.urlopen(PAGE + "/metrics", timeout=5) as answer:
            page = answer.read().decode()
        for line in page.splitlines():
            if line.startswith(("halfclosed_sockets{", "halfclosed_transitions_total{", "halfclosed_fin_wait2_ended")):
                self.assertTrue(line.endswith(" 0"), line)

    def test_reload_keeps_what_is_wrong_out(self):
        self.daemon.kill()
        self.daemon.wait()
        config = os.path.join(self.directory.name, "halfclosed.toml")
        with open(config, "w") as file:
            file.write("port = 9999\n")
        self.daemon = self.serve("--config", config)
        self.assertEqual(self.ask("POST", "/-/reload"), (200, "reloaded\n"))
        with open(config, "w") as file:
            file.write("prot = 9998\n")
        status, body = self.ask("POST", "/-/reload")
        self.assertEqual(status, 500)
        self.assertIn("unknown key 'prot'", body)
        with open(config, "w") as file:
            file.write("port = 9998\n")
        self.assertEqual(self.ask("POST", "/-/reload")[0], 200)
        wait_for(lambda: 'port="9998"' in urllib.request.urlopen(PAGE + "/metrics", timeout=5).read().decode())

    def test_a_lab_without_its_programs_says_so(self):
        self.daemon.kill()
        self.daemon.wait()
        alone = os.path.join(self.directory.name, "halfclosed")
        shutil.copy(PROGRAM, alone)
        self.daemon = subprocess.Popen([alone, "serve", "--control-socket", self.socket], stderr=subprocess.DEVNULL)
        wait_for(self.answers)
        _, body = self.ask("POST", "/api/v1/scenarios/late-close/run")
        last = json.loads(body.splitlines()[-1])
        self.assertEqual(last["fact"], "refusal")
        self.assertIn("daytime-server and daytime-client are neither in", last["what"])

    def test_only_root_the_user_and_the_group_may_ask(self):
        if os.geteuid() != 0:
            self.skipTest("only root can be somebody else")
        os.chmod(self.directory.name, 0o755)
        os.chmod(self.socket, 0o666)  # by mistake
        for identity, status in ((["--reuid", "65534", "--regid", "65534", "--clear-groups"], "403"),
                                 (["--reuid", "65534", "--regid", "65534", "--groups", "0"], "200"),
                                 (["--reuid", "0"], "200")):
            answer = subprocess.run(["setpriv", *identity, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
                                     "--unix-socket", self.socket, "http://localhost/-/healthy"],
                                    capture_output=True, text=True, timeout=10)
            self.assertEqual(answer.stdout, status, identity)

    def test_a_second_daemon_goes_on_without_orders_unless_it_was_told_to_take_them(self):
        second = subprocess.run([PROGRAM, "serve", "--listen", "127.0.0.1:0", "--control-socket", self.socket],
                                capture_output=True, text=True, timeout=10)
        self.assertEqual(second.returncode, 1)
        self.assertIn("another daemon listens on it", second.stderr.splitlines()[-1])
        self.assertEqual(self.ask("GET", "/-/healthy")[0], 200)

    def test_a_parent_that_ignores_sigchld_is_no_matter(self):
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = self.serve(preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        status, body = self.ask("POST", "/api/v1/scenarios/close-at-once/run")
        self.assertEqual((status, json.loads(body.splitlines()[-1])["result"]), (200, "pass"))
        self.assertEqual(self.ask("GET", "/-/healthy")[0], 200)

    def test_self_tests_do_not_pile_up_behind_a_long_run(self):
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = self.serve("--self-test-interval", "10s")
        wait_for(lambda: self.runs("late-close", "pass") == 1, 10)
        leak = UnixConnection(self.socket)
        leak.request("POST", "/api/v1/scenarios/never-closed/run?hold=40s")
        leak.getresponse().readline()
        time.sleep(21)  # two more are due
        order = UnixConnection(self.socket)
        order.request("POST", "/api/v1/scenarios/close-at-once/run")
        self.assertEqual(json.loads(order.getresponse().readline()), {"fact": "queued", "ahead": 2})
        leak.close()
        order.close()

    def test_the_self_test_runs_by_itself(self):
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = self.serve("--self-test-interval", "10s")
        wait_for(lambda: self.runs("late-close", "pass") == 1, 10)
        wait_for(lambda: self.runs("late-close", "pass") == 2, 15)


if __name__ == "__main__":
    if "--inside" not in sys.argv:
        how = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
        os.execvp("unshare", [*how, sys.executable, os.path.abspath(__file__), PROGRAM, "--inside"])
    unittest.main(argv=sys.argv[:1], verbosity=2)
