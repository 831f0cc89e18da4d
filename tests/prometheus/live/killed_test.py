#!/usr/bin/env python3
"""Killing the daemon does not mend a leak.

Usage: killed_test.py [HALFCLOSED [TEST...]]
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import harness
import servers
from end_to_end import LEAKED, EndToEnd
from harness import wait_for
from scaled_time import MINUTE


class Killed(EndToEnd):
    def test_killing_the_daemon_does_not_mend_the_leak(self):
        self.leak("not_accepted", 50)
        self.wait_active("CloseWaitLeak", 40, cause="not_accepted")
        self.daemon.kill()
        killed = time.time()
        self.wait_active("HalfclosedDown", 20)
        wait_for("15 scaled minutes", lambda: time.time() > killed + 16 * MINUTE, 30)
        self.assert_unbroken("not_accepted", killed, killed + 15 * MINUTE)

        # It comes back, knows nothing of the past, and the alert goes on without a gap.
        type(self).daemon = servers.Halfclosed()
        self.wait_gone("HalfclosedDown", 30)
        wait_for("the daemon counts the leak again", lambda: self.prometheus.query(LEAKED), 10)
        wait_for("the alert is sure of itself again", lambda: time.time() > killed + 35 * MINUTE, 40)
        self.assert_unbroken("not_accepted", killed, killed + 35 * MINUTE)


if __name__ == "__main__":
    harness.run(limit=180)
