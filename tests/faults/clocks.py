"""Clocks that jump: ages go on, and nothing happens that did not."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from half_closed import HalfClosed
from harness import Daemon, wait_for
from cases import case, check

OLDEST = ("halfclosed_oldest_socket_age_seconds", {"side": "client", "state": "close_wait"})


@case("the wall clock jumps by a day, forth and back: ages, counts and readiness do not notice")
def wall_clock():
    with tempfile.TemporaryDirectory(prefix="halfclosed-clock-") as place, HalfClosed(3):
        library, clock = Path(place) / "wall_clock.so", Path(place) / "offset"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library,
                        Path(__file__).parent / "wall_clock.c"], check=True)

        def jump(seconds):
            (clock.parent / "new").write_text(str(seconds))
            (clock.parent / "new").rename(clock)

        jump(0)
        environment = {"LD_PRELOAD": str(library), "WALL_CLOCK": str(clock)}
        with Daemon(environment=environment) as daemon:
            age = daemon.value(OLDEST[0], **OLDEST[1])
            moment = time.monotonic()
            edges = daemon.value("halfclosed_transitions_total")
            seen = daemon.value("halfclosed_collector_last_success_timestamp_seconds", collector="closing")
            for offset in (86_400, -86_400, 315_360_000, 0):
                jump(offset)
                for _ in range(12):
                    check(daemon.status("/-/ready") == 200, f"not ready after a jump to {offset} s: {daemon.log()}")
                    time.sleep(0.1)
                now = daemon.value(OLDEST[0], **OLDEST[1])
                off = abs(now - age - (time.monotonic() - moment))
                check(off < 1.5, f"after a jump to {offset} s the age is off by {off:.2f} s")
                check(daemon.value("halfclosed_transitions_total") == edges, f"transitions after a jump to {offset} s")
                if offset == 86_400:
                    jumped = daemon.value("halfclosed_collector_last_success_timestamp_seconds", collector="closing")
                    check(jumped - seen > 80_000, "the clock did not jump: the test proves nothing")
            check(daemon.stop()[0] == 0, daemon.log())


@case("a history of another time namespace, a day ahead, makes nobody older")
def clock_ahead():
    check(shutil.which("unshare"), "unshare is missing")
    ahead = ["unshare", "--time", "--boottime", "86400", "--monotonic", "86400", "--fork", "--kill-child"]
    with tempfile.TemporaryDirectory(prefix="halfclosed-state-") as state, HalfClosed(3):
        began = time.monotonic()
        written = Path(state) / "history.db"
        with Daemon(state=state, prefix=ahead) as daemon:
            wait_for("the first batch", lambda: daemon.value("halfclosed_history_sockets_total", result="recorded") == 6, 30)
        check(written.exists(), "no history")
        uptime = float(subprocess.run([*ahead, "cat", "/proc/uptime"], capture_output=True, text=True).stdout.split()[0])
        check(uptime > time.clock_gettime(time.CLOCK_MONOTONIC) + 80_000,
              "the clock was not ahead: the test proves nothing")
        with Daemon(state=state) as daemon:
            age = daemon.value(OLDEST[0], **OLDEST[1])
            check(0 <= age <= time.monotonic() - began + 1.5, f"an age of {age} s")
        with Daemon(state=state, prefix=ahead) as daemon:
            age = daemon.value(OLDEST[0], **OLDEST[1])
            check(0 <= age <= time.monotonic() - began + 1.5, f"ahead, an age of {age} s")
