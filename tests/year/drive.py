"""A daemon in a generated host with virtual clocks (year.so), and the line over which it is driven."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

NANOSECONDS = 1_000_000_000
# Of real time, for what the program does between two orders.
PATIENCE = 600


class Ended(Exception):
    """The program has ended, or does not answer."""


class Daemon:
    """`halfclosed serve` from the constructor until stop() or kill(); time stands still but in run()."""

    def __init__(self, program, library, place, seed, flags, saved=None, pause=0):
        self.place = Path(place)
        self.control_socket = self.place / "control.sock"
        self.proc = self.place / "host"
        self.proc.mkdir(exist_ok=True)
        self.log_path = self.place / "log"
        ours, theirs = socket.socketpair()
        environment = {**os.environ, "LD_PRELOAD": str(library), "YEAR_SEED": str(seed), "YEAR_PLACE": str(self.proc),
                       "YEAR_CONTROL": str(theirs.fileno())}
        if saved:
            environment |= {"YEAR_SAVED": str(saved), "YEAR_PAUSE": str(pause)}
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen([program, "serve", "--control-socket", self.control_socket, *flags],
                                            env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            pass_fds=[theirs.fileno()])
        theirs.close()
        self.line = ours.makefile("rw")
        ours.close()
        self.wait_until_ready()
        self.monotonic, self.boot, self.wall = self.order("now")[:3]

    def wait_until_ready(self):
        limit = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("/-/ready")[0] == 200:
                    return
            if self.process.poll() is not None or time.monotonic() > limit:
                raise Ended(f"not ready: {self.log()}")
            time.sleep(0.02)

    def order(self, word, argument=""):
        """What it answers: numbers."""
        self.line.write(f"{word} {argument}\n" if argument else f"{word}\n")
        self.line.flush()
        answer = self.line.readline().split()
        if not answer or answer[0] != word:
            raise Ended(f"no answer to {word}: {self.log()[-3000:]}")
        return [int(number) for number in answer[1:]]

    def run(self, until):
        """Lets time go on until that virtual CLOCK_MONOTONIC, in seconds."""
        self.line.write(f"run {int(until * NANOSECONDS)}\nnow\n")
        self.line.flush()
        answer = self.line.readline().split()
        if not answer:
            raise Ended(f"it ended: {self.log()[-3000:]}")
        self.monotonic, self.boot, self.wall, self.suspends, self.steps = (int(number) for number in answer[1:])

    def ledger(self):
        path = self.place / "ledger.json"
        self.order("ledger", path)
        return json.loads(path.read_text())

    def save(self):
        path = self.place / "saved"
        self.order("save", path)
        return path

    def ask(self, target, method="GET"):
        connection = UnixConnection(self.control_socket)
        with contextlib.closing(connection):
            connection.request(method, target)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def page(self):
        status, body = self.ask("/metrics")
        if status != 200:
            raise Ended(f"/metrics: {status} {body}")
        return Page(body)

    def sockets(self):
        status, body = self.ask("/api/v1/snapshot")
        if status != 200:
            raise Ended(f"/api/v1/snapshot: {status} {body}")
        return json.loads(body)

    def reload(self):
        return self.ask("/-/reload", "POST")

    def resident(self):
        """Bytes of memory."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+)", text, re.MULTILINE)[1]) * 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.line.close()

    def log(self):
        return self.log_path.read_text(errors="replace")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Page:
    """A metrics page."""

    def __init__(self, text):
        self.samples = []
        for line in text.splitlines():
            if line.startswith("#"):
                continue
            name, labels, number = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
            self.samples.append((name, dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")), float(number)))

    def all(self, name):
        return [(labels, number) for each, labels, number in self.samples if each == name]

    def value(self, name, **wanted):
        """The sum of those that match; None if there is none."""
        found = [number for labels, number in self.all(name) if wanted.items() <= labels.items()]
        return sum(found) if found else None


def in_memory(prefix):
    """A directory on a file system in memory, if there is one: what the run writes, it writes a million times."""
    import tempfile
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix=prefix, dir=place))


def remove(place):
    shutil.rmtree(place, ignore_errors=True)
