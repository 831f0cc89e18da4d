#!/usr/bin/env python3
"""Debian's Prometheus, with the scrape configuration of the papers.

Usage: prometheus_test.py [HALFCLOSED [TEST...]]
"""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "prometheus/live")]

from guarded_page import USERS, PageTest, run
from harness import folder, wait_for
from servers import Prometheus

MUTUAL = """tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: authority.crt
"""


class RealPrometheus(PageTest):
    def test_it_scrapes_over_tls_with_a_password_and_a_certificate(self):
        with self.serve(MUTUAL + USERS) as daemon:
            (folder() / "password").write_text("right")
            (folder() / "prometheus.yml").write_text(f"""
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: halfclosed
    scheme: https
    tls_config:
      ca_file: authority.crt
      cert_file: scraper.crt
      key_file: scraper.key
    basic_auth:
      username: prometheus
      password_file: password
    static_configs:
      - targets: ["localhost:{daemon.port}"]
""")
            with Prometheus(folder()) as prometheus:
                def scraped():
                    result = prometheus.query("sum_over_time(up[1m])")
                    return result and float(result[0]["value"][1]) >= 5

                wait_for(lambda: f"five scrapes; {prometheus.log()[-2000:]}", scraped, 60)
                result = prometheus.query("min_over_time(up[1m])")
                self.assertEqual(result[0]["value"][1], "1", "not one scrape failed")


if __name__ == "__main__":
    run()
