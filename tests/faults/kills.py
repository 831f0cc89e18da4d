"""kill -9 at 200 moments."""

import random
import tempfile
import time
from pathlib import Path

from half_closed import HalfClosed
from harness import Daemon, free_port, wait_for
from cases import case, check

TIMES = 200


@case(f"kill -9 at {TIMES} moments: the history is whole each time, ages are kept, nothing piles up")
def many():
    dice = random.Random(3)
    with tempfile.TemporaryDirectory(prefix="halfclosed-state-") as name, HalfClosed(0) as half_closed:
        state = Path(name)
        port = free_port()  # and a control socket, which the next has to take over
        with Daemon(state=state) as daemon:
            half_closed.add(50)
            # Seen as they came: their ages are observed, which a daemon that finds them later cannot say of itself.
            wait_for("50 sockets", lambda: len(daemon.sockets()) == 100)
            time.sleep(1.3)  # what lives no longer is not recorded
            daemon.stop()
        began = time.monotonic()
        for number in range(TIMES):
            with Daemon(state=state, port=port, wait=False) as daemon:
                time.sleep(dice.uniform(0, 0.1))
                daemon.kill()
                check("set aside" not in daemon.log(), f"{number}: {daemon.log()}")
            check(all(p.name.startswith("history.db") for p in state.iterdir()), f"{list(state.iterdir())}")
            if number % 10 == 0:
                half_closed.add(1)
        with Daemon(state=state, port=port) as daemon:
            check("set aside" not in daemon.log(), daemon.log())
            sockets = [s for s in daemon.sockets() if s["state"] == "close_wait"]
            kept = [s for s in sockets if s["age"] in ("observed", "exact")]
            check(len(sockets) == 50 + TIMES // 10, f"{len(sockets)} sockets")
            check(len(kept) >= 50, f"{len(kept)} ages kept")
            elapsed = time.monotonic() - began
            oldest = sorted(s["age_seconds"] for s in kept)[-50:]
            check(all(elapsed - 1 <= age <= elapsed + 15 for age in oldest), f"{elapsed}: {oldest[0]} to {oldest[-1]}")
            check(daemon.control_request("/-/healthy").status == 200, "the control socket does not answer")
            check(daemon.stop()[0] == 0, daemon.log())
            check(sorted(p.name for p in state.iterdir()) == ["history.db"], f"left: {list(state.iterdir())}")
        return f"{len(kept)} ages kept over {elapsed:.0f} s"
