#!/usr/bin/env python3
"""Who may read what: --allowed-host and --snapshot-access.

Usage: access_test.py [HALFCLOSED [TEST...]]
"""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import harness
from half_closed import HalfClosed
from certificates import basic
from guarded_page import USERS
from harness import Daemon, folder, halfclosed, wait_for

ADDRESS = "127.0.0.1:"  # of a peer, which no count has


class AllowedHost(unittest.TestCase):
    def test_a_name_that_is_not_ours_is_misdirected_until_it_is_added(self):
        foreign = {"Host": "metrics.example.org"}
        with Daemon() as daemon:
            self.assertEqual(daemon.ask("/metrics", headers=foreign).status, 421)
            self.assertEqual(daemon.ask("/metrics", headers={"Host": f"localhost:{daemon.port}"}).status, 200)
        with Daemon("--allowed-host", "metrics.example.org") as daemon:
            self.assertEqual(daemon.ask("/metrics", headers=foreign).status, 200)
            self.assertEqual(daemon.ask("/metrics", headers={"Host": "other.example.org"}).status, 421)

    def test_a_reload_says_that_another_waits_for_the_next_start(self):
        config = folder() / "hosts.toml"
        config.write_text("")
        with Daemon("--config", config) as daemon:
            config.write_text('[serve]\nallowed-host = ["later.example.org"]\n')
            daemon.reload()
            wait_for("word of it", lambda: "--allowed-host" in daemon.log())
            self.assertEqual(daemon.ask("/metrics", headers={"Host": "later.example.org"}).status, 421)

    def test_what_is_no_host_is_refused_with_its_flag(self):
        ran = halfclosed("serve", "--allowed-host", "two words")
        self.assertEqual((ran.returncode, ran.stderr.count("\n")), (2, 1), ran.stderr)
        self.assertIn("--allowed-host", ran.stderr)
        self.assertIn("two words", ran.stderr)


class SnapshotAccess(unittest.TestCase):
    def single_sockets(self, daemon, headers=None):
        """The statuses of the paths that tell of single sockets, and whether any answer bears an address."""
        answers = {path: daemon.ask(path, headers=headers)
                   for path in ("/", "/api/v1/live", "/api/v1/snapshot", "/api/v1/history")}
        told = {path for path, answer in answers.items() if answer.status == 200 and ADDRESS in answer.body}
        return answers["/api/v1/snapshot"].status, answers["/api/v1/history"].status, told

    def wait_for_sockets(self, daemon):
        wait_for("both ends", lambda: len(json.loads(daemon.control_request("/api/v1/snapshot").body)["sockets"]) == 2)

    def test_open_shows_them_to_everybody(self):
        with HalfClosed(1), Daemon("--snapshot-access", "open", state=folder()) as daemon:
            self.wait_for_sockets(daemon)
            snapshot, history, told = self.single_sockets(daemon)
            self.assertEqual((snapshot, history), (200, 200))
            self.assertIn("/api/v1/snapshot", told)

    def test_socket_shows_them_over_the_control_socket_alone(self):
        with HalfClosed(1), Daemon("--snapshot-access", "socket", state=folder()) as daemon:
            self.wait_for_sockets(daemon)
            self.assertEqual(self.single_sockets(daemon), (403, 403, set()))
            self.assertEqual(daemon.status("/metrics"), 200)

    def test_authenticated_shows_them_to_who_gave_a_password(self):
        with HalfClosed(1), Daemon("--snapshot-access", "authenticated", state=folder()) as daemon:
            self.wait_for_sockets(daemon)
            self.assertEqual(self.single_sockets(daemon), (403, 403, set()), "nobody can say who they are here")
        with HalfClosed(1), Daemon("--snapshot-access", "authenticated", state=folder(), web=USERS) as daemon:
            self.wait_for_sockets(daemon)
            snapshot, history, told = self.single_sockets(daemon, basic("prometheus", "right"))
            self.assertEqual((snapshot, history), (200, 200))
            self.assertIn("/api/v1/snapshot", told)

    def test_another_word_is_refused_with_its_flag(self):
        ran = halfclosed("serve", "--snapshot-access", "nobody")
        self.assertEqual((ran.returncode, ran.stderr.count("\n")), (2, 1), ran.stderr)
        self.assertIn("--snapshot-access", ran.stderr)
        self.assertIn("'nobody'", ran.stderr)


if __name__ == "__main__":
    harness.run(limit=120)
