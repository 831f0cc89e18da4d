"""Clocks that jump, and a process that was stopped: ages go on, nothing happens that did not, nothing stale is fresh."""

import signal
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from daemon import Daemon
from story import case, check, eventually
from world import HalfClosed

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
            age = daemon.fresh_value(OLDEST[0], **OLDEST[1])
            moment = time.monotonic()
            edges = daemon.value("halfclosed_transitions_total")
            seen = daemon.value("halfclosed_collector_last_success_timestamp_seconds", collector="closing")
            for offset in (86_400, -86_400, 315_360_000, 0):
                jump(offset)
                for _ in range(12):
                    check(daemon.get("/-/ready")[0] == 200, f"not ready after a jump to {offset} s: {daemon.get('/-/ready')}")
                    time.sleep(0.1)
                now = daemon.value(OLDEST[0], **OLDEST[1])
                off = abs(now - age - (time.monotonic() - moment))
                check(off < 1.5, f"after a jump to {offset} s the age is off by {off:.2f} s")
                check(daemon.value("halfclosed_transitions_total") == edges, f"transitions after a jump to {offset} s")
                if offset == 86_400:
                    jumped = daemon.value("halfclosed_collector_last_success_timestamp_seconds", collector="closing")
                    check(jumped - seen > 80_000, "the clock did not jump: the test proves nothing")
            check(daemon.stop()[0] == 0, daemon.log())


@case("a state file of another time namespace, a day ahead, makes nobody older")
def boot_clock():
    check(shutil.which("unshare"), "unshare is missing")
    ahead = ["unshare", "--time", "--boottime", "86400", "--monotonic", "86400", "--fork", "--kill-child"]
    with tempfile.TemporaryDirectory(prefix="halfclosed-state-") as state, HalfClosed(3):
        began = time.monotonic()
        written = Path(state) / "sockets"
        with Daemon(state=state, prefix=ahead):
            eventually("the state file", written.exists)
        check(written.exists(), "no state file")
        since = [int(line.split()[3]) for line in written.read_text().splitlines() if len(line.split()) == 4]
        check(since and min(since) / 1e9 > time.clock_gettime(time.CLOCK_BOOTTIME) + 80_000,
              "the boot clock was not ahead: the test proves nothing")
        with Daemon(state=state) as daemon:
            age = daemon.value(OLDEST[0], **OLDEST[1])
            check(0 <= age <= time.monotonic() - began + 1.5, f"an age of {age} s")
        with Daemon(state=state, prefix=ahead) as daemon:
            age = daemon.value(OLDEST[0], **OLDEST[1])
            check(0 <= age <= time.monotonic() - began + 1.5, f"ahead, an age of {age} s")


class Stopped:
    """A daemon that is stopped (SIGSTOP) while the other cases run, for longer than what it knows is fresh (30 s)."""

    PORT = 10998

    def __init__(self):
        self.world = HalfClosed(2, port=9997)
        self.daemon = Daemon("--port", "9997", port=self.PORT)
        self.age = self.daemon.fresh_value(OLDEST[0], **OLDEST[1])
        self.edges = self.daemon.value("halfclosed_transitions_total")
        self.moment = time.monotonic()
        self.daemon.signal(signal.SIGSTOP)

    def story(self):
        left = 33 - (time.monotonic() - self.moment)
        time.sleep(max(left, 0))
        # Requests that wait when it goes on: the answer is of now, or says that nothing is known.
        waiting = [subprocess.Popen(["curl", "--silent", "--max-time", "10", "--write-out", "\n%{http_code}",
                                     f"http://127.0.0.1:{self.PORT}{path}"], stdout=subprocess.PIPE, text=True)
                   for path in ("/metrics", "/-/ready", "/api/v1/snapshot")]
        time.sleep(0.5)
        stopped = time.monotonic() - self.moment
        self.daemon.signal(signal.SIGCONT)
        metrics, ready, snapshot = (process.communicate()[0].rsplit("\n", 1) for process in waiting)
        known = f'{OLDEST[0]}{{port="9997",side="client",state="close_wait"}} '
        for line in metrics[0].splitlines():
            if line.startswith(known):
                age = float(line[len(known):])
                check(age > self.age + stopped - 1.5, f"a stale age is served as fresh: {age}")
        blind = 'halfclosed_collector_success{collector="closing"} 0' in metrics[0]
        check(blind or known in metrics[0], "neither the present nor a collector that says it knows nothing")
        check(ready[1] in ("200", "503") and snapshot[1] in ("200", "503"), f"{ready} {snapshot}")
        eventually("ready again", self.daemon.is_ready, limit=2)
        now = self.daemon.fresh_value(OLDEST[0], **OLDEST[1])
        off = abs(now - self.age - (time.monotonic() - self.moment))
        check(off < 1.5, f"the age is off by {off:.2f} s")
        check(self.daemon.value("halfclosed_transitions_total") == self.edges, "it made up transitions")
        return f"stopped for {stopped:.0f} s; the first answer was {'blind' if blind else 'of the present'}"

    def end(self):
        self.daemon.signal(signal.SIGCONT)
        self.daemon.kill()
        self.world.__exit__()
