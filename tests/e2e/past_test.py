#!/usr/bin/env python3
"""The past as commands tell it: of which ports and network namespaces, how fast leaks grew, and what a unit had when it died.

Usage: past_test.py [HALFCLOSED [TEST...]]
"""

import contextlib
import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from half_closed import HalfClosed
from harness import Daemon, halfclosed, wait_for
from namespaces_test import Namespace, unmount
from recorded import Recorded, looked, now

# A process with 30 leaked sockets, until it is killed.
HOLDER = """
import sys
sys.path.insert(0, sys.argv[1])
from half_closed import HalfClosed
kept = HalfClosed(30)
print("here", flush=True)
sys.stdin.read()
"""


class Past(Recorded):
    def test_the_history_is_that_of_the_ports_that_are_asked_for(self):
        other = harness.free_port()
        with Daemon("--port", "9999", "--port", str(other), state=self.state) as daemon:
            with HalfClosed(1), HalfClosed(2, other):
                time.sleep(1.5)
                then = looked(daemon)
            daemon.stop()
        for flags, count in (((), 3), (("--port", "9999"), 1), (("--port", str(other)), 2), (("--port", "1-79"), 0)):
            with self.subTest(flags=flags):
                sockets = [each for each in self.told(*flags) if each["side"] == "client"]
                self.assertEqual(len(sockets), count)
                self.assertEqual({each["port"] for each in sockets}, {9999, other} if not flags else
                                 {int(flags[1])} if count else set())
                shot = json.loads(self.snapshot("--at", then, "--json", *flags))
                self.assertEqual(sum(each["state"] == "close_wait" for each in shot["sockets"]), count)

    def test_what_was_is_compared_with_the_same_ports_now(self):
        other = harness.free_port()
        with HalfClosed(2, other) as half_closed:
            with Daemon("--port", str(other), state=self.state) as daemon:
                time.sleep(1.5)
                then = looked(daemon)
                daemon.stop()
            half_closed.add(1)
            change = json.loads(self.snapshot("--since", then, "--json"))
            self.assertEqual([(each["before"], each["now"], each["new"], each["gone"]) for each in change["owners"]],
                             [(4, 6, 2, 0)], "though nobody said which port")
            self.assertIn("none of 4 is gone, 2 are new", self.snapshot("--since", then))
            self.assertIn("No half-closed sockets then nor now", self.snapshot("--since", then, "--port", "1-79"))

    def test_what_was_elsewhere_is_not_called_gone(self):
        with Namespace(2) as space, HalfClosed(1):
            place = space.mount("blue")
            try:
                with Daemon("--namespaces", "all", state=self.state) as daemon:
                    wait_for("all of them", lambda: sum(each["state"] == "close_wait" for each in daemon.sockets()) == 3)
                    time.sleep(1.5)
                    then = looked(daemon)
                    daemon.stop()
                text = self.snapshot("--since", then)
                self.assertIn("none of 2 is gone, none is new", text)
                self.assertIn("Left out: 4 in other network namespaces, where nobody looked now (--namespaces all).",
                              text.replace("\n", " "))
                self.assertEqual(json.loads(self.snapshot("--since", then, "--json"))["left_out"], 4)
                text = self.snapshot("--since", then, "--namespaces", "all")
                self.assertIn("none of 6 is gone, none is new", text)
                self.assertNotIn("Left out", text)
            finally:
                unmount(place)

    def test_a_time_between_two_daemons_is_one_at_which_nobody_looked(self):
        with HalfClosed(1):
            with Daemon(state=self.state) as daemon:
                looked(daemon)
                daemon.stop()
            time.sleep(1)
            between = now()
            time.sleep(1)
            with Daemon(state=self.state) as daemon:
                looked(daemon)
                daemon.stop()
        ran = halfclosed("snapshot", "--state-dir", str(self.state), "--at", between)
        self.assertEqual(ran.returncode, 1)
        self.assertRegex(ran.stderr, rf"nobody looked at {between}: no daemon wrote from \S+Z to \S+Z\n$")

    def test_now_is_the_present_and_what_cannot_be_is_refused(self):
        with HalfClosed(2):
            shot = json.loads(self.snapshot("--at", "now", "--json"))
            self.assertEqual(sum(each["state"] == "close_wait" for each in shot["sockets"]), 2)
            self.assertIsNotNone(shot["reconciliation"], "which the past has not")
        for flags, word in ((("--since", "1h", "-o", "csv"), "neither csv nor wide"), (("--since", "1h", "-o", "wide"), "neither"),
                            (("--since", "10m", "--at", "20m"), "is after --at"), (("--since", "1h", "--sort", "age"), "--sort"),
                            (("--since", "1h", "--group-by", "peer"), "--group-by"), (("--at", "2026-02-31"), "2026-02-31"),
                            (("-o", "csv", "--group-by", "peer", "--sort", "peer"), "--sort")):
            with self.subTest(flags=flags):
                ran = halfclosed("snapshot", "--state-dir", str(self.state), *flags)
                self.assertEqual((ran.returncode, ran.stdout, ran.stderr.count("\n")), (2, "", 1), ran.stderr)
                self.assertIn(word, ran.stderr)
        ran = halfclosed("history", "--from", "10m", "--to", "20m", "--state-dir", str(self.state))
        self.assertEqual((ran.returncode, ran.stderr.count("\n")), (2, 1), ran.stderr)

    def test_who_asks_for_dead_sockets_alone_is_told_why_there_are_none(self):
        for flags in ((), ("--json",), ("-o", "csv")):
            ran = halfclosed("snapshot", "--state", "close", "--state-dir", str(self.state), *flags)
            self.assertEqual((ran.returncode, ran.stderr.count("\n")), (0, 1), ran.stderr)
            self.assertIn("dead sockets are known from the history of a daemon alone: ", ran.stderr)
            self.assertIn("No such file or directory (halfclosed serve --state-dir makes it)", ran.stderr)
        ran = halfclosed("snapshot", "--state-dir", str(self.state))
        self.assertEqual(ran.stderr, "", "who does not ask for them is told nothing")
        with Daemon(state=self.state) as daemon:
            looked(daemon)
            ran = halfclosed("snapshot", "--state", "close", "--state-dir", str(self.state))
            self.assertEqual((ran.returncode, ran.stderr), (0, ""))

    def test_growth_and_the_time_left_are_from_the_history(self):
        with Daemon("--leak-after", "1s", state=self.state) as daemon, HalfClosed(8):
            wait_for("they leak", lambda: daemon.value("halfclosed_close_wait_leaked_sockets", side="client") == 8, 30)
            looked(daemon)
            daemon.stop()
            # As if it had looked for 20 minutes, and had three leaks before.
            back = 1_200_000
            with contextlib.closing(sqlite3.connect(self.state / "history.db")) as history, history:
                history.execute("UPDATE observed SET from_ms = from_ms - ?1, from_ns = from_ns - ?1 * 1000000", (back,))
                history.execute("UPDATE sockets SET leaked_ms = leaked_ms - ?1, leaked_ns = leaked_ns - ?1 * 1000000 WHERE id IN "
                                "(SELECT id FROM sockets WHERE leaked_ms IS NOT NULL LIMIT 3)", (back + 60_000,))
            shot = json.loads(self.snapshot("--json", "--group-by", "owner", "--leak-after", "1s"))
            grown = [group for group in shot["groups"] if group["leaked"]]
            self.assertEqual(len(grown), 1, shot["groups"])
            self.assertAlmostEqual(grown[0]["growth_per_hour"], 15, delta=1, msg="five in 20 minutes")
            use = grown[0]["descriptors"]
            left = (use["limit"] - use["used"]) / grown[0]["growth_per_hour"] * 3600
            self.assertEqual(grown[0]["seconds_left"] is not None, left < 30 * 86400)
            table = self.snapshot("--leak-after", "1s")
            self.assertRegex(table.splitlines()[0], r"\+/HOUR")
            self.assertRegex(table.splitlines()[1], r"\+1[45]\b")

    def test_when_a_unit_dies_its_last_table_is_kept(self):
        began = now()
        with Daemon("--leak-after", "1s", state=self.state) as daemon:
            holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(Path(harness.__file__).parent)],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            try:
                self.assertEqual(holder.stdout.readline(), "here\n")
                wait_for("they leak", lambda: daemon.value("halfclosed_close_wait_leaked_sockets", side="client") == 30, 30)
                wait_for("whose they are", lambda: sum(each["state"] == "close_wait" and each["owner"]["processes"] != []
                                                       for each in daemon.sockets()) == 30, 30)
                before = looked(daemon)
            finally:
                holder.kill()
                holder.wait()
                holder.stdin.close()
                holder.stdout.close()
            self.wait_for_ends(began, 30)
            after = looked(daemon)
            daemon.stop()
        then = json.loads(self.snapshot("--at", before, "--json", "--group-by", "owner", "--leak-after", "1s"))
        stuck = [each for each in then["sockets"] if each["state"] == "close_wait"]
        self.assertEqual(len(stuck), 30)
        self.assertEqual({process["pid"] for each in stuck for process in each["owner"]["processes"]}, {holder.pid})
        self.assertEqual(sum(group["leaked"] for group in then["groups"]), 30)
        self.assertEqual(json.loads(self.snapshot("--at", after, "--json"))["sockets"], [])
        table = self.snapshot("--at", before, "--leak-after", "1s")
        self.assertRegex(table.splitlines()[1], r"not_closed +30 +30")
        ended = [each for each in self.told("--from", began) if each["side"] == "client"]
        self.assertEqual((len(ended), sum(each["ended"] is not None for each in ended)), (30, 30))

    def test_a_socket_is_of_its_network_namespace_and_its_age_goes_on_there(self):
        with Namespace(2) as space, HalfClosed(1):
            place = space.mount("blue")
            try:
                with Daemon("--namespaces", "all", state=self.state) as daemon:
                    time.sleep(1.5)
                    then = looked(daemon)
                    daemon.stop()
                rows = [each for each in self.told() if each["states"][0]["state"] == "close_wait"]
                self.assertEqual(sorted(str(each["namespace"]["name"]) for each in rows), ["None", "blue", "blue"])
                self.assertEqual(len({each["namespace"]["id"] for each in rows}), 2)
                self.assertEqual(len([each for each in self.told("--namespaces", "own")
                                      if each["states"][0]["state"] == "close_wait"]), 1)
                shot = json.loads(self.snapshot("--at", then, "--json"))
                self.assertEqual(sorted((each["namespace"]["id"], each["namespace"]["name"]) for each in shot["sockets"]
                                        if each["state"] == "close_wait" and each["namespace"]["name"]),
                                 sorted((each["namespace"]["id"], "blue") for each in rows if each["namespace"]["name"]))
                with Daemon("--namespaces", "all", state=self.state) as daemon:
                    wait_for("all of them", lambda: sum(each["state"] == "close_wait" for each in daemon.sockets()) == 3)
                    ages = [each["age_seconds"] for each in daemon.sockets() if each["state"] == "close_wait"]
                    self.assertGreater(min(ages), 1.4, "as old as the first daemon knew")
                    told = [json.loads(line) for line in daemon.ask("/api/v1/history?from=1h").body.splitlines()]
                    self.assertIn("blue", {each["namespace"]["name"] for each in told})
                    self.assertEqual({each["how"] for each in told}, {None}, "none has ended")
            finally:
                unmount(place)


if __name__ == "__main__":
    harness.run(150)
