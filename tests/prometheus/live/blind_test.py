#!/usr/bin/env python3
"""Blinding the daemon does not mend a leak.

Usage: blind_test.py [HALFCLOSED [TEST...]]
"""

import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import harness
from end_to_end import EndToEnd
from harness import folder, wait_for
from scaled_time import MINUTE


class Blind(EndToEnd):
    @classmethod
    def setUpClass(cls):
        library = folder() / "blindfold.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library,
                        Path(__file__).parent / "blindfold.c"], check=True)
        cls.blindfold = folder() / "blindfold"
        cls.environment = {"LD_PRELOAD": str(library), "BLINDFOLD": str(cls.blindfold)}
        super().setUpClass()

    def test_blinding_the_daemon_does_not_mend_the_leak(self):
        self.leak("not_closed", 50)
        self.wait_active("CloseWaitLeak", 40, cause="not_closed")
        self.blindfold.touch()
        blinded = time.time()
        self.wait_active("HalfclosedBlind", 20, collector="closing")
        blind = {alert["collector"] for alert in self.active()["HalfclosedBlind"]}
        self.assertLessEqual(blind, {"closing", "census", "owners"})
        page = self.daemon.page()
        self.assertIn('halfclosed_collector_success{collector="closing"} 0', page)
        self.assertIsNone(re.search(r"^halfclosed_close_wait_leaked_sockets{", page, re.MULTILINE))
        self.assertNotIn("HalfclosedDown", self.active())
        wait_for("15 scaled minutes", lambda: time.time() > blinded + 16 * MINUTE, 30)
        self.assert_unbroken("not_closed", blinded, blinded + 15 * MINUTE)

        self.blindfold.unlink()
        self.wait_gone("HalfclosedBlind", 40)


if __name__ == "__main__":
    harness.run(limit=180)
