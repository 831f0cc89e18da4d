"""How the cost of halfclosed grows with one thing at a time."""

import contextlib
import statistics
import time

from harness import Daemon, make_cgroup, wait_for
from looks import PORT, crowd, poll_cost

SOCKETS, ROUNDS, SECONDS = 20_000, 7, 5
WALK, EXACT, FLOOR = ("halfclosed, closing poll", "halfclosed, closing poll where the kernel itself counts",
                      "kernel alone, half-closed states, one walk (the floor)")


def medians(looks):
    """[walk, exact or None, the kernel alone], in ms of CPU time."""
    return [statistics.median(looks[name]["cpu_ms"]) if name in looks else None for name in (WALK, EXACT, FLOOR)]


def by_half_closed():
    for count in (20, 200, 2_000, 20_000):
        with crowd(SOCKETS - count, count):
            yield count, medians(poll_cost(ROUNDS))


def by_ports():
    with crowd(SOCKETS - 200, 200):
        for count in (1, 10, 100, 1_000):
            yield count, medians(poll_cost(ROUNDS, f"{PORT}-{PORT + count - 1}"))


def share(daemon):
    """Percent of a core in a while, by the daemon's own account, a scrape left out."""
    def used():
        page = daemon.page()
        return sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines()
                   if line.startswith("halfclosed_cpu_seconds_total{") and 'work="scrape"' not in line)

    before, began = used(), time.monotonic()
    time.sleep(SECONDS)
    return 100 * (used() - before) / (time.monotonic() - began)


def by_owners():
    """Each with ten leaks, in a cgroup of its own."""
    for count in (1, 10, 100):
        with contextlib.ExitStack() as exits:
            for number in range(count):
                group = make_cgroup(f"{count}-owners-{number}.service")
                if group is None:
                    return
                # The process enters the cgroup itself, before it makes its sockets.
                enter = ["sh", "-c", f'echo $$ >"{group}/cgroup.procs" && exec "$@"', "sh"]
                exits.enter_context(crowd(0, 20, enter, port=PORT + number))
            with Daemon("--leak-after", "1s", "--port", f"{PORT}-{PORT + count - 1}", fast=False) as daemon:
                wait_for("every leak", lambda: daemon.value("halfclosed_close_wait_leaked_sockets") == 10 * count, 30, 0.5)
                yield count, [share(daemon), daemon.resident() / 2**20]


def by_namespaces():
    """Each with twenty sockets, two of them half-closed."""
    inside = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    for count in (1, 10, 50):
        with contextlib.ExitStack() as exits:
            for _ in range(count):
                exits.enter_context(crowd(18, 2, inside))
            with Daemon("--namespaces", "all", fast=False) as daemon:
                wait_for("every namespace", lambda: (daemon.value("halfclosed_network_namespaces", status="watched") or 0) > count,
                         60, 0.5)
                yield count, [share(daemon), daemon.resident() / 2**20]


def measure():
    grown = {}
    for name, rows in (("half-closed sockets", by_half_closed), ("watched ports", by_ports), ("owners of leaks", by_owners),
                       ("network namespaces", by_namespaces)):
        grown[name] = list(rows())
        print(f"# {name}: {grown[name]}", flush=True)
    return grown
