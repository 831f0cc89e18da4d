"""A process that was stopped: nothing stale is fresh when it goes on."""

import signal
import subprocess
import time

from half_closed import HalfClosed
from harness import Daemon, wait_for
from cases import case, check

AGE = ("halfclosed_oldest_socket_age_seconds", {"side": "client", "state": "close_wait"})
# For longer than what it knows is fresh, 30 s.
STOPPED = 33


@case("stopped for longer than what it knows is fresh, it serves nothing stale as fresh")
def stopped():
    with HalfClosed(2), Daemon() as daemon:
        age = daemon.value(AGE[0], **AGE[1])
        edges = daemon.value("halfclosed_transitions_total")
        moment = time.monotonic()
        daemon.send(signal.SIGSTOP)
        time.sleep(STOPPED)
        # Requests that wait when it goes on: the answer is of now, or says that nothing is known.
        waiting = [subprocess.Popen(["curl", "--silent", "--max-time", "10", "--write-out", "\n%{http_code}",
                                     f"http://127.0.0.1:{daemon.port}{path}"], stdout=subprocess.PIPE, text=True)
                   for path in ("/metrics", "/-/ready", "/api/v1/snapshot")]
        time.sleep(0.5)
        elapsed = time.monotonic() - moment
        daemon.send(signal.SIGCONT)
        metrics, ready, snapshot = (process.communicate()[0].rsplit("\n", 1) for process in waiting)
        known = f'{AGE[0]}{{port="9999",side="client",state="close_wait"}} '
        for line in metrics[0].splitlines():
            if line.startswith(known):
                told = float(line[len(known):])
                check(told > age + elapsed - 1.5, f"a stale age is served as fresh: {told}")
        blind = 'halfclosed_collector_success{collector="closing"} 0' in metrics[0]
        check(blind or known in metrics[0], "neither the present nor a collector that says it knows nothing")
        check(ready[1] in ("200", "503") and snapshot[1] in ("200", "503"), f"{ready} {snapshot}")
        wait_for("ready again", daemon.is_ready, limit=2)
        now = daemon.value(AGE[0], **AGE[1])
        off = abs(now - age - (time.monotonic() - moment))
        check(off < 1.5, f"the age is off by {off:.2f} s")
        check(daemon.value("halfclosed_transitions_total") == edges, "it made up transitions")
        return f"stopped for {elapsed:.0f} s; the first answer was {'blind' if blind else 'of the present'}"
