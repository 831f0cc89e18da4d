#!/usr/bin/env python3
"""`scenario run --packetdrill` from outside: verdicts, exit statuses, JSON, the matrix, and what is refused.

Usage: packetdrill_test.py [HALFCLOSED [TEST...]]
"""

import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from harness import halfclosed

SCRIPTS = Path(__file__).resolve().parents[1] / "fixtures/packetdrill"
PASSING = ("half_close", "late_data", "peer_closes_first", "simultaneous_close", "time_wait")


def play(*arguments):
    return halfclosed("scenario", "run", "--packetdrill", *map(str, arguments))


def script(name):
    return SCRIPTS / f"{name}.pkt"


def has_tun():
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError:
        return False
    return True


@unittest.skipUnless(has_tun(), "no TUN device for this user")
class Played(unittest.TestCase):
    def test_several_files_pass(self):
        asked = play(*map(script, PASSING))
        self.assertEqual((asked.returncode, asked.stderr), (0, ""), asked.stdout)
        lines = asked.stdout.splitlines()
        for name, line in zip(PASSING, lines):
            self.assertRegex(line, rf"^PASS  .*/{name}\.pkt  .*, (\d+) of \1 steps judged by state$")
        self.assertEqual(lines[len(PASSING)], "5 of 5 scripts passed, 0 failed, 0 not supported")

    def test_a_directory_with_what_fails_and_what_is_not_played(self):
        with tempfile.TemporaryDirectory() as place:
            matrix = Path(place) / "matrix.md"
            asked = play(SCRIPTS, "--matrix", matrix)
            self.assertEqual((asked.returncode, asked.stderr), (1, f"matrix: {matrix}\n"), asked.stdout)
            self.assertRegex(asked.stdout, r"(?m)^FAIL  .*/wrong_answer\.pkt: line 14: expected > \. 1:1\(0\) ack 1, "
                                           r"got > F\. 1:1\(0\) ack 1 ")
            self.assertRegex(asked.stdout, r"(?m)^SKIP  .*/not_played\.pkt: not supported: line 3: the call "
                                           r"epoll_create\(\)$")
            self.assertRegex(asked.stdout, r"\n5 of 8 scripts passed, 2 failed, 1 not supported\n$")
            table = matrix.read_text()
        self.assertTrue(table.startswith("8 scripts: 5 passed, 2 failed, 1 not supported.\n"))
        for row in ("| ESTABLISHED | close() | FIN-WAIT-1 | FIN ACK | ",
                    "| CLOSE-WAIT | close() | LAST-ACK | FIN ACK | 1 | as the script says |",
                    "| FIN-WAIT-1 | FIN ACK at RCV.NXT | CLOSING | ACK | 1 | as the script says |",
                    "| FIN-WAIT-2 | ACK with data at RCV.NXT | CLOSE | RST | 1 | as the script says |",
                    "| TIME-WAIT | FIN ACK before RCV.NXT | TIME-WAIT | ACK | 1 | as the script says |"):
            self.assertIn("\n" + row, table)
        self.assertRegex(table, r"\n\| \S*wrong_state\.pkt \| failed \| line 13: expected tcpi_state == 8, got 1 \|\n")

    def test_json(self):
        asked = play(script("peer_closes_first"), script("wrong_state"), "--json")
        self.assertEqual(asked.returncode, 1)
        passed, failed = map(json.loads, asked.stdout.splitlines())
        self.assertEqual({passed["schema"], failed["schema"]}, {"halfclosed.packetdrill/1"})
        self.assertEqual((passed["result"], passed["line"], passed["why"]), ("passed", None, None))
        self.assertIn("net.ipv4.there_is_no_such_sysctl = 1: No such file or directory", passed["notes"])
        self.assertEqual((failed["result"], failed["line"]), ("failed", 13))
        closed = next(step for step in passed["steps"] if step["event"] == "close()")
        self.assertEqual((closed["before"], closed["after"], closed["answers"]),
                         ({"state": "close_wait", "custody": "process", "cause": "not_closed"},
                          {"state": "last_ack", "custody": "orphan", "cause": None}, ["FIN ACK"]))


class Usage(unittest.TestCase):
    def refused(self, *arguments):
        asked = halfclosed("scenario", "run", *map(str, arguments))
        self.assertEqual((asked.returncode, asked.stdout), (2, ""), asked.stderr)
        return asked.stderr

    def test_an_error_in_a_script_names_file_and_line(self):
        with tempfile.TemporaryDirectory() as place:
            wrong = Path(place) / "wrong.pkt"
            wrong.write_text("// one\n0 close(3) = 0\n+0 < F. 1:1(0)\n")
            self.assertIn(f"{wrong}: line 3: the flag '.' and \"ack N\" go together", self.refused("--packetdrill", wrong))
            wrong.write_text("// nothing\n")
            self.assertIn(f"{wrong}: a script without events", self.refused("--packetdrill", wrong))
            wrong.unlink()
            self.assertIn(f"{place}: no script", self.refused("--packetdrill", place))

    def test_nothing_of_a_script_commands_the_terminal(self):
        with tempfile.TemporaryDirectory() as place:
            script = Path(place) / "escape.pkt"
            script.write_text("0 `echo \x1b[31m\u202e`\n", encoding="utf-8")
            for arguments in ((), ("--json",)):
                asked = play(script, *arguments)
                self.assertEqual((asked.returncode, asked.stderr), (1, ""))
                self.assertIn("not supported", asked.stdout)
                self.assertIn("\ufffd[31m\ufffd", asked.stdout)

    def test_what_does_not_go_together(self):
        self.assertIn("no/such/file", self.refused("--packetdrill", "no/such/file"))
        self.assertIn("--packetdrill", self.refused("late-close", "--packetdrill", script("time_wait")))
        self.assertIn("--packetdrill", self.refused("late-close", "--matrix", "matrix.md"))
        self.assertIn("--packetdrill", self.refused("late-close", "--tolerance", "1s"))
        self.assertIn("more than 1m", self.refused("--packetdrill", script("time_wait"), "--tolerance", "2m"))


if __name__ == "__main__":
    harness.run(limit=120)
