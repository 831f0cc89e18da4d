"""What the tests of the running program share: namespaces of their own, free ports, programs that are waited for and
ended, the daemon with its page and its control socket.

A script calls run() (unittest) or enter() before anything else. Its first argument is the halfclosed program;
build/release/bin/halfclosed without one.
"""

import contextlib
import gzip
import http.client
import itertools
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.parse
from pathlib import Path
from typing import NamedTuple

import namespaces
from namespaces import folder, is_real_root, make_cgroup  # for those who import the harness

TESTS = Path(__file__).resolve().parent
DEPLOY = TESTS.parent / "deploy"
BUILT = TESTS.parent / "build/release/bin/halfclosed"
PROGRAM = Path(sys.argv[1] if len(sys.argv) > 1 else BUILT).resolve()


def run(limit, prepare=None):
    """The unittest cases of the script, within `limit` seconds; further arguments are unittest's."""
    enter(limit)
    if prepare:
        prepare()
    unittest.main(module="__main__", argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)


def enter(limit):
    """See namespaces.enter()."""
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"{sys.argv[0]}: no program at {PROGRAM}")
    namespaces.enter(limit)


# ---- waiting, ports, HTTP --------------------------------------------------------------------------------------------


def wait_for(what, condition, limit=10.0, pause=0.02):
    """The first answer of `condition` that is true; AssertionError with `what` after `limit` seconds."""
    end = time.monotonic() + limit
    while not (answer := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit:g} s: {what() if callable(what) else what}")
        time.sleep(pause)
    return answer


def free_port():
    """Of 127.0.0.1, and below those that the kernel gives to clients (net.ipv4.ip_local_port_range)."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: str


def exchange(connection, target="/metrics", method="GET", headers=None, body=None):
    """One request and its answer; the connection stays."""
    connection.request(method, target, headers=headers or {}, body=body)
    answer = connection.getresponse()
    content = answer.read()
    if answer.headers["Content-Encoding"] == "gzip":
        content = gzip.decompress(content)
    return Answer(answer.status, answer.headers, content.decode())


def get(address, target, **parameters):
    """The body of http://ADDRESS/TARGET; AssertionError if its status is not 200."""
    query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
    with contextlib.closing(http.client.HTTPConnection(address, timeout=10)) as connection:
        answer = exchange(connection, target + query)
    if answer.status != 200:
        raise AssertionError(f"{target} {parameters or ''}: {answer.status} {answer.body}")
    return answer.body


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        try:
            self.sock.connect(self.path)
        except OSError:
            self.sock.close()
            raise


def value(page, name, **labels):
    """A sample of a metrics page, None if there is none. Of several that match, their sum."""
    wanted = {f'{label}="{text}"' for label, text in labels.items()}
    found = [float(line.rsplit(" ", 1)[1]) for line in page.splitlines()
             if re.match(rf"{name}[{{ ]", line) and wanted <= set(re.findall(r'\w+="[^"]*"', line))]
    return sum(found) if found else None


# ---- programs --------------------------------------------------------------------------------------------------------


def halfclosed(*arguments, **options):
    """One of its commands, to its end."""
    return subprocess.run([PROGRAM, *arguments], **{"capture_output": True, "text": True, "timeout": 120, **options})


class Program:
    """Runs from the constructor until stop(), kill() or the end of a `with` block; its output is in a file."""

    numbers = itertools.count()

    def __init__(self, command, *, wait=True, environment=None, **popen):
        self.log_path = folder() / f"{Path(command[0]).name}-{next(self.numbers)}.log"
        with self.log_path.open("ab") as output:
            self.process = subprocess.Popen(command, env={**os.environ, **(environment or {})},
                                            **{"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output, **popen})
        self.pid = self.process.pid
        try:
            if wait:
                wait_for(lambda: f"it is ready: {self.log()[-2000:]}", self.is_ready, 30)
        except BaseException:
            self.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def is_ready(self):
        """Raises AssertionError if it has ended."""
        if self.process.poll() is not None:
            raise AssertionError(f"it ended with {self.process.returncode}: {self.log()[-2000:]}")
        try:
            return self.answers()
        except (OSError, http.client.HTTPException, AssertionError):
            return False

    def answers(self):
        return True

    def log(self):
        return self.log_path.read_text(errors="replace")

    def send(self, number):
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM):
        """Asks it to end; its status, and how many seconds that took."""
        began = time.monotonic()
        self.send(number)
        return self.process.wait(10), time.monotonic() - began

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


class Daemon(Program):
    """`halfclosed serve` at a free port, with a control socket.

    fast     polls every 50 ms, whatever that costs
    port     None: the one that the program chooses itself
    web      the text of a web configuration, which names certificates of folder()
    """

    def __init__(self, *flags, fast=True, port=0, state=None, web=None, control_socket=None, program=None, prefix=(), **options):
        self.port = 10999 if port is None else port or free_port()
        self.control_socket = control_socket or folder() / f"control-{self.port}.sock"
        self.web = folder() / f"web-{self.port}.yml" if web is not None else None
        command = [*prefix, program or PROGRAM, "serve", "--control-socket", self.control_socket]
        if port is not None:
            command += ["--listen", f"127.0.0.1:{self.port}"]
        if fast:
            command += ["--interval", "50ms", "--census-interval", "200ms", "--cpu-share", "1"]
        if state is not None:
            command += ["--state-dir", state]
        if self.web:
            self.web.write_text(web)
            command += ["--web-config-file", self.web]
        super().__init__([str(word) for word in (*command, *flags)], **options)

    def answers(self):
        """Over the control socket, and by the page unless that asks for a certificate or a password."""
        return (self.control_request("/-/ready").status == 200 and
                (self.web is not None or self.ask("/-/ready", timeout=5).status == 200))

    def connect(self, context=None, timeout=20.0):
        if context:
            return http.client.HTTPSConnection("localhost", self.port, context=context, timeout=timeout)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, target, method="GET", headers=None, body=None, **connection):
        with contextlib.closing(self.connect(**connection)) as open_connection:
            return exchange(open_connection, target, method, headers, body)

    def control_request(self, target, method="GET"):
        """Over the control socket."""
        with contextlib.closing(UnixConnection(self.control_socket)) as connection:
            return exchange(connection, target, method)

    def status(self, target="/metrics"):
        """0 if there is no answer."""
        try:
            return self.ask(target, timeout=5).status
        except (OSError, http.client.HTTPException):
            return 0

    def page(self):
        return get(f"127.0.0.1:{self.port}", "/metrics")

    def value(self, name, **labels):
        return value(self.page(), name, **labels)

    def collectors(self):
        """{name: whether its last look succeeded}"""
        return {match[1]: match[2] == "1" for match in
                re.finditer(r'^halfclosed_collector_success\{collector="(\w+)"\} (\d)', self.page(), re.MULTILINE)}

    def sockets(self):
        return json.loads(get(f"127.0.0.1:{self.port}", "/api/v1/snapshot"))["sockets"]

    def reload(self, web=None):
        """The line of the log that says what came of it."""
        if web is not None:
            self.web.write_text(web)
        before = self.log_path.stat().st_size
        self.send(signal.SIGHUP)

        def told():
            with self.log_path.open(errors="replace") as log:
                log.seek(before)
                return next((line for line in log if "reloaded" in line and line.endswith("\n")), None)

        return wait_for("word of the reload", told, pause=0.001)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def resident(self):
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
