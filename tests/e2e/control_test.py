#!/usr/bin/env python3
"""The control socket of the daemon: who may use it, requests and refusals.

Usage: control_test.py [HALFCLOSED [TEST...]]
"""

import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from harness import Daemon, UnixConnection, folder, halfclosed, wait_for


class Control(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()

    def tearDown(self):
        self.daemon.kill()

    def test_via_says_in_one_line_what_is_wrong(self):
        for path, word in (("/none", "is 'halfclosed serve' running"),
                           ("/" + 200 * "x", "cannot be the path of a socket")):
            refused = halfclosed("scenario", "run", "late-close", "--via", path, "--json")
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
                ("POST", "/api/v1/scenarios/late-close/run?fin-timeout=61s", 400, "fin-timeout"),
                ("POST", "/api/v1/scenarios/late-close/run?speed=9", 400, "unknown parameter 'speed'"),
                ("GET", "/api/v1/scenarios/../../etc/passwd", 404, "not found"),
                ("DELETE", "/metrics", 405, "only GET"),
        ):
            with self.subTest(f"{method} {target}"):
                answer = self.daemon.control_request(target, method)
                self.assertEqual(answer.status, status)
                self.assertIn(words, answer.body)

    def test_a_method_that_is_not_allowed_says_which_is(self):
        for target, allowed in (("/metrics", "GET, HEAD"), ("/-/reload", "POST")):
            self.assertEqual(self.daemon.control_request(target, "DELETE").headers["Allow"], allowed)

    def test_the_pages_are_there_too(self):
        for target, words in (("/-/healthy", "healthy"), ("/-/ready", "ready"), ("/metrics", "halfclosed_sockets"),
                              ("/api/v1/snapshot", "halfclosed.snapshot/1")):
            wait_for(target, lambda target=target: self.daemon.control_request(target).status == 200)
            self.assertIn(words, self.daemon.control_request(target).body)
        listing = self.daemon.control_request("/api/v1/scenarios").body
        names = [json.loads(line)["scenario"] for line in listing.splitlines()]
        listed = halfclosed("scenario", "list", "--json")
        self.assertEqual(names, [json.loads(line)["scenario"] for line in listed.stdout.splitlines()])

    def test_reload_keeps_what_is_wrong_out(self):
        self.daemon.kill()
        config = folder() / "halfclosed.toml"
        config.write_text("port = 9999\n")
        self.daemon = Daemon("--config", config)
        answer = self.daemon.control_request("/-/reload", "POST")
        self.assertEqual((answer.status, answer.body), (200, "reloaded\n"))
        config.write_text("prot = 9998\n")
        answer = self.daemon.control_request("/-/reload", "POST")
        self.assertEqual(answer.status, 500)
        self.assertIn("unknown key 'prot'", answer.body)
        config.write_text("port = 9998\n[serve]\nstate-dir = '/nowhere'\nallowed-host = 'shop'\nmax-hold = '2h'\n")
        waits = "--allowed-host and --state-dir take effect at the next start"
        answer = self.daemon.control_request("/-/reload", "POST")
        self.assertEqual((answer.status, answer.body), (200, f"reloaded\n{waits}\n"))
        told = halfclosed("reload", "--control-socket", str(self.daemon.control_socket))
        self.assertEqual((told.returncode, told.stdout, told.stderr), (0, f"reloaded\n{waits}\n", ""))
        self.assertIn(waits, self.daemon.log())
        config.write_text("port = 9998\n")
        self.assertEqual(self.daemon.control_request("/-/reload", "POST").status, 200)
        wait_for("the new port", lambda: 'port="9998"' in self.daemon.page())

    def test_reloads_are_limited_and_the_log_does_not_tell_each(self):
        statuses = [self.daemon.control_request("/-/reload", "POST").status for _ in range(30)]
        self.assertEqual(statuses[:5], 5 * [200])
        self.assertGreater(statuses.count(429), 20)
        refused = self.daemon.control_request("/-/reload", "POST")
        self.assertEqual(refused.status, 429)
        self.assertIn(refused.headers["Retry-After"], "12345")
        self.assertLess(len(self.daemon.log().splitlines()), 40)

    def test_a_hold_is_bounded(self):
        refused = self.daemon.control_request("/api/v1/scenarios/never-closed/run?hold=24h", "POST")
        self.assertEqual(refused.status, 400)
        self.assertIn("hold: '24h' is more than 1h00m (--max-hold)", refused.body)

    def test_parameters_are_spelled_as_the_flags(self):
        run = "/api/v1/scenarios/close-at-once/run"
        for query, words in (("fin_timeout=2s", "unknown parameter 'fin_timeout': fin-timeout and hold are known"),
                             ("fin-timeout=soon", "fin-timeout: 'soon'")):
            refused = self.daemon.control_request(f"{run}?{query}", "POST")
            self.assertEqual(refused.status, 400, query)
            self.assertIn(words, refused.body)
        lines = self.daemon.control_request(f"{run}?fin-timeout=3s", "POST").body.splitlines()
        self.assertEqual(json.loads(lines[-1]).get("fin_timeout_seconds"), 3, lines[-1])

    def test_status_says_how_the_daemon_is_doing(self):
        socket = str(self.daemon.control_socket)
        told = halfclosed("status", "--control-socket", socket)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertRegex(told.stdout, rf"^halfclosed \S+ \(revision \S+\), pid {self.daemon.pid}, running for ")
        self.assertRegex(told.stdout, r"Watching port 9999: \d+ half-closed sockets, \d+ leaked, \d+ dead")
        self.assertRegex(told.stdout, r"(?m)^closing +works ")
        self.assertRegex(told.stdout, r"Configuration read \S+ ago\.")
        status = json.loads(halfclosed("status", "--control-socket", socket, "--json").stdout)
        self.assertEqual((status["schema"], status["pid"], status["sees"]), ("halfclosed.status/1", self.daemon.pid, True))
        self.assertEqual(self.daemon.control_request("/api/v1/status", "POST").status, 405)

    def test_status_of_no_daemon_is_one_line(self):
        for command in ("status", "reload"):
            with self.subTest(command):
                none = halfclosed(command, "--control-socket", "/none")
                self.assertEqual((none.returncode, none.stdout), (1, ""))
                self.assertIn("is 'halfclosed serve' running", none.stderr)
                self.assertEqual(len(none.stderr.splitlines()), 1)

    def test_reload_is_a_command(self):
        done = halfclosed("reload", "--control-socket", str(self.daemon.control_socket))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "reloaded\n", ""))

    def test_a_lab_without_its_programs_says_so(self):
        alone = folder() / "halfclosed"
        shutil.copy(harness.PROGRAM, alone)
        with Daemon(program=alone) as daemon:
            answer = daemon.control_request("/api/v1/scenarios/late-close/run", "POST")
        last = json.loads(answer.body.splitlines()[-1])
        self.assertEqual(last["fact"], "refusal")
        self.assertIn("daytime-server and daytime-client are neither in", last["what"])

    def test_only_root_the_user_and_the_group_may_ask(self):
        if not harness.is_real_root():
            self.skipTest("only root can be somebody else")
        os.chmod(self.daemon.control_socket, 0o666)  # by mistake
        for identity, status in ((["--reuid", "65534", "--regid", "65534", "--clear-groups"], "403"),
                                 (["--reuid", "65534", "--regid", "65534", "--groups", "0"], "200"),
                                 (["--reuid", "0"], "200")):
            answer = subprocess.run(["setpriv", *identity, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}",
                                     "--unix-socket", self.daemon.control_socket, "http://localhost/-/healthy"],
                                    capture_output=True, text=True, timeout=10)
            self.assertEqual(answer.stdout, status, identity)

    def test_a_second_daemon_with_the_same_control_socket_does_not_start(self):
        second = halfclosed("serve", "--listen", "127.0.0.1:0", "--control-socket", self.daemon.control_socket, timeout=10)
        self.assertEqual(second.returncode, 1)
        self.assertIn("another daemon listens on it", second.stderr.splitlines()[-1])
        self.assertEqual(self.daemon.control_request("/-/healthy").status, 200)


if __name__ == "__main__":
    harness.run(limit=120)
