#!/usr/bin/env python3
"""What may not be seen is not taken for what is not there: processes that /proc hides, a /proc without its other files,
PID and user namespaces, and processes that end while they are looked at.

Usage: hidden_test.py [HALFCLOSED [TEST...]]
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from half_closed import HalfClosed
from harness import Daemon, folder, wait_for
from namespaces import make_cgroup

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")

# Holds a leak that anybody may look at; says its pid.
HOLDER = """
import os, socket, sys
listener = socket.create_server(("127.0.0.1", 9999))
client = socket.create_connection(listener.getsockname())
listener.accept()[0].close()
assert client.recv(1) == b""
print(os.getpid(), flush=True)
sys.stdin.read()
"""

# Hundreds of processes a second, without taking a core.
CHURN = """
import os, time
print("here", flush=True)
while True:
    time.sleep(0.002)
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
"""


def with_proc(options, *command):
    """The command with a /proc of these mount options."""
    return ("unshare", "--mount", "sh", "-c", f'mount -t proc -o {options} proc /proc && exec "$@"', "sh", *command)


def run(*prefix, command="snapshot", flags=()):
    done = subprocess.run([*prefix, harness.PROGRAM, command, *flags], capture_output=True, text=True, timeout=60, cwd="/")
    if done.stderr:
        raise AssertionError(done.stderr)
    return done


def squeezed(text):
    return " ".join(text.split())


def snapshot(*prefix):
    return json.loads(run(*prefix, flags=("--json",)).stdout)["sockets"]


@contextlib.contextmanager
def process(script, cgroup=None):
    """The line that it prints first."""
    def enter():
        if cgroup:
            (cgroup / "cgroup.procs").write_text(str(os.getpid()))
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                             preexec_fn=enter)
    try:
        yield child.stdout.readline().strip()
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


class HiddenProcesses(unittest.TestCase):
    def setUp(self):
        if not harness.is_real_root():
            self.skipTest("only root can become nobody")
        # Where everybody may run it.
        shutil.copy(harness.PROGRAM, folder() / "halfclosed")
        self.original, harness.PROGRAM = harness.PROGRAM, folder() / "halfclosed"
        self.addCleanup(setattr, harness, "PROGRAM", self.original)
        sockets = HalfClosed(2)
        self.addCleanup(sockets.close)

    def assert_not_known(self, *prefix):
        rows = [row for row in snapshot(*prefix) if row["state"] == "close_wait"]
        self.assertEqual([row["owner"]["processes"] if row["owner"] else [] for row in rows], [[], []])
        text = squeezed(run(*prefix).stdout)
        self.assertIn("/proc hides the processes of other users (hidepid, ProtectProc)", text)
        self.assertIn("2 sockets have no process", text)
        told = run(*prefix, command="check")
        self.assertEqual(told.returncode, 0)
        # These tests are in a PID namespace of their own, which hides others.
        self.assertRegex(squeezed(told.stdout), r"missing owners' processes this is a PID namespace of its own[^;]*; "
                                                r"/proc hides the processes of other users")

    def test_by_hidepid(self):
        for option in ("hidepid=2", "hidepid=invisible"):
            with self.subTest(option):
                self.assert_not_known(*with_proc(option, *NOBODY))

    def test_but_not_from_root(self):
        rows = snapshot(*with_proc("hidepid=2"))
        self.assertEqual([len(row["owner"]["processes"]) for row in rows if row["state"] == "close_wait"], [1, 1])

    def test_from_the_daemon_is_told_once_and_is_no_fault(self):
        place = folder() / "nobody"
        place.mkdir(exist_ok=True)
        place.chmod(0o777)
        with Daemon("--leak-after", "100ms", control_socket=place / "control.sock",
                    prefix=with_proc("hidepid=2", *NOBODY)) as daemon:
            wait_for("they are leaks", lambda: daemon.value("halfclosed_close_wait_leaked_sockets", port="9999") == 2)
            wait_for("their processes were looked for", lambda: daemon.collectors()["processes"] is False)
            self.assertEqual(daemon.value("halfclosed_collector_allowed", collector="processes"), 0)
            self.assertTrue(daemon.collectors()["closing"])
            before = daemon.value("halfclosed_cpu_seconds_total", work="poll")
            wait_for("it went on", lambda: daemon.value("halfclosed_cpu_seconds_total", work="poll") > before)
            self.assertEqual(daemon.log().count("processes: "), 1, daemon.log())
            self.assertIn("processes: not allowed here", daemon.log())


class AnotherPidNamespace(unittest.TestCase):
    def test_holders_outside_of_it_are_not_known(self):
        with HalfClosed(2):
            prefix = ("unshare", "--pid", "--fork", "--mount-proc")
            rows = [row for row in snapshot(*prefix) if row["state"] == "close_wait"]
            self.assertEqual([row["owner"]["processes"] if row["owner"] else [] for row in rows], [[], []])
            text = squeezed(run(*prefix).stdout)
            self.assertIn("this is a PID namespace of its own: processes outside of it are not seen", text)
            self.assertIn("2 sockets have no process", text)

    def test_holders_in_it_are(self):
        with HalfClosed(2):
            rows = [row for row in snapshot() if row["state"] == "close_wait"]
            self.assertEqual([row["owner"]["processes"][0]["pid"] for row in rows], [os.getpid()] * 2)
            self.assertNotIn("PID namespace", run().stdout)


class AProcWithProcessesAlone(unittest.TestCase):
    PREFIX = with_proc("subset=pid")

    def test_is_told_as_a_view_that_was_never_given(self):
        told = run(*self.PREFIX, command="check")
        self.assertEqual(told.returncode, 0, told.stdout)
        self.assertRegex(squeezed(told.stdout), r"missing sysctls \(/proc\) /proc/sys/net/ipv4: is not shown: /proc is "
                                                r"mounted with subset=pid, or covered without it")
        self.assertRegex(squeezed(told.stdout), r"missing tcp_max_orphans not known: /proc/sys is not shown")

    def test_has_no_value_for_what_it_does_not_show(self):
        with HalfClosed(2), Daemon(prefix=self.PREFIX) as daemon:
            self.assertEqual(daemon.value("halfclosed_sockets", port="9999", side="client", state="close_wait"), 2)
            self.assertIsNone(daemon.value("halfclosed_kernel_fin_timeout_seconds"))
            self.assertIsNone(daemon.value("halfclosed_kernel_limit"))
            self.assertFalse(daemon.collectors()["sysctls"])
            self.assertEqual(daemon.value("halfclosed_collector_allowed", collector="sysctls"), 0)
            for name in ("closing", "census", "sockstat", "events"):
                self.assertTrue(daemon.collectors()[name], name)
            self.assertEqual(daemon.log().count("sysctls: not allowed here"), 1)


class AnotherUserNamespace(unittest.TestCase):
    def test_a_cgroup_that_is_there_is_not_taken_for_gone(self):
        """open_by_handle_at() answers ESTALE there for what exists."""
        if not harness.is_real_root():
            self.skipTest("this is one already")
        cgroup = make_cgroup("shop.service")
        if cgroup is None:
            self.skipTest("no cgroup may be made here")
        with process(HOLDER, cgroup) as pid:
            row, = (row for row in snapshot("unshare", "--user", "--map-root-user", "--mount")
                    if row["state"] == "close_wait")
            self.assertTrue(row["owner"]["name"].endswith("/shop.service"), row)
            self.assertEqual([each["pid"] for each in row["owner"]["processes"]] or [int(pid)], [int(pid)])


class ProcessesThatEnd(unittest.TestCase):
    def test_while_they_are_looked_at_are_no_failure(self):
        with process(HOLDER) as pid, contextlib.ExitStack() as stack:
            for _ in range(2):
                self.assertEqual(stack.enter_context(process(CHURN)), "here")
            for _ in range(8):
                row, = (row for row in snapshot() if row["state"] == "close_wait")
                self.assertEqual([each["pid"] for each in row["owner"]["processes"]], [int(pid)])
            with Daemon("--leak-after", "100ms") as daemon:
                def owner():
                    row, = (row for row in daemon.sockets() if row["state"] == "close_wait")
                    return row["owner"] and [each["pid"] for each in row["owner"]["processes"]]
                wait_for("its process is known", lambda: owner() == [int(pid)], 20)
                for _ in range(8):
                    self.assertEqual(owner(), [int(pid)])
                    self.assertTrue(daemon.collectors()["processes"])
                self.assertNotIn("error", daemon.log())


if __name__ == "__main__":
    harness.run(200)
