#!/usr/bin/env python3
"""What the daemon records, and what the commands and the page tell of it: history, snapshot --at and --since, watch --from,
report.

Usage: history_test.py [HALFCLOSED [TEST...]]
"""

import contextlib
import html.parser
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness
from half_closed import HalfClosed
from harness import Daemon, halfclosed, wait_for
from recorded import Recorded, looked, now


class Tags(html.parser.HTMLParser):
    """Every tag is closed, and nothing refers to anything outside."""

    def __init__(self, text):
        super().__init__()
        self.open, self.outside = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "br", "input", "link"):
            self.open.append(tag)
        self.outside += [value for name, value in attrs if name in ("src", "href") and not value.startswith("#")]

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag


class History(Recorded):
    def test_a_damaged_page_is_told_with_the_name_of_the_file(self):
        with Daemon(state=self.state) as daemon, HalfClosed(200):
            time.sleep(1.5)
            looked(daemon)
            daemon.stop()
        with open(self.state / "history.db", "r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * 65536)
        for arguments in (("history",), ("snapshot", "--at", now()), ("snapshot", "--since", "1m")):
            with self.subTest(arguments[-1]):
                ran = halfclosed(*arguments, "--state-dir", str(self.state))
                self.assertEqual((ran.returncode, ran.stderr.count("\n")), (1, 1), ran.stderr)
                self.assertIn("history.db: ", ran.stderr)

    def test_a_leak_and_its_end_are_recorded_and_told(self):
        began = now()
        with Daemon("--leak-after", "1s", state=self.state) as daemon:
            with HalfClosed(3):
                time.sleep(2.5)
                leaked = looked(daemon)
            self.wait_for_ends(began, 3)
            gone = looked(daemon)
            daemon.stop()
        client = [each for each in self.told("--from", began) if each["side"] == "client"]
        self.assertEqual(len(client), 3)
        for each in client:
            self.assertEqual(each["schema"], "halfclosed.history/1")
            self.assertEqual(each["states"][0]["state"], "close_wait")
            self.assertEqual(each["states"][0]["cause"], "not_closed")
            self.assertIsNotNone(each["leaked"])
            self.assertIn(each["how"], ("closed", "aborted", "unknown"))
            self.assertGreater(each["lived_seconds"], 2)
            self.assertLess(each["lived_seconds"], 60)
            self.assertGreater(each["namespace"]["id"], 0)
        self.assertEqual(self.told("--to", began), [])
        # As it was: by a time, and what became of it.
        then = json.loads(self.snapshot("--at", leaked, "--json"))
        self.assertEqual(sum(each["state"] == "close_wait" for each in then["sockets"]), 3)
        self.assertEqual(then["time"], leaked)
        self.assertEqual(json.loads(self.snapshot("--at", gone, "--json"))["sockets"], [])
        self.assertIn("CLOSE-WAIT".lower().replace("-", "_"), self.snapshot("--at", leaked))
        change = json.loads(self.snapshot("--since", leaked, "--at", gone, "--leak-after", "1s", "--json"))
        self.assertEqual([(each["before"], each["now"], each["gone"], each["new"]) for each in change["owners"]
                          if each["leaked_before"]], [(6, 0, 6, 0)])
        self.assertIn("6 of 6 are gone, none is new", self.snapshot("--since", leaked, "--at", gone))

    def test_a_single_look_tells_the_dead_sockets_of_the_history_too(self):
        def dead():
            return [each for each in json.loads(self.snapshot("--json"))["sockets"] if each.get("dead")]

        with Daemon(state=self.state) as daemon, HalfClosed(2) as half_closed:
            # Who holds a socket is looked for after three seconds in CLOSE-WAIT.
            wait_for("their holders", lambda: sum(bool(s["state"] == "close_wait" and s["owner"]["processes"])
                                                  for s in daemon.sockets()) == 2, 30)
            self.assertEqual(dead(), [])
            half_closed.clients[0].send(b"x")  # the other end is closed: its kernel answers with a reset
            wait_for("a dead one", dead, 40)
            self.assertEqual(dead()[0]["state"], "close")
            self.assertEqual(dead()[0]["owner"]["processes"][0]["pid"], os.getpid())
            elsewhere = subprocess.run(["unshare", "--net", harness.PROGRAM, "snapshot", "--state-dir", self.state, "--json"],
                                       capture_output=True, text=True, check=True)
            self.assertEqual(json.loads(elsewhere.stdout)["sockets"], [], "it is of another network namespace")
            half_closed.clients[0].close()
            self.assertEqual(dead(), [], "its descriptor is closed")

    def test_a_time_at_which_nobody_looked_is_no_empty_answer(self):
        with Daemon(state=self.state), HalfClosed(1):
            time.sleep(1.5)
        ran = halfclosed("snapshot", "--state-dir", str(self.state), "--at", "1h")
        self.assertEqual(ran.returncode, 1)
        self.assertIn("nobody looked at", ran.stderr)
        self.assertIn("the history goes from", ran.stderr)
        for wrong in (("--at", "tomorrow"), ("--since", "25:00")):
            ran = halfclosed("snapshot", *wrong)
            self.assertEqual(ran.returncode, 2)
            self.assertIn(wrong[1], ran.stderr)
        ran = halfclosed("history", "--state-dir", "/nowhere")
        self.assertEqual(ran.returncode, 1)
        self.assertIn("/nowhere/history.db: No such file or directory", ran.stderr)

    def test_watch_tells_the_past_first(self):
        began = now()
        with Daemon(state=self.state) as daemon:
            with HalfClosed(1):
                time.sleep(2)
            time.sleep(0.7)
            daemon.stop()
        lines = self.watched("--from", began)
        self.assertIn("close_wait", [line["from"] for line in lines])
        for flags, some in ((("--owner", "nobody.service"), False), (("--cause", "not_closed"), True), (("--cause", "unread"), False)):
            with self.subTest(flags=flags):
                filtered = self.watched("--from", began, *flags)
                self.assertEqual(bool(filtered), some)
                self.assertLessEqual({line["cookie"] for line in filtered}, {line["cookie"] for line in lines})
        self.assertEqual(lines, sorted(lines, key=lambda line: line["time"]))
        self.assertLess(lines[0]["time"], now())

    def test_the_page_answers_from_the_history(self):
        with HalfClosed(2), Daemon("--leak-after", "1s", state=self.state) as daemon:
            wait_for("the leaks", lambda: daemon.value("halfclosed_close_wait_leaked_sockets", side="client", cause="not_closed") == 2, 20)
            wait_for("a batch", lambda: daemon.value("halfclosed_history_sockets_total", result="recorded") >= 4, 30)
            time.sleep(0.5)
            answer = daemon.ask("/api/v1/history")
            self.assertEqual(answer.status, 200)
            rows = [json.loads(line) for line in answer.body.splitlines()]
            self.assertEqual({row["states"][0]["state"] for row in rows}, {"close_wait", "fin_wait2"})
            one = daemon.ask(f"/api/v1/history?cookie={rows[0]['cookie']}")
            self.assertEqual(json.loads(one.body)["cookie"], rows[0]["cookie"])
            counts = json.loads(daemon.ask("/api/v1/history?view=counts").body)
            self.assertEqual(counts["schema"], "halfclosed.counts/1")
            self.assertTrue(counts["samples"])
            live = json.loads(daemon.ask("/api/v1/live").body)
            self.assertEqual(live["states"]["close_wait"]["sockets"], 2)
            for wrong in ("?limit=0", "?form=1h", "?cookie=xyz", "?view=sums", "?from=%zz", "?to=tomorrow"):
                self.assertEqual(daemon.ask("/api/v1/history" + wrong).status, 400, wrong)
            self.assertEqual(daemon.ask("/api/v1/history", method="POST").status, 405)
            self.assertGreater(daemon.value("halfclosed_history_size_bytes"), 4096)
        with Daemon() as daemon:
            self.assertEqual(daemon.ask("/api/v1/history").status, 404)

    def record(self, *flags):
        with Daemon(*flags, state=self.state) as daemon, HalfClosed(1):
            time.sleep(1.5)
            daemon.stop()

    def test_history_says_how_far_back_it_goes(self):
        self.record()
        with contextlib.closing(sqlite3.connect(self.state / "history.db")) as history, history:
            for table, columns in {"sockets": ("began_ms", "ended_ms"), "spans": ("began_ms",), "samples": ("time_ms",),
                                   "observed": ("from_ms", "to_ms")}.items():
                for column in columns:
                    history.execute(f"UPDATE {table} SET {column} = {column} - 600000")
            history.execute("UPDATE sockets SET ended_ms = began_ms + 2000 WHERE ended_ms IS NULL")
        self.record("--history", "1h")
        self.assertEqual(len(self.told("--from", "1h")), 4, "two connections' ends, one ten minutes old")
        self.record("--history", "1m")
        self.assertEqual(len(self.told("--from", "1h")), 4, "the old one's are gone, and there is another")

    def test_its_bounds_are_refused_with_flag_and_value(self):
        for flag, value in (("--history", "59s"), ("--history", "soon"), ("--history-size", "7MB"), ("--history-size", "much")):
            with self.subTest(flag=flag, value=value):
                ran = halfclosed("serve", flag, value, "--state-dir", str(self.state))
                self.assertEqual((ran.returncode, ran.stderr.count("\n")), (2, 1), ran.stderr)
                self.assertIn(flag, ran.stderr)
                self.assertIn(f"'{value}'", ran.stderr)
        self.record("--history-size", "8MB")
        self.assertEqual(len(self.told()), 2)

    def test_the_report_stands_by_itself(self):
        with HalfClosed(2), Daemon(state=self.state) as daemon:
            time.sleep(1.5)
            daemon.stop()
            file = self.state / "report.html"
            ran = halfclosed("report", str(file), "--state-dir", str(self.state))
            self.assertEqual(ran.returncode, 0, ran.stderr)
            masked = halfclosed("report", "-", "--mask", "--state-dir", str(self.state))
        page = file.read_text()
        tags = Tags(page)
        self.assertEqual((tags.open, tags.outside), ([], []))
        self.assertNotIn("<script", page)
        for part in ("close_wait", "halfclosed report", "sock_diag", "127.0.0.1:9999"):
            self.assertIn(part, page)
        self.assertIn("Addresses are masked", masked.stdout)


if __name__ == "__main__":
    harness.run(150)
