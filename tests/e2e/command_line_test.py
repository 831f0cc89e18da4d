#!/usr/bin/env python3
"""What is accepted has its effect: outputs, filters, intervals, addresses, reloads; in a network namespace of its own.

Usage: command_line_test.py HALFCLOSED
"""

import contextlib
import json
import os
import pty
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

PROGRAM = os.path.abspath(sys.argv[1])


def run(*arguments, **options):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60, **options)


def on_terminal(command, environment):
    """What it writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment):
        os.close(theirs)
        text = b""
        with contextlib.suppress(OSError):  # EIO: it has ended
            while piece := os.read(ours, 65536):
                text += piece
    os.close(ours)
    return text.decode()


# File names and the like.
TAKES_ANY_TEXT = {"--config", "--control-socket", "--exact-pin", "--owner", "--state-dir", "--web-config-file"}


def wait_for(what, condition, limit=15):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit} s: {what}")
        time.sleep(0.02)


class Pair:
    """A connection to port 9999 of which each end is closed on request."""

    def __init__(self, listener):
        self.client = socket.create_connection(listener.getsockname())
        self.server, _ = listener.accept()

    def close(self):
        self.client.close()
        self.server.close()


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="halfclosed-command-line-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.listener = socket.create_server(("127.0.0.1", 9999))
        self.addCleanup(self.listener.close)

    def pair(self):
        pair = Pair(self.listener)
        self.addCleanup(pair.close)
        return pair

    def leak(self):
        """The client closes, the server reads end-of-file and does not."""
        pair = self.pair()
        pair.client.close()
        self.assertEqual(pair.server.recv(1), b"")
        return pair

    def daemon(self, *arguments, address="http://127.0.0.1:10999"):
        log = (self.folder / "log").open("w")
        self.addCleanup(log.close)
        daemon = subprocess.Popen([PROGRAM, "serve", "--control-socket=", *arguments], stderr=log, stdout=log)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)

        def ready():
            try:
                return "ready" in urllib.request.urlopen(address + "/-/ready", timeout=5).read().decode()
            except (urllib.error.URLError, ConnectionError):
                self.assertIsNone(daemon.poll(), self.log())
                return False
        wait_for("the daemon is ready", ready)
        return daemon

    def log(self):
        return (self.folder / "log").read_text()

    # ---- snapshot

    def test_snapshot_says_first_and_last_who_leaks(self):
        for _ in range(12):
            self.leak()
        time.sleep(1.2)
        text = run("snapshot", "--leak-after", "1s", env={**os.environ, "COLUMNS": "80"}).stdout
        lines = text.splitlines()
        self.assertRegex(lines[0], r"^OWNER +CAUSE +SOCKETS +LEAKED +OLDEST")
        self.assertRegex(lines[1], r"not_closed +12 +12 ")
        self.assertRegex(" ".join(lines[-4:]), r" leaks 12 sockets \(12 not_closed\), the oldest .* "
                         r"What to do: http://127\.0\.0\.1:10999/runbook#closewaitleak")
        for line in lines:
            self.assertLessEqual(len(line), 80)
        if os.geteuid() == 0:
            self.assertRegex(" ".join(text.split()), rf"process {os.getpid()} uses \d+ of \d+ descriptors")

    def test_snapshot_in_every_format(self):
        self.leak()
        csv = run("snapshot", "-o", "csv", "--state", "CLOSE-WAIT").stdout.splitlines()
        self.assertTrue(csv[0].startswith("cookie,family,local,remote,port,"))
        self.assertEqual(len(csv), 2)
        self.assertIn(",close_wait,process,not_closed,", csv[1])
        groups = run("snapshot", "-o", "csv", "--group-by", "peer").stdout.splitlines()
        self.assertEqual(groups[0].split(",")[:3], ["peer", "sockets", "leaked"])
        self.assertTrue(groups[1].startswith("127.0.0.1,2,"))
        for flag in (["-o", "json"], ["--json"], ["--output=json"]):
            data = json.loads(run("snapshot", *flag, "--group-by", "cause", "--sort", "state", "--limit", "1").stdout)
            self.assertEqual([row["state"] for row in data["sockets"]], ["close_wait"])
            self.assertEqual(len(data["groups"]), 1)
        self.assertIn("COOKIE", run("snapshot", "-o", "wide").stdout)
        self.assertEqual(run("snapshot", "--json", "-o", "csv").returncode, 2)

    def test_fail_on_leak_is_a_status(self):
        self.assertEqual(run("snapshot", "--fail-on-leak").returncode, 0)
        self.leak()
        time.sleep(1.2)
        self.assertEqual(run("snapshot", "--fail-on-leak").returncode, 0, "it is younger than a minute")
        self.assertEqual(run("snapshot", "--fail-on-leak", "--leak-after", "1s").returncode, 1)
        self.assertEqual(run("snapshot", "--fail-on-leak", "--leak-after", "1s", "--cause", "unread").returncode, 0)
        self.assertEqual(run("snapshot", "--leak-after", "1s").returncode, 0)

    def test_what_is_misspelled_is_suggested(self):
        for arguments, meant in ((["snapshot", "--sort", "onwer"], "owner"), (["snapshot", "-o", "jsno"], "json"),
                                 (["snapshot", "--group-by", "pere"], "peer"), (["--port", "htps", "snapshot"], "https"),
                                 (["snapshot", "--state", "close-wiat"], "close_wait"), (["statsu"], "status"),
                                 (["serve", "--detail", "esential"], "essential")):
            with self.subTest(arguments):
                wrong = run(*arguments)
                self.assertEqual(wrong.returncode, 2)
                self.assertIn(f"did you mean '{meant}'?", wrong.stderr)

    # ---- outputs

    def test_a_device_that_is_named_stays_a_device(self):
        null = Path("/dev/null")
        for command in (["record", "/dev/null"], ["scenario", "run", "close-at-once", "--svg", "/dev/null",
                                                  "--pcap", "/dev/null"]):
            with self.subTest(command):
                ran = run(*command)
                self.assertEqual(ran.returncode, 0, ran.stderr)
                self.assertTrue(stat.S_ISCHR(null.stat().st_mode))
        self.assertEqual(list(Path("/dev").glob(".null*")), [])

    def test_a_recording_goes_through_a_pipe(self):
        self.leak()
        for name in ("-", "/dev/stdout"):
            with self.subTest(name):
                both = subprocess.run(["sh", "-c", '"$0" record "$1" | "$0" replay -', PROGRAM, name],
                                      capture_output=True, text=True, timeout=60)
                self.assertEqual(both.returncode, 0, both.stderr)
                self.assertIn('halfclosed_sockets{port="9999",side="server",state="close_wait",custody="process"} 1',
                              both.stdout)

    def test_a_recording_without_a_socket_of_the_port_is_no_page_of_zeros(self):
        self.leak()
        recording = self.folder / "recording"
        self.assertEqual(run("record", "--port", "all", str(recording)).returncode, 0)
        other = run("replay", "--port", "7", str(recording))
        self.assertEqual((other.returncode, other.stdout), (1, ""))
        self.assertRegex(other.stderr, r"none of the \d+ recorded sockets is of --port 7; without --port all of them")
        self.assertEqual(run("replay", "--port", "9999", str(recording)).returncode, 0)

    def test_an_old_recording_is_replaced_as_a_whole_and_keeps_its_mode(self):
        old = self.folder / "old"
        old.write_text("old")
        old.chmod(0o640)
        link = self.folder / "link"
        link.symlink_to("old")
        self.assertEqual(run("record", str(link)).returncode, 0)
        self.assertTrue(link.is_symlink())
        self.assertEqual(stat.S_IMODE(old.stat().st_mode), 0o640)
        self.assertEqual(run("replay", str(old)).returncode, 0)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["link", "old"])

    def test_a_reader_that_has_seen_enough_is_told_nothing(self):
        for _ in range(3):
            self.leak()
        for command in ("snapshot", "snapshot --json", "record -", "scenario list"):
            with self.subTest(command):
                ended = subprocess.run(["bash", "-c", f'"$0" {command} | head -c 1 >/dev/null', PROGRAM],
                                       capture_output=True, text=True, timeout=60)
                self.assertNotIn("roken pipe", ended.stderr)

    # ---- filters

    def test_a_filter_of_watch_filters_in_a_pipe(self):
        filters = {"": [], "owner": ["--owner", "no-such.service"], "unread": ["--cause", "unread"],
                   "not_closed": ["--cause", "not_closed"], "old": ["--older-than", "1h"],
                   "short": ["--older-than", "100ms"], "closing": ["--state", "closing"]}
        watching = {name: subprocess.Popen([PROGRAM, "watch", "--json", "--interval", "20ms", *arguments],
                                           stdout=subprocess.PIPE, text=True) for name, arguments in filters.items()}
        time.sleep(1)
        for _ in range(2):
            pair = self.leak()
            time.sleep(0.4)
            pair.server.close()
            time.sleep(0.2)
        lines = {}
        for name, process in watching.items():
            process.terminate()
            lines[name] = [json.loads(line) for line in process.communicate(timeout=10)[0].splitlines()]
        seen = {(line["from"], line["to"]) for line in lines[""] if line["side"] == "server"}
        self.assertLessEqual({("established", "close_wait"), ("close_wait", "last_ack")}, seen)
        for name in ("owner", "unread", "old", "closing"):
            self.assertEqual(lines[name], [], name)
        for name in ("not_closed", "short"):
            self.assertTrue(lines[name], name)
            self.assertLess(len(lines[name]), len(lines[""]), name)
        self.assertTrue(all("close_wait" in (line["from"], line["to"]) for line in lines["not_closed"]))
        self.assertEqual(lines[""][0]["local"].split(":")[0], "127.0.0.1")

    def test_the_page_takes_the_filters_of_snapshot(self):
        self.leak()
        self.daemon("--interval", "100ms")

        def ask(query):
            try:
                with urllib.request.urlopen("http://127.0.0.1:10999/api/v1/snapshot" + query, timeout=5) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read().decode()
        states = [socket["state"] for socket in json.loads(ask("?state=close_wait&owner=unknown,x&cause=not_closed")[1])
                  ["sockets"]]
        self.assertLessEqual(set(states), {"close_wait"})
        self.assertEqual(json.loads(ask("?cause=unread")[1])["sockets"], [])
        self.assertEqual(json.loads(ask("?older%2dthan=1h&state=close_wait")[1])["sockets"], [])
        for query, named in (("?stat=close_wait", "'state'"), ("?state=open", "'open'"), ("?older-than=x", "older-than"),
                             ("?state", "state")):
            status, text = ask(query)
            self.assertEqual(status, 400, query)
            self.assertIn(named, text)

    # ---- watch

    def test_watch_keeps_the_interval_that_was_asked_for_or_says_so(self):
        watching = subprocess.Popen([PROGRAM, "watch", "--interval", "50ms", "--cpu-share", "0.0001"],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(watching.wait)
        self.addCleanup(watching.kill)
        self.assertIn("where 50ms was asked for", watching.stderr.readline())
        watching.stderr.close()

    # ---- addresses

    def test_a_star_listens_everywhere_and_localhost_here(self):
        for text, shown in (("*:10998", {"*:10998", "0.0.0.0:10998"}), (":10998", {"*:10998", "0.0.0.0:10998"}),
                            ("localhost:10998", {"127.0.0.1:10998"})):
            with self.subTest(text):
                daemon = self.daemon("--listen", text, address="http://127.0.0.1:10998")
                listed = subprocess.run(["ss", "-tlnH", "sport = :10998"], capture_output=True, text=True, check=True)
                self.assertIn(listed.stdout.split()[3], shown)
                daemon.terminate()
                daemon.wait(10)

    # ---- reload

    def test_a_reload_applies_level_format_and_color_of_the_log(self):
        config = self.folder / "config.toml"
        config.write_text('log-level = "error"\n')
        daemon = self.daemon("--config", str(config))
        self.assertEqual(self.log(), "")
        config.write_text('log-level = "info"\nlog-format = "json"\n')
        daemon.send_signal(signal.SIGHUP)
        wait_for("a line of JSON", lambda: self.log().endswith("\n"))
        self.assertIn("reloaded", json.loads(self.log().splitlines()[0])["message"])
        config.write_text('color = "always"\nlog-format = "text"\n')
        daemon.send_signal(signal.SIGHUP)
        wait_for("a coloured line", lambda: "\x1b[" in self.log())

    def test_nothing_has_an_empty_name(self):
        for words in (["report", ""], ["record", ""], ["replay", ""], ["history", "--owner", ""],
                      ["scenario", "run", "late-close", "--svg", ""], ["scenario", "run", "late-close", "--pcap", ""],
                      ["scenario", "run", "late-close", "--via", ""]):
            refused = run(*words)
            self.assertEqual(refused.returncode, 2, words)
            self.assertIn("is empty", refused.stderr, words)

    def test_a_complaint_names_the_flag_and_says_what_to_do(self):
        for words, complaint in ((["--config", "/nowhere", "snapshot"], "--config: '/nowhere' cannot be read"),
                                 (["snapshot", "--sort", "age", "--sort", "owner"], "--sort: is given more than once"),
                                 (["--older-than", "1s", "snapshot"], "'--older-than' goes behind 'snapshot'"),
                                 (["snapshot", "-o", "zz"], "--output: 'zz' is not a format")):
            refused = run(*words)
            self.assertEqual(refused.returncode, 2, words)
            self.assertIn(complaint, refused.stderr)

    def test_a_variable_is_refused_as_its_flag_is(self):
        """Each that a help text names, with a value that none of them takes."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("HALFCLOSED_")}
        names = 0
        for words in (["serve"], ["snapshot"], ["watch"], ["history"], ["check"]):
            for flag, variable in re.findall(r"^  (?:-\w,)?(--[a-z-]+) .*?\(Env:(HALFCLOSED_\w+)\)",
                                             run(*words, "--help", env=plain).stdout, re.MULTILINE):
                if flag in TAKES_ANY_TEXT:
                    continue
                refused = run(*words, env={**plain, variable: "zz&9"})
                self.assertEqual((refused.returncode, refused.stdout), (2, ""), (words, variable))
                self.assertIn("zz&9", refused.stderr, (words, variable))
                names += 1
        self.assertGreater(names, 30)

    def test_no_color_is_respected(self):
        plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        colors = re.compile(r"\x1b\[[0-9;]+m")
        self.assertRegex(on_terminal([PROGRAM, "check"], {**plain, "TERM": "xterm"}), colors)
        self.assertNotRegex(on_terminal([PROGRAM, "check"], {**plain, "TERM": "xterm", "NO_COLOR": "1"}), colors)

    def test_every_line_of_the_configuration_that_is_shipped_can_be_taken(self):
        shipped = (Path(__file__).resolve().parents[2] / "deploy/systemd/halfclosed.toml").read_text()
        lines = re.findall(r"^#([a-z-]+ = .*)$", shipped, re.MULTILINE)
        self.assertGreater(len(lines), 5)
        config = self.folder / "shipped.toml"
        for line in lines:
            config.write_text(shipped.replace(f"#{line}", line))
            taken = run("snapshot", "--config", str(config))
            self.assertEqual((taken.returncode, taken.stderr), (0, ""), line)

    def test_a_bad_file_is_named_at_start_and_at_reload(self):
        config = self.folder / "config.toml"
        config.write_text("[serve]\ninterval = 2s\n")
        refused = run("serve", "--config", str(config))
        self.assertEqual(refused.returncode, 2)
        self.assertTrue(refused.stderr.startswith(f"halfclosed: {config}:2: "), refused.stderr)
        self.assertEqual(len(refused.stderr.splitlines()), 1)
        config.write_text("")
        daemon = self.daemon("--config", str(config))
        config.write_text('[serve]\nintervall = "2s"\n')
        daemon.send_signal(signal.SIGHUP)
        wait_for("the reload is refused", lambda: "did you mean 'interval'?" in self.log())
        self.assertIn(f"{config}:2: unknown key 'serve.intervall'", self.log())


if __name__ == "__main__":
    if "--inside" not in sys.argv:
        how = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
        os.execvp("unshare", [*how, sys.executable, os.path.abspath(__file__), PROGRAM, "--inside"])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    unittest.main(argv=sys.argv[:1], verbosity=2)
