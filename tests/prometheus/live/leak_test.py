#!/usr/bin/env python3
"""A leak is one alert, and mending ends it; a burst that is mended in time is none.

Usage: leak_test.py [HALFCLOSED [TEST...]]
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import harness
import servers
from end_to_end import CLOSE_WAIT_HOLD, EVALUATION, LEAKED, SLACK, EndToEnd, firing
from harness import wait_for
from scaled_time import MINUTE


class Leak(EndToEnd):
    def test_1_fifty_forgotten_sockets_are_one_alert_and_mending_ends_it(self):
        began = time.time()
        server = self.leak("not_closed", 50)
        alerts = self.wait_active("CloseWaitLeak", 40)
        self.assertEqual(len(alerts), 1)
        alert = alerts[0]
        self.assertEqual((alert["port"], alert["side"], alert["cause"], alert["severity"]),
                         ("9999", "server", "not_closed", "warning"))
        self.assertEqual(alert["instance"], servers.PAGE)
        # Without a cgroup of its own the server has the owner of this test.
        self.assertTrue(alert["owner"])
        if server.owner and self.prometheus.query('halfclosed_collector_success{collector="owners"} == 1'):
            self.assertEqual(alert["owner"], server.owner)
        self.assertEqual(set(self.active()), {"CloseWaitLeak"})

        # Prometheus tells Alertmanager first and writes its own sample then.
        fired = wait_for("the sample of the alert", lambda: self.moments(firing("CloseWaitLeak"), began), 5)[0]
        noticed = self.moments(LEAKED, began)[0]
        print(f"leak of {alert['owner']} noticed after {noticed - began:.1f} s, firing {fired - noticed:.2f} s later (for: 10 s)")
        self.assertLessEqual(fired - noticed, CLOSE_WAIT_HOLD + 2 * EVALUATION + SLACK)
        self.assertGreaterEqual(fired - noticed, CLOSE_WAIT_HOLD - SLACK)

        server.mend()
        mended = time.time()
        self.wait_gone("CloseWaitLeak", 60 * MINUTE)
        print(f"resolved {time.time() - mended:.1f} s after it was mended (within 60 s)")

    def test_2_a_burst_that_is_mended_in_time_does_not_fire(self):
        began = time.time()
        server = self.leak("unread", 200)
        time.sleep(5)
        server.mend()
        time.sleep(15)
        self.assertTrue(self.moments(LEAKED, began), "the daemon has seen the burst")
        self.assertEqual(self.moments(firing("CloseWaitLeak"), began), [])


if __name__ == "__main__":
    harness.run(limit=180)
