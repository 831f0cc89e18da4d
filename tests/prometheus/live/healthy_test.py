#!/usr/bin/env python3
"""Healthy traffic fires no alert.

Usage: healthy_test.py [HALFCLOSED [TEST...]]
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import harness
import traffic
from end_to_end import EndToEnd


class Healthy(EndToEnd):
    def test_a_minute_of_200_healthy_connections_a_second_fires_nothing(self):
        began = time.time()
        churn = traffic.Churn(9999, 200)
        # One client in a hundred vanishes, as on a real network, when its delayed ACK is out: its server's FIN-WAIT-2 expires.
        vanishing = traffic.Churn(9999, 2, late=0.2, address="127.0.0.2", vanish=True)
        time.sleep(60)
        vanishing.stop()
        done = churn.stop()
        self.assertGreater(done, 60 * 200 * 0.9, "too slow to mean anything")
        counted = self.prometheus.query(
            'sum(halfclosed_transitions_total{side="server", from="established", to="fin_wait1"})')
        self.assertGreater(float(counted[0]["value"][1]), done / 2, "the daemon has seen them")
        expired = self.prometheus.query('sum(halfclosed_fin_wait2_ended_total{how="expired"})')
        self.assertGreater(float(expired[0]["value"][1]), 60, "some have expired")
        fired = self.prometheus.query_range('ALERTS{alertstate="firing"}', began, time.time(), "0.25")
        self.assertEqual([series["metric"] for series in fired], [])
        self.assertEqual(self.active(), {})


if __name__ == "__main__":
    harness.run(limit=180)
