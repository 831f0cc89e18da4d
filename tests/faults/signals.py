"""SIGTERM at any moment, from before main() on."""

import random
import signal
import tempfile
import time

from half_closed import HalfClosed
from harness import Daemon
from cases import case, check

TIMES = 200


@case(f"SIGTERM at {TIMES} moments, most of them during the start, ends it cleanly within a second")
def at_any_moment():
    dice = random.Random(2)
    clean, slowest = 0, 0.0
    with HalfClosed(20), tempfile.TemporaryDirectory(prefix="halfclosed-state-") as state:
        began = time.monotonic()
        with Daemon(state=state):
            start = time.monotonic() - began
        for number in range(TIMES):
            delay = dice.uniform(0, 2 * start)
            with Daemon(state=state, wait=False) as daemon:
                time.sleep(delay)
                status, took = daemon.stop()
                # Before it has blocked signals the kernel ends it, which is as good: nothing has begun.
                begun = "serving" in daemon.log()
                check(status == 0 or (status == -signal.SIGTERM and not begun),
                      f"{number}: status {status} after {delay * 1000:.1f} ms: {daemon.log()}")
                check("set aside" not in daemon.log(), f"{number}: {daemon.log()}")
                clean += status == 0
                slowest = max(slowest, took)
    check(slowest < 1, f"{slowest:.2f} s to end")
    check(TIMES / 4 < clean < TIMES, f"{clean} of {TIMES} came after the start: the moments are not spread")
    return f"{clean} clean ends, {TIMES - clean} before anything began, {slowest * 1000:.0f} ms at most"


@case("SIGTERM twice, SIGINT, SIGPIPE and a hangup in the middle of a scrape do no harm")
def others():
    with HalfClosed(2), Daemon() as daemon:
        for number in (signal.SIGPIPE, signal.SIGHUP, signal.SIGHUP, signal.SIGPIPE):
            daemon.send(number)
            check(daemon.status("/metrics") == 200, daemon.log())
        daemon.send(signal.SIGTERM)
        daemon.send(signal.SIGTERM)
        check(daemon.process.wait(10) == 0, daemon.log())
    with Daemon() as daemon:
        daemon.send(signal.SIGINT)
        check(daemon.process.wait(10) == 0, daemon.log())
