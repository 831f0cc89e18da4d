"""No descriptor left: taken by a crowd at the door, and by a limit that is lowered under the running process."""

import resource
import socket
import time

from half_closed import HalfClosed
from harness import Daemon, wait_for
from cases import case, check


def limited(count):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


def hold(count, port):
    held = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port), timeout=5)
        connection.sendall(b"GET /metrics HT")
        held.append(connection)
    return held


@case("a crowd that could take every descriptor leaves the scraper and the collectors theirs")
def crowd():
    with HalfClosed(3), Daemon(preexec_fn=limited(64)) as daemon:
        before = daemon.descriptors()
        held = hold(300, daemon.port)
        began, cpu = time.monotonic(), daemon.cpu_seconds()
        for number in range(40):
            check(daemon.status("/metrics") == 200, f"scrape {number} failed; {daemon.log()}")
            check(all(daemon.collectors().values()), f"blind: {daemon.collectors()}; {daemon.log()}")
            time.sleep(0.05)
        busy = (daemon.cpu_seconds() - cpu) / (time.monotonic() - began)
        check(busy < 0.5, f"{busy:.2f} of a core while nothing happens")
        for connection in held:
            connection.close()
        wait_for("its descriptors are given back", lambda: daemon.descriptors() <= before)
        return f"{busy:.3f} of a core"


@case("without a single descriptor it goes on, says so, and recovers within a second")
def none_left():
    with HalfClosed(3) as half_closed, Daemon() as daemon:
        keeper = socket.create_connection(("127.0.0.1", daemon.port), timeout=5)

        def ask():
            keeper.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += keeper.recv(65536)
            head, body = answer.split(b"\r\n\r\n", 1)
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            while len(body) < length:
                body += keeper.recv(65536)
            return head, body.decode()

        ask()
        limit = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (3, limit[1]))
        try:
            began, cpu = time.monotonic(), daemon.cpu_seconds()
            strangers = [socket.create_connection(("127.0.0.1", daemon.port), timeout=5) for _ in range(5)]
            for stranger in strangers:
                stranger.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(2)
            busy = (daemon.cpu_seconds() - cpu) / (time.monotonic() - began)
            check(busy < 0.5, f"{busy:.2f} of a core while nothing can be done")
            check(daemon.process.poll() is None, f"it ended: {daemon.log()}")
            keeper.close()  # by now it made room for a stranger
        finally:
            resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, limit)
        began = time.monotonic()
        wait_for("ready again", daemon.is_ready, limit=5)
        took = time.monotonic() - began
        check(took <= 1, f"took {took:.2f} s")
        half_closed.add(1)
        wait_for("all four are counted", lambda: daemon.value(
            "halfclosed_sockets", side="client", state="close_wait", custody="process") == 4)
        wait_for(lambda: f"all see again: {daemon.collectors()}; {daemon.log()}",
                 lambda: all(daemon.collectors().values()), limit=1)
        check("Too many open files" in daemon.log(), f"the log has no word of it: {daemon.log()}")
        for stranger in strangers:
            stranger.close()
        return f"{busy:.3f} of a core, back after {took:.2f} s"
