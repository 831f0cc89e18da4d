"""Standard streams that are closed when it starts, in every combination: what is meant for them goes nowhere, and not
into what got their number."""

import itertools
import os
import tempfile
from pathlib import Path

from half_closed import HalfClosed
from harness import Daemon, wait_for
from cases import case, check


def closing(streams):
    def close():
        for stream in streams:
            os.close(stream)
    return close


@case("with any of 0, 1 and 2 closed it serves, and writes its log into nothing else")
def closed():
    for streams in (set(c) for n in range(1, 4) for c in itertools.combinations((0, 1, 2), n)):
        with HalfClosed(1), tempfile.TemporaryDirectory(prefix="halfclosed-state-") as state, \
                Daemon(state=state, preexec_fn=closing(streams), close_fds=True) as daemon:
            for stream in (0, 1, 2):
                target = os.readlink(f"/proc/{daemon.pid}/fd/{stream}")
                check(stream not in streams or target == "/dev/null", f"{streams}: {stream} is {target}")
            daemon.send(1)  # SIGHUP: a line of the log
            wait_for("the history", (Path(state) / "history.db").exists)
            page = daemon.page()
            check(page.startswith("# HELP halfclosed_") and "reloaded" not in page, f"{streams}: {page[:200]}")
            check(daemon.stop()[0] == 0, f"{streams}: it did not end cleanly")
            history = (Path(state) / "history.db").read_bytes()
            check(history.startswith(b"SQLite format 3\0") and b" info " not in history, f"{streams}: {history[:100]}")


@case("with its output going to a full disk or a closed pipe it serves")
def unwritable():
    with open("/dev/full", "w") as full, Daemon("--log-level", "debug", stderr=full) as daemon:
        daemon.send(1)
        check(daemon.status("/metrics") == 200, "no page")
        check(daemon.stop()[0] == 0, "it did not end cleanly")
    reading, writing = os.pipe()
    os.close(reading)
    try:
        with Daemon("--log-level", "debug", stderr=writing) as daemon:
            daemon.send(1)
            check(daemon.status("/metrics") == 200, "no page")
            check(daemon.stop()[0] == 0, "it did not end cleanly")
    finally:
        os.close(writing)
