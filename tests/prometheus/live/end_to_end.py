"""From forgotten sockets to an alert in Alertmanager and back, with the real programs and the real rules, a minute of
which takes a second (scaled_time.py)."""

import time
import unittest

import servers
import traffic
from harness import wait_for
from scaled_time import MINUTE, set_fin_timeout

EVALUATION = 0.25
LEAKED = "sum(halfclosed_close_wait_leaked_sockets) > 0"
CLOSE_WAIT_HOLD = 10 * MINUTE
# What lies between the kernel and Prometheus: a poll, a scrape, an evaluation, and how fine the questions are asked.
SLACK = 1.0


def firing(name, cause=".*"):
    return f'ALERTS{{alertname="{name}", alertstate="firing", cause=~"{cause}"}}'


class EndToEnd(unittest.TestCase):
    environment = None  # of the daemon
    flags = ()
    more_jobs = ""  # of Prometheus

    @classmethod
    def setUpClass(cls):
        set_fin_timeout(2)
        cls.daemon = servers.Halfclosed(cls.environment, cls.flags)
        cls.alertmanager = servers.Alertmanager()
        cls.prometheus = servers.scaled_prometheus(cls.more_jobs)
        # Prometheus hands out targets five seconds after its start, which is long in scaled time.
        wait_for("the first scrape", lambda: cls.prometheus.query("up == 1"), 30)
        wait_for("no alert is left of the start", lambda: not cls.prometheus.query("ALERTS"), 30)

    @classmethod
    def tearDownClass(cls):
        for server in (cls.prometheus, cls.alertmanager, cls.daemon):
            server.kill()

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

    def leak(self, fault, count, descriptors=None):
        server = traffic.LeakyServer(9999, fault, "shop.service", descriptors)
        self.addCleanup(server.kill)
        server.leak(count)
        return server
