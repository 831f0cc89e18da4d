#!/usr/bin/env python3
"""A process that leaks its last descriptors is an alert that says how many are left; and both formats of the page are
scraped.

Usage: descriptors_test.py [HALFCLOSED [TEST...]]
"""

import re
import sys
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import harness
import servers
from end_to_end import EndToEnd
from harness import wait_for


class Descriptors(EndToEnd):
    more_jobs = servers.TextOnly.JOB

    @classmethod
    def setUpClass(cls):
        cls.text_only = servers.TextOnly()
        cls.addClassCleanup(cls.text_only.kill)
        super().setUpClass()

    def test_1_a_process_at_nine_tenths_of_its_descriptors_pages(self):
        began = time.time()
        server = self.leak("not_closed", 56, descriptors=64)
        alerts = self.wait_active("DescriptorsRunningOut", 60)
        print(f"paged {time.time() - began:.1f} s after the leak began (for: 15 s)")
        self.assertEqual(len(alerts), 1)
        self.assertEqual((alerts[0]["severity"], alerts[0]["instance"]), ("critical", servers.PAGE))
        used = self.prometheus.query('halfclosed_owner_descriptors{job="halfclosed"}')
        limit = self.prometheus.query('halfclosed_owner_descriptors_limit{job="halfclosed"}')
        self.assertEqual(len(used), 1)
        self.assertEqual(used[0]["metric"]["owner"], alerts[0]["owner"])
        open_now = len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
        self.assertEqual(float(used[0]["value"][1]), open_now)
        self.assertEqual(float(limit[0]["value"][1]), 64)
        oldest = self.prometheus.query("max(halfclosed_leak_oldest_age_seconds)")
        self.assertGreater(float(oldest[0]["value"][1]), 10)

    def test_2_both_formats_are_scraped_and_say_the_same(self):
        pages = {}
        for accept in ("text/plain;version=0.0.4", "application/openmetrics-text;version=1.0.0"):
            request = urllib.request.Request(f"http://{servers.PAGE}/metrics", headers={"Accept": accept})
            with urllib.request.urlopen(request, timeout=10) as answer:
                self.assertTrue(answer.headers["Content-Type"].startswith(accept.split(";")[0]))
                self.assertIn("Accept", answer.headers["Vary"])
                pages[accept.split(";")[0]] = answer.read().decode()
        self.assertTrue(pages["application/openmetrics-text"].endswith("# EOF\n"))
        # Prometheus asks for OpenMetrics first; it has a series of each kind, of both formats the same number.
        for job in ("halfclosed", "text"):
            wait_for(f"{job} is scraped", lambda: self.prometheus.query(f'up{{job="{job}"}} == 1'), 30)
        for series in ("halfclosed_build_info", "halfclosed_transitions_total", "process_cpu_seconds_total",
                       "halfclosed_state_duration_seconds_bucket", "halfclosed_state_duration_seconds_sum",
                       "halfclosed_sockets", "halfclosed_scenario_runs_total"):
            with self.subTest(series):
                wait_for("as many series of each format", lambda: self.prometheus.query(
                    f'count({series}{{job="text"}}) == count({series}{{job="halfclosed"}})'), 30)

    def test_3_a_duration_leads_to_its_socket(self):
        began = time.time()
        server = self.leak("not_closed", 1)
        time.sleep(2)
        server.mend()

        def exemplars():
            page = urllib.request.Request(f"http://{servers.PAGE}/metrics",
                                          headers={"Accept": "application/openmetrics-text;version=1.0.0"})
            with urllib.request.urlopen(page, timeout=10) as answer:
                return [line for line in answer.read().decode().splitlines()
                        if line.startswith("halfclosed_state_duration_seconds_bucket") and " # {" in line
                        and 'state="close_wait"' in line]
        line = wait_for("a CLOSE-WAIT that ended is an exemplar", exemplars, 20)[0]
        self.assertRegex(line, r'} \d+ # \{cookie="[0-9a-f]+",owner="[^"]+"\} [0-9.]+ \d+\.\d{3}$')
        # Prometheus has it too, with the socket and its owner.
        cookie, owner = re.search(r'# \{cookie="([0-9a-f]+)",owner="([^"]+)"\}', line).groups()
        found = wait_for("Prometheus has the exemplar", lambda: [
            exemplar for series, exemplar in
            self.prometheus.exemplars('halfclosed_state_duration_seconds_bucket{state="close_wait"}', began - 60)
            if exemplar["labels"] == {"cookie": cookie, "owner": owner}], 20)
        self.assertGreater(float(found[0]["value"]), 0)
        wait_for("both formats are still scraped", lambda: len(self.prometheus.query("up == 1")) == 2, 30)


class Essential(EndToEnd):
    flags = ("--detail", "essential")

    def test_the_short_page_is_scraped_and_fires_the_same(self):
        self.leak("unread", 20)
        self.wait_active("CloseWaitLeak", 40)
        samples = self.prometheus.query('scrape_samples_scraped{job="halfclosed"}')
        self.assertLessEqual(float(samples[0]["value"][1]), 60)
        self.assertEqual(set(self.active()), {"CloseWaitLeak"})


if __name__ == "__main__":
    harness.run(limit=240)
