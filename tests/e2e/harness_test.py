#!/usr/bin/env python3
"""A script of this test environment leaves nothing behind, in whatever way it ends.

Usage: harness_test.py [HALFCLOSED [TEST...]]
"""

import os
import signal
import subprocess
import sys
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

import harness
import namespaces
from harness import folder, wait_for

SCRIPT = f"""
import sys, time
sys.path.insert(0, {str(TESTS)!r})
import harness
harness.enter(limit=float(sys.argv[2]))
daemon = harness.Daemon(prefix=("setsid",))
harness.make_cgroup("daemon")
print(harness.folder(), flush=True)
time.sleep(float(sys.argv[3]))
sys.exit(3)
"""


def processes():
    return set(filter(str.isdigit, os.listdir("/proc")))


class Leftovers(unittest.TestCase):
    def setUp(self):
        self.script = folder() / "script.py"
        self.script.write_text(SCRIPT)
        self.before = processes()

    def start(self, limit, pause):
        """The script, and its folder, once its daemon runs."""
        environment = {key: text for key, text in os.environ.items() if key != namespaces.INSIDE}
        started = subprocess.Popen([sys.executable, "-B", self.script, harness.PROGRAM, str(limit), str(pause)],
                                   env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.addCleanup(started.stdout.close)
        self.addCleanup(started.kill)
        place = started.stdout.readline().strip()
        self.assertTrue(place, "it did not start")
        return started, Path(place)

    def expect_nothing(self, place):
        wait_for(lambda: f"processes end: {processes() - self.before}", lambda: processes() <= self.before)
        self.assertFalse(place.exists())
        for root in namespaces.CGROUP_ROOTS:
            self.assertFalse((root / place.name).exists())

    def test_it_ends_by_itself_and_its_status_is_told(self):
        started, place = self.start(limit=60, pause=0)
        self.assertEqual(started.wait(20), 3)
        self.expect_nothing(place)

    def test_it_takes_too_long(self):
        started, place = self.start(limit=10, pause=60)
        self.assertEqual(started.wait(20), 1)
        self.expect_nothing(place)

    def test_it_is_terminated(self):
        started, place = self.start(limit=60, pause=60)
        started.send_signal(signal.SIGTERM)
        self.assertEqual(started.wait(20), 143)
        self.expect_nothing(place)

    def test_it_is_killed(self):
        started, place = self.start(limit=60, pause=60)
        self.addCleanup(namespaces.remove_cgroups, place.name)
        started.kill()
        started.wait(20)
        wait_for(lambda: f"processes end: {processes() - self.before}", lambda: processes() <= self.before)


if __name__ == "__main__":
    harness.run(limit=120)
