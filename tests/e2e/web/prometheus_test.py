#!/usr/bin/env python3
"""Debian's Prometheus, with the scrape configuration of the papers.

Usage: prometheus_test.py HALFCLOSED
"""

import json
import subprocess
import time
import unittest
import urllib.error
import urllib.request

from guarded_page import Daemon, FOLDER, PORT, USERS, run


class RealPrometheus(unittest.TestCase):
    def test_it_scrapes_over_tls_with_a_password_and_a_certificate(self):
        (FOLDER / "password").write_text("right")
        (FOLDER / "prometheus.yml").write_text(f"""
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
      - targets: ["localhost:{PORT}"]
""")
        mutual = ("tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
                  "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: authority.crt\n")
        with Daemon(mutual + USERS):
            with (FOLDER / "prometheus.log").open("wb") as log:
                server = subprocess.Popen(
                    ["prometheus", f"--config.file={FOLDER}/prometheus.yml", f"--storage.tsdb.path={FOLDER}/data",
                     "--web.listen-address=127.0.0.1:9090"], stdout=log, stderr=log)
            try:
                deadline = time.monotonic() + 60
                scraped = 0.0
                while scraped < 5 and time.monotonic() < deadline:
                    time.sleep(0.5)
                    try:
                        with urllib.request.urlopen("http://127.0.0.1:9090/api/v1/query?query="
                                                    "sum_over_time(up%5B1m%5D)", timeout=5) as answer:
                            result = json.load(answer)["data"]["result"]
                            scraped = float(result[0]["value"][1]) if result else 0.0
                    except (urllib.error.URLError, ConnectionError):
                        pass
                self.assertGreaterEqual(scraped, 5, (FOLDER / "prometheus.log").read_text()[-2000:])
                with urllib.request.urlopen("http://127.0.0.1:9090/api/v1/query?query=min_over_time(up%5B1m%5D)",
                                            timeout=5) as answer:
                    self.assertEqual(json.load(answer)["data"]["result"][0]["value"][1], "1", "not one scrape failed")
            finally:
                server.terminate()
                server.wait()


if __name__ == "__main__":
    run()
