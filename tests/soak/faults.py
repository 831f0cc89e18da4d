"""What happens to the daemon now and then while it counts. Each fault is over when its function returns."""

import contextlib
import resource
import signal
import socket
import time

from harness import exchange, UnixConnection, wait_for

REJECTED = ("port = [\n", 'prot = ["9999"]\n', "[serve]\nleak-after = 'soon'\n", "\0\xff")


def reload_good(soak):
    soak.configure(leak_after=soak.dice.choice(("1s", "2s", "30s")))
    soak.daemon.reload()


def reload_bad(soak):
    soak.configuration.write_text(soak.dice.choice(REJECTED), errors="surrogateescape")
    soak.daemon.reload()
    wait_for("the page says that the configuration was not taken",
             lambda: soak.daemon.value("halfclosed_config_last_reload_successful") == 0)
    soak.configure()
    soak.daemon.reload()


def kill(soak):
    """Connections go on: what was pinned counts them meanwhile."""
    soak.daemon.kill()
    soak.start()


def restart(soak):
    status, _ = soak.daemon.stop()
    assert status == 0, f"it ended with {status}: {soak.daemon.log()[-2000:]}"
    soak.start()


def stop_and_continue(soak):
    soak.daemon.send(signal.SIGSTOP)
    try:
        time.sleep(soak.dice.uniform(0.5, 4))
    finally:
        soak.daemon.send(signal.SIGCONT)


def no_descriptors(soak):
    limit = resource.prlimit(soak.daemon.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(soak.daemon.pid, resource.RLIMIT_NOFILE, (3, limit[1]))
    try:
        time.sleep(soak.dice.uniform(1, 3))
    finally:
        resource.prlimit(soak.daemon.pid, resource.RLIMIT_NOFILE, limit)


def slow_clients(soak):
    """More connections than it takes, none of which finishes its request."""
    with contextlib.ExitStack() as held:
        for _ in range(300):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", soak.daemon.port), timeout=5))
            connection.sendall(b"GET /metrics HT")
        time.sleep(1)


def streams(soak):
    """Live streams that nobody reads, beside readers of the snapshot and a look at the history."""
    with contextlib.ExitStack() as held:
        for _ in range(8):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", soak.daemon.port), timeout=5))
            connection.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for target in ("/api/v1/snapshot", "/api/v1/history?limit=200", "/", "/api/v1/snapshot?state=close_wait") * 3:
            answer = soak.daemon.ask(target, timeout=30)
            assert answer.status == 200, f"{target}: {answer.status} {answer.body[:200]}"
        time.sleep(1)


def full_disk(soak):
    filler = soak.state / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 65536)
    time.sleep(soak.dice.uniform(1, 4))
    filler.unlink()


def order(soak):
    """A scenario of the lab, in namespaces of its own."""
    with contextlib.closing(UnixConnection(soak.daemon.control_socket, timeout=60)) as connection:
        name = soak.dice.choice(("close-at-once", "write-after-eof", "unread-close"))
        answer = exchange(connection, f"/api/v1/scenarios/{name}/run", "POST")
    assert answer.status in (200, 429, 503), f"{answer.status} {answer.body[:200]}"


def lose_the_history(soak):
    """The directory's content goes while it is written to, as `rm -r` has it."""
    for path in soak.state.iterdir():
        with contextlib.suppress(OSError):
            path.unlink()


FAULTS = (reload_good, reload_bad, kill, restart, stop_and_continue, no_descriptors, slow_clients, streams, full_disk, order,
          lose_the_history)
