#!/usr/bin/env python3
"""Every network namespace of the host, seen by one program: what is in each, and that none is kept alive by it.

Usage: namespaces_test.py [HALFCLOSED [TEST...]]
HALFCLOSED_TEST_SECONDS: how long namespaces come and go (10), HALFCLOSED_TEST_ALONE: nothing else keeps them from coming as
often as they should.
"""

import contextlib
import ctypes
import json
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from harness import Daemon, folder, halfclosed, wait_for

HIDDEN = "this is a PID namespace of its own: processes outside of it are not seen"
MNT_DETACH = 2
SECONDS = float(os.environ.get("HALFCLOSED_TEST_SECONDS", "10"))
libc = ctypes.CDLL(None, use_errno=True)

# Run by each process that makes sockets in a namespace: "COUNT PORT" on standard input makes so many that leak, an empty
# line ends it.
LEAKER = """
import socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
kept = []
print("here", flush=True)
for line in sys.stdin:
    if not line.strip():
        break
    count, port = map(int, line.split())
    listener = socket.create_server(("127.0.0.1", port))
    kept.append(listener)
    for _ in range(count):
        client = socket.create_connection(listener.getsockname())
        listener.accept()[0].close()
        assert client.recv(1) == b""
        kept.append(client)
    print("done", flush=True)
"""


# "SECONDS RATE": so many namespaces a second, each with a leak, that live for a second; prints how many there were, how many
# of them failed, and how many there were a second.
CROWD = """
import ctypes, fcntl, os, socket, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)

def live():
    if libc.unshare(0x40000000) != 0:
        os._exit(1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        fcntl.ioctl(anything, 0x8914, struct.pack("16sh14x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
    listener = socket.create_server(("127.0.0.1", 9999))
    client = socket.create_connection(listener.getsockname())
    listener.accept()[0].close()
    assert client.recv(1) == b""
    time.sleep(1)
    os._exit(0)

def reap(flags):
    failed = 0
    try:
        while True:
            pid, status = os.waitpid(-1, flags)
            if pid == 0:
                break
            failed += status != 0
    except ChildProcessError:
        pass
    return failed

seconds, rate = map(float, sys.argv[1:])
start = began = time.monotonic()
made = failed = 0
while time.monotonic() - start < seconds:
    now = time.monotonic() - began
    # By schedule: what a fork takes does not make the next one later. Nor are there storms where it takes too long.
    ahead = made / rate - now
    if ahead > 0:
        time.sleep(ahead)
    began += max(0, -ahead - 0.1)
    if os.fork() == 0:
        live()
    made += 1
    failed += reap(os.WNOHANG)
rate = made / (time.monotonic() - start)
failed += reap(0)
print(made, failed, rate)
"""


class Namespace:
    """A network namespace with one process in it."""

    def __init__(self, leaks=0, port=9999):
        self.process = subprocess.Popen(["unshare", "--net", sys.executable, "-c", LEAKER], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "here\n"
        self.inode = os.stat(f"/proc/{self.process.pid}/ns/net").st_ino
        if leaks:
            self.leak(leaks, port)

    def leak(self, count, port=9999):
        self.process.stdin.write(f"{count} {port}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def run(self, *command):
        return subprocess.run(["nsenter", "-t", str(self.process.pid), "-n", *command], capture_output=True, text=True,
                              check=True).stdout

    def mount(self, name):
        """As `ip netns` does, but in the mount namespace of this test."""
        place = folder() / name
        place.touch()
        subprocess.run(["mount", "--bind", f"/proc/{self.process.pid}/ns/net", place], check=True)
        return place

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def unmount(place):
    if libc.umount2(str(place).encode(), MNT_DETACH) != 0:
        raise OSError(ctypes.get_errno(), f"umount {place}")


def snapshot(*flags, prefix=()):
    done = subprocess.run([*prefix, harness.PROGRAM, "snapshot", "--json", *flags], capture_output=True, text=True,
                          timeout=60)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


def rows(shot):
    """How many sockets each namespace has in CLOSE-WAIT."""
    counts = {}
    for row in shot["sockets"]:
        if row["state"] == "close_wait":
            counts[row["namespace"]["id"]] = counts.get(row["namespace"]["id"], 0) + 1
    return counts


class Looking(unittest.TestCase):
    def test_all_of_them_are_seen_with_all(self):
        with Namespace(3) as one, Namespace(2), Namespace():
            shot = snapshot("--namespaces", "all")
            self.assertEqual(sorted(rows(shot).values()), [2, 3])
            self.assertEqual(shot["namespaces"], {"watched": 4, "unreadable": 0, "not_watched": None, "hidden": HIDDEN})
            self.assertEqual(len(one.run("ss", "-tnH", "state", "close-wait").splitlines()), 3)
            for field, counts in shot["reconciliation"].items():
                self.assertTrue(counts["agrees"], field)
            self.assertEqual(shot["reconciliation"]["inuse"]["counted"], shot["reconciliation"]["inuse"]["kernel"])

    def test_own_says_what_it_does_not_see(self):
        with Namespace(3), Namespace():
            shot = snapshot()
            self.assertEqual(shot["sockets"], [])
            self.assertEqual(shot["namespaces"], {"watched": 1, "unreadable": 0, "not_watched": 2, "hidden": HIDDEN})
            # These tests are in a PID namespace of their own: nobody knows of processes outside of it.
            self.assertIn("At least 2 other network namespaces are not watched (--namespaces all).",
                          halfclosed("snapshot").stdout.replace("\n", " "))
            self.assertIn("our own; at least 2 not watched (--namespaces all)", " ".join(halfclosed("check").stdout.split()))
            with Daemon() as daemon:
                self.assertEqual(daemon.value("halfclosed_network_namespaces", status="not_watched"), 2)
                self.assertIn("At least 2 other network namespaces are not watched", daemon.ask("/").body)
                self.assertTrue(daemon.collectors()["namespaces"])

    def test_where_none_is_seen_it_is_not_known_whether_there_are_others(self):
        self.assertIsNone(snapshot()["namespaces"]["not_watched"])
        self.assertIn("our own; whether there are others is not known", " ".join(halfclosed("check").stdout.split()))
        with Daemon() as daemon:
            self.assertIsNone(daemon.value("halfclosed_network_namespaces", status="not_watched"))

    def test_all_says_that_others_may_be_hidden(self):
        told = " ".join(halfclosed("snapshot", "--namespaces", "all").stdout.split())
        self.assertIn(f"Other network namespaces may be hidden: {HIDDEN}.", told)
        told = " ".join(halfclosed("check", "--namespaces", "all").stdout.split())
        self.assertIn(f"missing network namespaces 1 watched; others may be hidden: {HIDDEN}", told)
        with Daemon("--namespaces", "all") as daemon:
            self.assertFalse(daemon.collectors()["namespaces"])
            self.assertEqual(daemon.value("halfclosed_collector_allowed", collector="namespaces"), 0)

    def test_own_knows_of_others_without_any_privilege(self):
        with Namespace(3):
            nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs")
            self.assertEqual(snapshot(prefix=nobody)["namespaces"]["not_watched"], 1)

    def test_what_may_not_be_entered_is_told_and_not_taken_for_empty(self):
        with Namespace(3):
            shot = snapshot("--namespaces", "all", prefix=("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"))
            self.assertEqual(shot["namespaces"], {"watched": 1, "unreadable": 1, "not_watched": None, "hidden": HIDDEN})
            text = subprocess.run(["setpriv", "--bounding-set=-sys_admin", harness.PROGRAM, "check", "--namespaces", "all"],
                                  capture_output=True, text=True, timeout=60).stdout
            self.assertIn("1 may not be entered: setns: Operation not permitted", " ".join(text.split()))
            with Daemon("--namespaces", "all", prefix=("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin")) as daemon:
                wait_for("it is counted", lambda: daemon.value("halfclosed_network_namespaces", status="unreadable") == 1)
                self.assertIn("1 other network namespace is not seen: setns: Operation not permitted.",
                              " ".join(daemon.ask("/").body.split()))

    def test_nsenter_is_the_way_without_any_of_this(self):
        with Namespace(3) as space:
            shot = snapshot(prefix=("nsenter", "-t", str(space.process.pid), "-n"))
            self.assertEqual(list(rows(shot).values()), [3])

    def test_its_documentation_says_so(self):
        """The command that people are told is the one that is tried above."""
        for page in ("README.md", "deploy/systemd/README.md", "deploy/kubernetes/README.md",
                     "deploy/manual/pages/halfclosed-snapshot.1.in"):
            text = (harness.TESTS.parent / page).read_text().replace("\\", "")
            self.assertRegex(" ".join(text.split()), r"nsenter -t (PID|\d+) -n halfclosed snapshot", page)

    def test_a_mount_gives_its_name_and_needs_no_process(self):
        space = Namespace(2)
        place = space.mount("blue")
        try:
            shot = snapshot("--namespaces", "all")
            names = {row["namespace"]["name"] for row in shot["sockets"]}
            self.assertEqual(names, {"blue"})
            self.assertIn("in network namespace blue", halfclosed("snapshot", "--namespaces", "all").stdout)
            space.end()
            self.assertEqual(snapshot("--namespaces", "all")["namespaces"]["watched"], 2)
        finally:
            space.end()
            unmount(place)
        self.assertEqual(snapshot("--namespaces", "all")["namespaces"]["watched"], 1)

    def test_a_thread_may_be_in_one_alone(self):
        script = ("import ctypes, threading, time\n"
                  "def away():\n"
                  "    assert ctypes.CDLL(None).unshare(0x40000000) == 0\n"
                  "    print('here', flush=True)\n"
                  "    time.sleep(60)\n"
                  "threading.Thread(target=away, daemon=True).start()\n"
                  "time.sleep(60)\n")
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        try:
            process.stdout.readline()
            self.assertEqual(snapshot("--namespaces", "all")["namespaces"]["watched"], 2)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


class Watching(unittest.TestCase):
    def test_they_come_and_go_without_a_restart(self):
        # By polls alone: the kernel itself would have counted the steps that its end makes.
        with Daemon("--namespaces", "all", "--leak-after", "100ms", "--exact", "off") as daemon:
            watched = lambda: daemon.value("halfclosed_network_namespaces", status="watched")
            self.assertEqual(watched(), 1)
            space = Namespace(3)
            with contextlib.closing(contextlib.ExitStack()) as stack:
                stack.callback(space.end)
                wait_for("it is watched", lambda: watched() == 2)
                wait_for("its sockets are counted", lambda: daemon.value(
                    "halfclosed_sockets", port="9999", side="client", state="close_wait") == 3)
                wait_for("they are leaks", lambda: daemon.value("halfclosed_close_wait_leaked_sockets", port="9999") == 3)
                space.leak(2, 9998)
                self.assertEqual(daemon.value("halfclosed_sockets", port="9999", state="close_wait"), 3)
            wait_for("it is gone", lambda: watched() == 1)
            wait_for("so are its sockets", lambda: daemon.value(
                "halfclosed_sockets", port="9999", state="close_wait") == 0)
            ended = {how: daemon.value("halfclosed_close_wait_ended_total", port="9999", side="client", how=how)
                     for how in ("closed", "aborted", "unknown")}
            # Its processes' end closes its sockets, which a poll may see before the namespace is gone.
            self.assertEqual((ended["closed"] + ended["unknown"], ended["aborted"]), (3, 0), ended)
            for field in ("inuse", "inuse6", "orphan", "tw"):
                self.assertEqual(daemon.value("halfclosed_reconciliation_agrees", field=field), 1)

    def test_what_is_kept_in_detail_is_bounded_for_all_together(self):
        def kept():
            shot = json.loads(daemon.ask("/api/v1/snapshot").body)
            return len(shot["sockets"]), shot["without_detail"]

        with Daemon("--namespaces", "all", "--max-sockets", "10") as daemon, Namespace(8), Namespace(8):
            # Both ends of eight connections each: in FIN-WAIT-2 and in CLOSE-WAIT.
            wait_for("all are counted, and ten are listed", lambda: kept() == (10, 22))
            self.assertEqual(daemon.value("halfclosed_sockets", port="9999", side="client", state="close_wait"), 16)
            self.assertEqual(daemon.value("halfclosed_sockets_without_detail"), 22)

    def test_none_is_kept_alive(self):
        """A veth pair ends with the namespace of one of its ends: the other end tells when that is gone."""
        with Daemon("--namespaces", "all") as daemon:
            space = Namespace(3)
            subprocess.run(["ip", "link", "add", "witness", "type", "veth", "peer", "name", "eth0", "netns",
                            str(space.process.pid)], check=True)
            wait_for("it is watched", lambda: daemon.value("halfclosed_network_namespaces", status="watched") == 2)
            time.sleep(0.3)
            self.assertTrue(Path("/sys/class/net").exists())
            self.assertIn("witness", subprocess.run(["ip", "-br", "link"], capture_output=True, text=True).stdout)
            space.end()
            wait_for("its interface is gone", lambda: "witness" not in subprocess.run(
                ["ip", "-br", "link"], capture_output=True, text=True, check=True).stdout, 5)
            wait_for("it is not watched", lambda: daemon.value("halfclosed_network_namespaces", status="watched") == 1)

    def crowd(self, seconds, rate, look=lambda: 0):
        """How many came a second, and the most that `look` said meanwhile."""
        crowd = subprocess.Popen([sys.executable, "-c", CROWD, str(seconds), str(rate)], stdout=subprocess.PIPE, text=True)
        most = 0
        while crowd.poll() is None:
            most = max(most, look())
            time.sleep(0.1)
        with crowd.stdout as told:
            made, failed, reached = map(float, told.read().split())
        print(f"{made:g} namespaces came and went, {reached:.1f} a second, {most:g} at once", file=sys.stderr)
        self.assertEqual(failed, 0)
        self.assertGreater(made, seconds)
        return reached, most

    def test_those_that_come_and_go_leave_nothing_behind(self):
        alone = "HALFCLOSED_TEST_ALONE" in os.environ
        possible = self.crowd(4, 100)[0] if alone else 0  # how many the kernel makes is its affair
        with Daemon("--namespaces", "all") as daemon:
            # As many at once as later: what that takes is no growth.
            self.crowd(max(2.0, SECONDS / 4), 100)
            wait_for("they are gone", lambda: daemon.value("halfclosed_network_namespaces", status="watched") == 1)
            descriptors, resident = daemon.descriptors(), daemon.resident()
            reached, watched = self.crowd(
                SECONDS, 100, lambda: daemon.value("halfclosed_network_namespaces", status="watched"))
            if alone:
                self.assertGreater(reached, 0.8 * possible)
            wait_for("they are gone", lambda: daemon.value("halfclosed_network_namespaces", status="watched") == 1)
            self.assertGreater(watched, 2, "some of them were seen")
            self.assertLessEqual(daemon.descriptors(), descriptors + 1, "a connection of this test may be open still")
            growth = daemon.resident() - resident
            print(f"{growth >> 10} KiB of growth", file=sys.stderr)
            self.assertLess(growth, 4 << 20)
            # A process that exits closes its sockets, which a poll may see before the namespace is gone. Nothing resets them.
            self.assertEqual(daemon.value("halfclosed_close_wait_ended_total", port="9999", side="client", how="aborted"), 0)
            self.assertEqual(daemon.collectors()["closing"], True)

    def test_a_reload_takes_the_others_in_and_lets_them_go(self):
        config = folder() / "namespaces.toml"
        config.write_text('namespaces = "own"\n')
        with Namespace(3), Daemon("--config", config) as daemon:
            self.assertEqual(daemon.sockets(), [])
            config.write_text('namespaces = "all"\n')
            daemon.reload()
            wait_for("its sockets are seen", lambda: len(daemon.sockets()) == 6)
            config.write_text('namespaces = "own"\n')
            daemon.reload()
            wait_for("they are not", lambda: daemon.sockets() == [])


if __name__ == "__main__":
    harness.run(200)
