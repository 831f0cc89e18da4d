#!/usr/bin/env python3
"""`halfclosed check` as root, as nobody, where namespaces are forbidden, and where the lab goes wrong.

Usage: check_test.py [HALFCLOSED [TEST...]]
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness
from harness import PROGRAM

PROGRAMS = ("halfclosed", "daytime-server", "daytime-client")
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


def check(*command, program=PROGRAM, flags=()):
    return subprocess.run([*command, program, "check", *flags], capture_output=True, text=True, timeout=60, cwd="/")


class Check(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="halfclosed-check-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)

    def copied(self):
        """The programs where everybody may run them."""
        for name in PROGRAMS:
            shutil.copy(PROGRAM.parent / name, self.folder)
        return self.folder / "halfclosed"

    def assert_readable(self, text):
        lines = text.splitlines()
        self.assertTrue(all(len(line) <= 80 and line == line.rstrip() for line in lines), text)
        self.assertRegex(lines[-1], r"^\d+ work, \d+ missing, \d+ failed$")

    def test_all_is_well_here(self):
        started = time.monotonic()
        ran = check()
        self.assertEqual((ran.returncode, ran.stderr), (0, ""), ran.stdout)
        self.assertLess(time.monotonic() - started, 10)
        self.assert_readable(ran.stdout)
        for line in ("lab: close-at-once", "lab: late-close", "counts agree: tw", "census"):
            self.assertRegex(ran.stdout, rf"(?m)^ok +{line}")
        self.assertNotIn("late-close-after-expiry", ran.stdout)

    def test_json_is_the_same_findings(self):
        ran = check(flags=["--json"])
        self.assertEqual(ran.returncode, 0, ran.stderr)
        told = json.loads(ran.stdout)
        self.assertEqual((told["schema"], told["result"]), ("halfclosed.check/1", "pass"))
        self.assertIn("lab: late-close", [finding["what"] for finding in told["findings"]])
        for finding in told["findings"]:
            self.assertEqual(list(finding), ["what", "verdict", "note", "costs", "needs"])
            self.assertEqual(finding["costs"] is None, finding["verdict"] != "missing", finding)

    def test_nobody_can_do_it_too(self):
        if not harness.is_real_root():
            self.skipTest("only root can become nobody")
        ran = check(*NOBODY, program=self.copied())
        self.assertEqual((ran.returncode, ran.stderr), (0, ""), ran.stdout)
        self.assert_readable(ran.stdout)
        self.assertRegex(ran.stdout, r"(?m)^ok +lab: late-close")
        self.assertRegex(ran.stdout, r"(?m)^missing +owners' processes")

    def test_where_namespaces_are_forbidden_the_lab_is_missing_and_the_rest_works(self):
        ran = check("unshare", "--user", "--map-root-user", "sh", "-c",
                    'echo 0 >/proc/sys/user/max_net_namespaces && exec "$@"', "sh")
        self.assertEqual((ran.returncode, ran.stderr), (0, ""), ran.stdout)
        self.assert_readable(ran.stdout)
        self.assertRegex(ran.stdout, r"(?m)^missing +the lab")
        self.assertIn("raise user.max_net_namespaces", ran.stdout)
        self.assertNotIn("lab: ", ran.stdout)
        self.assertRegex(ran.stdout, r"(?m)^ok +census")

    def test_without_the_reference_programs_the_lab_is_missing(self):
        shutil.copy(PROGRAM, self.folder)
        ran = check(program=self.folder / "halfclosed")
        self.assertEqual(ran.returncode, 0, ran.stdout)
        self.assertRegex(ran.stdout, r"(?m)^missing +the lab")

    def test_a_scenario_that_fails_is_a_failure(self):
        program = self.copied()
        client = self.folder / "daytime-client"
        client.unlink()
        client.write_text("#!/bin/sh\nexit 3\n")
        client.chmod(0o755)
        ran = check(program=program)
        self.assertEqual(ran.returncode, 1, ran.stdout)
        self.assertRegex(ran.stdout, r"(?m)^FAILS +lab: late-close")
        self.assertRegex(ran.stdout, r"(?m)^ok +census")


if __name__ == "__main__":
    harness.run(limit=180)
