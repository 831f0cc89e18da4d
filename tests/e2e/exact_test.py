#!/usr/bin/env python3
"""`halfclosed serve` where the kernel itself counts: every connection of a burst, with one evidence, also across kill -9.

Usage: exact_test.py [HALFCLOSED [TEST...]]
"""

import contextlib
import ctypes
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness
import namespaces
from half_closed import HalfClosed
from harness import PROGRAM, Daemon, value, wait_for

WITHOUT = ["setpriv", "--bounding-set", "-bpf,-perfmon,-sys_admin", "--inh-caps", "-bpf,-perfmon,-sys_admin"]


def edges(page, **labels):
    return int(value(page, "halfclosed_transitions_total", **labels) or 0)


def close_in_order(listener, count):
    """The server closes first, and the client at end-of-file: too short for any poll."""
    for _ in range(count):
        client = socket.create_connection(listener.getsockname())
        listener.accept()[0].close()
        assert client.recv(1) == b""
        client.close()


@unittest.skipUnless(namespaces.is_real_root(), "programs are loaded into the kernel by root")
class Exact(unittest.TestCase):
    def setUp(self):
        # Of its own: what an earlier test left in TIME-WAIT is counted too.
        self.port = harness.free_port()
        self.exact = ("--exact", "on", "--port", str(self.port))

    def listen(self):
        listener = socket.create_server(("127.0.0.1", self.port))
        self.addCleanup(listener.close)
        return listener

    def settled(self, daemon, expected, **labels):
        """What is counted is there at the next poll. A step that the kernel told to no program is counted with the socket's
        next one: the one into TIME-WAIT when that is over, after a minute."""
        wait_for(lambda: f"{expected} edges {labels}: {daemon.page()}",
                 lambda: edges(daemon.page(), **labels) == expected, 75)

    def test_every_step_is_counted_and_has_one_evidence(self):
        with Daemon(*self.exact) as daemon:
            self.assertEqual(daemon.value("halfclosed_exact"), 1)
            close_in_order(self.listen(), 200)
            for side, way in (("server", ("established fin_wait1", "fin_wait1 fin_wait2", "fin_wait2 time_wait")),
                              ("client", ("established close_wait", "close_wait last_ack", "last_ack close"))):
                for edge in way:
                    before, after = edge.split()
                    self.settled(daemon, 200, side=side, **{"from": before, "to": after})
            page = daemon.page()
            self.assertEqual(edges(page, evidence="exact"), 6 * 200)
            self.assertEqual(edges(page, evidence="seen") + edges(page, evidence="implied"), 0)
            self.assertEqual(value(page, "halfclosed_close_wait_ended_total", side="client", how="closed"), 200)
            self.assertEqual(value(page, "halfclosed_fin_wait2_ended_total", side="server", how="peer_closed"), 200)
            wait_for("a census that agrees", lambda: daemon.value("halfclosed_reconciliation_counted", field="conservation")
                     == daemon.value("halfclosed_reconciliation_expected", field="conservation") == 200)
            self.assertEqual(daemon.value("halfclosed_reconciliation_agrees", field="conservation"), 1)
            self.assertEqual(daemon.value("halfclosed_exact_misses_total"), 0)

    def test_resets_have_their_reasons(self):
        with Daemon(*self.exact) as daemon, HalfClosed(4, self.port) as half_closed:
            wait_for(lambda: f"FIN-WAIT-2: {daemon.page()}{daemon.log()}",
                     lambda: daemon.value("halfclosed_sockets", side="server", state="fin_wait2") == 4)
            half_closed.clients[0].send(b"late")
            half_closed.clients[1].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            half_closed.clients[1].close()
            for labels in ({"side": "server", "direction": "sent", "reason": "timewait_socket"},
                           {"side": "client", "direction": "received", "reason": "by_peer"},
                           {"side": "client", "direction": "sent", "reason": "aborted"}):
                wait_for(f"a reset {labels}", lambda: daemon.value("halfclosed_resets_total", **labels) == 1)
            wait_for("two kills", lambda: daemon.value("halfclosed_fin_wait2_ended_total", side="server", how="killed") == 2)
            # Reset while its descriptor is open: dead, and known to be without a look at any process.
            wait_for("a dead socket", lambda: daemon.value("halfclosed_dead_sockets", side="client") == 1)
            half_closed.clients[0].close()
            wait_for("none", lambda: daemon.value("halfclosed_dead_sockets", side="client") in (0, None))

    def test_ages_are_the_kernels_own(self):
        with Daemon(*self.exact) as daemon, HalfClosed(1, self.port):
            wait_for("both ends", lambda: len(daemon.sockets()) == 2)
            self.assertEqual({s["age"] for s in daemon.sockets()}, {"exact"})

    def test_what_was_there_before_is_followed_too(self):
        with HalfClosed(3, self.port) as half_closed, Daemon(*self.exact) as daemon:
            self.assertEqual(edges(daemon.page()), 0)
            half_closed.clients[0].close()
            self.settled(daemon, 1, side="client", **{"from": "close_wait", "to": "last_ack"})
            self.settled(daemon, 1, side="server", **{"from": "fin_wait2", "to": "time_wait"})
            wait_for("agreement", lambda: daemon.value("halfclosed_reconciliation_counted", field="conservation")
                     == daemon.value("halfclosed_reconciliation_expected", field="conservation") == 5)

    def test_two_daemons_and_another_namespace_do_not_disturb_each_other(self):
        busy = subprocess.Popen(["unshare", "--net", sys.executable, "-c", ELSEWHERE, str(self.port)], stdin=subprocess.PIPE)
        try:
            listener = self.listen()
            with Daemon(*self.exact) as one, Daemon(*self.exact) as other:
                close_in_order(listener, 50)
                for daemon in (one, other):
                    self.settled(daemon, 6 * 50)
                one.stop()
                close_in_order(listener, 50)
                self.settled(other, 6 * 100)
            self.assertIn(busy.poll(), (None, 0), "the neighbour makes connections")
        finally:
            busy.kill()
            busy.wait()

    def test_without_the_privilege_polls_count_alone(self):
        with Daemon("--port", str(self.port), "--exact", "auto", prefix=WITHOUT) as daemon, HalfClosed(2, self.port):
            self.assertEqual(daemon.value("halfclosed_exact"), 0)
            self.assertIn("CAP_BPF", daemon.log())
            wait_for("seen or implied", lambda: edges(daemon.page(), side="client") == 2)
            self.assertIsNone(daemon.value("halfclosed_transitions_total", evidence="exact"))
            self.assertIsNone(daemon.value("halfclosed_resets_total"))
        refused = subprocess.run([*WITHOUT, PROGRAM, "serve", *self.exact], capture_output=True, text=True, timeout=20)
        self.assertEqual(refused.returncode, 1, refused.stderr)
        self.assertIn("CAP_BPF", refused.stderr)

    def test_what_is_asked_for_by_name_has_its_namespace_too(self):
        with Daemon(*self.exact) as daemon, HalfClosed(2, self.port):
            wait_for("both ends", lambda: len(daemon.sockets()) == 4)
            end = time.monotonic() + 1.5  # several polls that ask by name, and censuses between them
            while time.monotonic() < end:
                self.assertEqual([s for s in daemon.sockets() if s["namespace"] is None], [])

    def test_it_is_the_default_where_it_may(self):
        with Daemon() as daemon:
            self.assertEqual(daemon.value("halfclosed_exact"), 1)
            self.assertEqual(daemon.log().count("exact:"), 1, daemon.log())
        with Daemon(prefix=WITHOUT) as daemon:
            self.assertEqual(daemon.value("halfclosed_exact"), 0)
            told = [line for line in daemon.log().splitlines() if "exact:" in line]
            self.assertEqual(len(told), 1, daemon.log())
            self.assertIn("polls alone count", told[0])

    def test_steps_in_every_namespace_are_counted(self):
        def closed(daemon, **labels):
            return edges(daemon.page(), side="client", **{"from": "close_wait", "to": "last_ack"}, **labels)

        with Daemon(*self.exact, "--namespaces", "all") as daemon:
            listener = self.listen()
            close_in_order(listener, 30)
            with Elsewhere(self.port) as one, Elsewhere(self.port) as other:
                wait_for("they are watched", lambda: daemon.value("halfclosed_network_namespaces", status="watched") == 3)
                one.close_in_order(40)
                other.close_in_order(50)
                self.settled(daemon, 120, side="server", **{"from": "fin_wait2", "to": "time_wait"})
                self.settled(daemon, 120, side="client", **{"from": "last_ack", "to": "close"})
                self.assertEqual(edges(daemon.page(), evidence="seen") + edges(daemon.page(), evidence="implied"), 0)
                # Half-closed in one of them: found although polls pass over those in which nothing is.
                one.leak(3)
                wait_for("both ends of three", lambda: len(daemon.sockets()) == 6)
                # A census that finds them just after the kernel was asked leaves that to the next poll.
                wait_for("the kernel's own ages", lambda: {s["age"] for s in daemon.sockets()} == {"exact"})
                wait_for("agreement", lambda: (daemon.value("halfclosed_reconciliation_counted", field="conservation") or 0)
                         == daemon.value("halfclosed_reconciliation_expected", field="conservation") > 6)
                self.assertEqual(daemon.value("halfclosed_reconciliation_agrees", field="conservation"), 1)
                self.assertEqual(closed(daemon), 120)
            # Their processes' end closes the sockets that leaked: the namespaces' last steps.
            wait_for("they are gone", lambda: daemon.value("halfclosed_network_namespaces", status="watched") == 1)
            wait_for("their last steps", lambda: closed(daemon) == 123)
            self.assertEqual(daemon.value("halfclosed_close_wait_ended_total", side="client", how="closed"), 123)
            # What was counted of them stays.
            close_in_order(listener, 10)
            wait_for("more", lambda: closed(daemon) == 133)
            self.assertEqual(daemon.value("halfclosed_exact_misses_total"), 0)

    def test_a_reload_counts_in_the_others_and_lets_them_go(self):
        config = namespaces.folder() / "exact.toml"
        config.write_text('namespaces = "own"\n')
        with Elsewhere(self.port) as other, Daemon("--config", str(config), *self.exact) as daemon:
            other.close_in_order(5)
            close_in_order(self.listen(), 5)
            self.settled(daemon, 5, side="server", **{"from": "fin_wait2", "to": "time_wait"})
            config.write_text('namespaces = "all"\n')
            daemon.reload()
            wait_for("it is watched", lambda: daemon.value("halfclosed_network_namespaces", status="watched") == 2)
            other.close_in_order(7)
            self.settled(daemon, 12, side="server", **{"from": "fin_wait2", "to": "time_wait"})
            config.write_text('namespaces = "own"\n')
            daemon.reload()
            other.close_in_order(9)
            self.settled(daemon, 12, side="server", **{"from": "fin_wait2", "to": "time_wait"})
            self.assertEqual(daemon.value("halfclosed_exact"), 1)

    def test_what_else_is_in_the_directory_of_the_pins_stays(self):
        place = namespaces.folder() / "shared"
        place.mkdir()
        subprocess.run(["mount", "-t", "bpf", "bpf", place], check=True)
        try:
            (place / "somebody-elses").mkdir()
            (place / "0123456789abcdef").mkdir()  # of another build
            with Daemon(*self.exact, "--exact-pin", str(place)) as daemon:
                self.assertEqual(daemon.value("halfclosed_exact"), 1)
            self.assertTrue((place / "somebody-elses").exists())
            self.assertFalse((place / "0123456789abcdef").exists())
        finally:
            subprocess.run(["umount", place], check=True)

    def test_off_is_off(self):
        with Daemon("--exact", "off") as daemon:
            self.assertEqual(daemon.value("halfclosed_exact"), 0)

    def test_nothing_is_left_when_it_ends(self):
        with Daemon(*self.exact) as daemon:
            links = links_of(daemon)
            self.assertGreaterEqual(len(links), 9)
            self.assertTrue(all(map(link_exists, links)))
            daemon.kill()
        wait_for("no program is attached", lambda: not any(map(link_exists, links)))

    def test_kill_9_under_load_loses_no_step_where_they_are_pinned(self):
        place = namespaces.folder() / "bpf"
        place.mkdir()
        subprocess.run(["mount", "-t", "bpf", "bpf", place], check=True)
        try:
            pinned = (*self.exact, "--exact-pin", str(place / "halfclosed"))
            load = None
            for _ in range(5):
                with Daemon(*pinned) as daemon:
                    self.assertEqual(daemon.value("halfclosed_exact"), 1)
                    load = load or Load(self.listen())  # what was before the first is not counted
                    time.sleep(0.2)
                    daemon.kill()
            count = load.stop()
            with Daemon(*pinned) as daemon:
                self.settled(daemon, count, side="client", **{"from": "established", "to": "close_wait"})
                self.settled(daemon, count, side="server", **{"from": "fin_wait2", "to": "time_wait"})
                page = daemon.page()
                # One at a time: what is pinned is another's.
                second = subprocess.run([PROGRAM, "serve", *pinned, "--listen", "127.0.0.1:0"], capture_output=True,
                                        text=True, timeout=20)
                self.assertEqual(second.returncode, 1, second.stderr)
            # A TIME-WAIT may end before its time: the kernel gives its port to a new connection of the load.
            self.assertEqual(edges(page) - edges(page, **{"from": "time_wait"}), 6 * count)
        finally:
            subprocess.run(["umount", place], check=True)


class Elsewhere:
    """A namespace of its own, with a process that makes connections there."""

    def __init__(self, port):
        self.process = subprocess.Popen(["unshare", "--net", sys.executable, "-c", IN_ANOTHER, str(port)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "here\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()

    def tell(self, what, count):
        self.process.stdin.write(f"{what} {count}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def close_in_order(self, count):
        self.tell("close", count)

    def leak(self, count):
        self.tell("leak", count)


class Load(threading.Thread):
    """Connections until stop(), which says how many."""

    def __init__(self, listener):
        super().__init__()
        self.listener = listener
        self.ending = threading.Event()
        self.count = 0
        self.start()

    def run(self):
        while not self.ending.is_set():
            close_in_order(self.listener, 20)
            self.count += 20

    def stop(self):
        self.ending.set()
        self.join()
        return self.count


IN_ANOTHER = """
import socket, subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
kept = []
print("here", flush=True)
for line in sys.stdin:
    what, count = line.split()
    for _ in range(int(count)):
        client = socket.create_connection(listener.getsockname())
        listener.accept()[0].close()
        assert client.recv(1) == b""
        if what == "leak":
            kept.append(client)
        else:
            client.close()
    print("done", flush=True)
"""

ELSEWHERE = """
import socket, subprocess, sys
port = int(sys.argv[1])
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
listener = socket.create_server(("127.0.0.1", port), reuse_port=True)
for _ in range(20000):
    client = socket.create_connection(("127.0.0.1", port))
    listener.accept()[0].close()
    client.recv(1)
    client.close()
"""


def links_of(daemon):
    """The attachments of programs that it holds."""
    links = set()
    for path in pathlib.Path(f"/proc/{daemon.pid}/fdinfo").iterdir():
        with contextlib.suppress(FileNotFoundError):  # of a descriptor that it has closed since it was listed
            if found := re.search(r"^link_id:\s*(\d+)", path.read_text(), re.MULTILINE):
                links.add(int(found[1]))
    return links


def link_exists(number):
    """bpf(BPF_LINK_GET_FD_BY_ID)"""
    attributes = struct.pack("II", number, 0).ljust(128, b"\0")
    number_of_bpf = 321 if os.uname().machine == "x86_64" else 280
    descriptor = ctypes.CDLL(None).syscall(number_of_bpf, 30, attributes, len(attributes))
    if descriptor >= 0:
        os.close(descriptor)
    return descriptor >= 0


if __name__ == "__main__":
    harness.run(limit=200)
