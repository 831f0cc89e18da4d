#!/usr/bin/env python3
"""From forgotten sockets to an alert in Alertmanager and back, with the real programs and the real rules, in a world in
which a minute is a second (small_world.py). usage: end_to_end_test.py HALFCLOSED"""

import re
import shutil
import subprocess
import time
import unittest
from pathlib import Path

import arena
import servers
import traffic
from servers import wait_for
from small_world import MINUTE

HERE = Path(__file__).resolve().parent
EVALUATION = 0.25
LEAKED = "sum(halfclosed_close_wait_leaked_sockets) > 0"
CLOSE_WAIT_HOLD = 10 * MINUTE
# What lies between the world and Prometheus: a poll, a scrape, an evaluation, and how fine the questions are asked.
SLACK = 1.0


def firing(name, cause=".*"):
    return f'ALERTS{{alertname="{name}", alertstate="firing", cause=~"{cause}"}}'


class EndToEnd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        arena.set_fin_timeout(2)
        library = arena.folder() / "blindfold.so"
        compiler = shutil.which("cc") or shutil.which("gcc")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, HERE / "blindfold.c"],
                       check=True)
        cls.blindfold = arena.folder() / "blindfold"
        cls.environment = {"LD_PRELOAD": str(library), "BLINDFOLD": str(cls.blindfold)}
        cls.halfclosed = servers.Halfclosed(cls.environment)
        cls.alertmanager = servers.Alertmanager()
        cls.prometheus = servers.Prometheus()
        # Prometheus hands out targets five seconds after its start, which is long in the small world.
        wait_for("the first scrape", lambda: cls.prometheus.query("up == 1"), 30)
        wait_for("no alert is left of the start", lambda: not cls.prometheus.query("ALERTS"), 30)

    @classmethod
    def tearDownClass(cls):
        for server in (cls.prometheus, cls.alertmanager, cls.halfclosed):
            server.stop()

    def setUp(self):
        if self.halfclosed.process.poll() is not None:
            type(self).halfclosed = servers.Halfclosed(self.environment)
        self.addCleanup(self.blindfold.unlink, missing_ok=True)

    # ---- questions -----------------------------------------------------------------------------------------------

    def active(self):
        return self.alertmanager.alerts()

    def moments(self, expr, since):
        """Times at which the expression has had a result until now, to a tenth of a second."""
        result = self.prometheus.query_range(expr, since, time.time(), "0.1")
        return sorted({at for series in result for at, _ in series["values"]})

    def wait_active(self, name, limit, **labels):
        def matching():
            return [alert for alert in self.active().get(name, []) if labels.items() <= alert.items()]

        return wait_for(f"{name} {labels or ''} reaches Alertmanager", matching, limit)

    def wait_gone(self, name, limit):
        wait_for(f"{name} resolves", lambda: name not in self.active(), limit)

    def assert_unbroken(self, cause, since, until):
        """The leak's alert was firing at every moment between the two, a quarter of a second apart."""
        result = self.prometheus.query_range(f"count({firing('CloseWaitLeak', cause)})", since, until, "0.25")
        self.assertEqual(len(result), 1, "the leak was not firing")
        self.assertEqual(len(result[0]["values"]), int((until - since) / 0.25) + 1, "the leak was not always firing")

    def leak(self, fault, count):
        server = traffic.LeakyServer(9999, fault, "shop.service")
        self.addCleanup(server.stop)
        server.leak(count)
        return server

    # ---- the story, in the order of the names --------------------------------------------------------------------

    def test_1_a_minute_of_200_healthy_connections_a_second_fires_nothing(self):
        began = time.time()
        churn = traffic.Churn(9999, 200)
        # One client in a hundred vanishes, as in the world, when its delayed ACK is out: its server's FIN-WAIT-2 expires.
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

    def test_2_fifty_forgotten_sockets_are_one_alert_and_mending_ends_it(self):
        began = time.time()
        server = self.leak("not_closed", 50)
        alerts = self.wait_active("CloseWaitLeak", 40)
        self.assertEqual(len(alerts), 1)
        alert = alerts[0]
        self.assertEqual((alert["port"], alert["side"], alert["cause"], alert["severity"]),
                         ("9999", "server", "not_closed", "warning"))
        self.assertEqual(alert["instance"], servers.PAGE)
        # Without a cgroup of its own the server has the owner of whoever runs this test.
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

    def test_3_a_burst_that_is_mended_in_time_does_not_fire(self):
        began = time.time()
        server = self.leak("unread", 200)
        time.sleep(5)
        server.mend()
        time.sleep(15)
        self.assertTrue(self.moments(LEAKED, began), "the daemon has seen the burst")
        self.assertEqual(self.moments(firing("CloseWaitLeak"), began), [])

    def test_4_killing_the_daemon_does_not_mend_the_leak(self):
        self.leak("not_accepted", 50)
        self.wait_active("CloseWaitLeak", 40, cause="not_accepted")
        type(self).halfclosed.kill()
        killed = time.time()
        self.wait_active("HalfclosedDown", 20)
        wait_for("a quarter of an hour of the small world", lambda: time.time() > killed + 16 * MINUTE, 30)
        self.assert_unbroken("not_accepted", killed, killed + 15 * MINUTE)

        # It comes back, knows nothing of the past, and the alert goes on without a gap.
        type(self).halfclosed = servers.Halfclosed(self.environment)
        self.wait_gone("HalfclosedDown", 30)
        wait_for("the daemon counts the leak again", lambda: self.prometheus.query(LEAKED), 10)
        wait_for("the alert is sure of itself again", lambda: time.time() > killed + 35 * MINUTE, 40)
        self.assert_unbroken("not_accepted", killed, killed + 35 * MINUTE)

    def test_5_blinding_the_daemon_does_not_mend_the_leak(self):
        self.leak("not_closed", 50)
        self.wait_active("CloseWaitLeak", 40, cause="not_closed")
        self.blindfold.touch()
        blinded = time.time()
        alerts = self.wait_active("HalfclosedBlind", 20)
        self.assertLessEqual({alert["collector"] for alert in alerts}, {"closing", "census", "owners"})
        self.assertIn("closing", {alert["collector"] for alert in alerts})
        page = servers.Halfclosed.page()
        self.assertIn('halfclosed_collector_success{collector="closing"} 0', page)
        self.assertIsNone(re.search(r"^halfclosed_close_wait_leaked_sockets{", page, re.MULTILINE))
        self.assertNotIn("HalfclosedDown", self.active())
        wait_for("a quarter of an hour of the small world", lambda: time.time() > blinded + 16 * MINUTE, 30)
        self.assert_unbroken("not_closed", blinded, blinded + 15 * MINUTE)

        self.blindfold.unlink()
        self.wait_gone("HalfclosedBlind", 40)


if __name__ == "__main__":
    arena.run(limit=420)
