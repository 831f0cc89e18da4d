"""Connections on 127.0.0.1, good and bad, made by this process or by a leaky server beside it."""

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from harness import make_cgroup

TCP_REPAIR = 19    # linux/tcp.h
LEAKY = Path(__file__).with_name("leaky_server.py")


class LeakyServer:
    """leaky_server.py as a process of its own, in a cgroup of its own where that can be made."""

    def __init__(self, port, fault, owner=None, descriptors=None):
        cgroup = make_cgroup(owner) if owner else None
        # A unit below no slice bears its path: only system.slice's units are called by their bare name.
        self.owner = f"/{cgroup.parent.name}/{cgroup.name}" if cgroup else None

        def prepare():
            if cgroup:
                (cgroup / "cgroup.procs").write_text("0")
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        self.port = port
        self.process = subprocess.Popen([sys.executable, LEAKY, str(port), fault], stdout=subprocess.PIPE,
                                        preexec_fn=prepare)
        assert self.process.stdout.readline() == b"listening\n"

    def leak(self, count):
        """`count` clients that say a word and leave: their FINs are what the server forgets."""
        for _ in range(count):
            with socket.create_connection(("127.0.0.1", self.port)) as client:
                client.sendall(b"hello")

    def mend(self):
        os.kill(self.process.pid, signal.SIGUSR1)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Churn:
    """A daytime service and its clients, `rate` connections a second: the server closes first, and the client as soon as
    it has read end-of-file, or `late` seconds later. A client that vanishes sends nothing more, as if switched off."""

    def __init__(self, port, rate, late=0.0, address="127.0.0.1", vanish=False):
        self.rate, self.late, self.vanish = rate, late, vanish
        self.done = 0
        self.error = None
        self.stopped = threading.Event()
        self.listener = socket.create_server((address, port), backlog=512)
        self.server, self.visitor = (threading.Thread(target=self.guard, args=(work,))
                                     for work in (self.serve, self.visit))
        self.server.start()
        self.visitor.start()

    def guard(self, work):
        try:
            work()
        except OSError as error:
            if not self.stopped.is_set():
                self.error = error

    def serve(self):
        while not self.stopped.is_set():
            connection, _ = self.listener.accept()
            connection.sendall(b"Sat Nov 22 14:00:00 2025\r\n")
            connection.close()

    def visit(self):
        began = time.monotonic()
        waiting = []
        while not self.stopped.is_set():
            client = socket.create_connection(self.listener.getsockname(), timeout=10)
            while client.recv(64):
                pass
            waiting.append((time.monotonic() + self.late, client))
            self.done += 1
            while waiting and waiting[0][0] <= time.monotonic():
                self.leave(waiting.pop(0)[1])
            self.stopped.wait(max(0.0, began + self.done / self.rate - time.monotonic()))
        for _, client in waiting:
            self.leave(client)

    def leave(self, client):
        if self.vanish:
            # close() of a socket under repair says nothing to the peer (net/ipv4/tcp.c:__tcp_close).
            client.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
        client.close()

    def stop(self):
        """How many there were; what went wrong is raised here."""
        self.stopped.set()
        self.visitor.join(15)
        self.listener.shutdown(socket.SHUT_RDWR)
        self.server.join(15)
        self.listener.close()
        if self.error:
            raise self.error
        return self.done
