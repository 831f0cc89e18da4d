"""A crowd of half-closed sockets and of readers, and what the daemon's memory comes to at its most."""

import concurrent.futures
import contextlib
import re
import subprocess
import sys
import time
from pathlib import Path

from harness import Daemon, wait_for

READERS = 20
# Each is two descriptors of one process: as many as any machine lets a process have.
PAIRS_OF_ONE = 4_000
PORT = 9999

# Pairs of FIN-WAIT-2 and CLOSE-WAIT at an address of their own, until standard input ends.
MAKER = f"""
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
listener = socket.create_server((sys.argv[1], {PORT}), backlog=1024)
held = []
for _ in range(int(sys.argv[2])):
    client = socket.create_connection(listener.getsockname())
    server = listener.accept()[0]
    client.shutdown(socket.SHUT_WR)
    held += client, server
print("ready", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def pairs(count):
    makers = []
    try:
        for i in range(-(-count // PAIRS_OF_ONE)):
            some = min(PAIRS_OF_ONE, count - i * PAIRS_OF_ONE)
            makers.append(subprocess.Popen([sys.executable, "-c", MAKER, f"127.1.0.{i + 1}", str(some)],
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        for maker in makers:
            assert maker.stdout.readline() == "ready\n", "the pairs could not be made"
        yield
    finally:
        for maker in makers:
            maker.kill()
            maker.communicate()


def peak(pid):
    """MiB that were resident at most."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def half_closed(page):
    """{state: sockets}, whatever their custody."""
    return {state: sum(float(number) for number in re.findall(
        rf'^halfclosed_sockets{{[^}}]*state="{state}"[^}}]*}} (\S+)$', page, re.MULTILINE))
        for state in ("fin_wait2", "close_wait")}


def most_memory(count, seconds):
    """MiB that a daemon takes at most, and how many snapshots it answered, with so many half-closed pairs, 20 readers of
    the snapshot and a scrape a second. AssertionError if a scrape has another count once all are there."""
    every = {"fin_wait2": count, "close_wait": count}
    with Daemon("--leak-after", "5s", fast=False) as daemon, pairs(count):
        wait_for("every pair on the page", lambda: half_closed(daemon.page()) == every, 120, pause=0.5)
        end = time.monotonic() + seconds

        def read():
            answers = 0
            while time.monotonic() < end:
                assert daemon.ask("/api/v1/snapshot", timeout=60).status == 200
                answers += 1
            return answers

        with concurrent.futures.ThreadPoolExecutor(READERS) as pool:
            readers = [pool.submit(read) for _ in range(READERS)]
            while time.monotonic() < end:
                counted = half_closed(daemon.page())
                assert counted == every, f"{counted} of {every}"
                time.sleep(1)
            answers = sum(reader.result() for reader in readers)
        return peak(daemon.pid), answers
