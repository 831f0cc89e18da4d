#!/usr/bin/env python3
"""What `scenario run` leaves: the packets as tshark reads them, the pictures, and errors that name what is wrong.

Usage: output_files_test.py [HALFCLOSED [TEST...]]
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import harness
from harness import halfclosed

FLAGS = {0x01: "F", 0x02: "S", 0x04: "R", 0x08: "P", 0x10: "."}
FIELDS = ("frame.time_epoch", "frame.len", "frame.cap_len", "tcp.srcport", "tcp.dstport", "tcp.flags", "tcp.len",
          "_ws.malformed", "tcp.analysis.lost_segment")


def run_scenarios(*arguments):
    return halfclosed("scenario", "run", *arguments)


def tshark(path):
    """A dictionary for each packet of the file."""
    command = ["tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=|"]
    for field in FIELDS:
        command += ["-e", field]
    read = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return [dict(zip(FIELDS, line.split("|"))) for line in read.stdout.splitlines()]


def letters(flags):
    return "".join(letter for bit, letter in FLAGS.items() if int(flags, 16) & bit)


class OutputFiles(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="halfclosed-files-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def check_packets(self, runs, path):
        read = tshark(path)
        told = [packet for run in runs for packet in run["packets"]]
        self.assertEqual(len(read), len(told))
        for one, other in zip(read, told):
            self.assertEqual(letters(one["tcp.flags"]), other["flags"])
            self.assertEqual(int(one["tcp.len"]), other["length"])
            self.assertEqual("server" if one["tcp.srcport"] == "9999" else "client", other["from"])
            self.assertEqual(one["_ws.malformed"], "")
            self.assertEqual(one["tcp.analysis.lost_segment"], "")
            self.assertLessEqual(int(one["frame.cap_len"]), int(one["frame.len"]))
        # The same spans between the packets of a run, told since the connect() and stamped by the kernel.
        first = 0
        for run in runs:
            for place, packet in enumerate(run["packets"]):
                told_span = packet["time"] - run["packets"][0]["time"]
                read_span = float(read[first + place]["frame.time_epoch"]) - float(read[first]["frame.time_epoch"])
                self.assertAlmostEqual(told_span, read_span, delta=0.001)
            first += len(run["packets"])

    def test_tshark_reads_the_packets_of_the_runs_in_their_order(self):
        path = str(self.folder / "x.pcap")
        ran = run_scenarios("late-close", "write-after-eof", "close-at-once", "--json", "--pcap", path)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        runs = [json.loads(line) for line in ran.stdout.splitlines()]
        self.assertEqual([run["scenario"] for run in runs], ["late-close", "write-after-eof", "close-at-once"])
        self.check_packets(runs, path)
        self.assertIn(f"packets: {sum(len(run['packets']) for run in runs)} in {path}\n", ran.stderr)
        about = subprocess.run(["capinfos", path], capture_output=True, text=True, check=True)
        self.assertRegex(about.stdout, "File timestamp precision: *nanoseconds")
        self.assertNotIn("cut short", about.stderr)

    def test_a_picture_for_each_scenario(self):
        ran = run_scenarios("late-close", "close-at-once", "--svg", str(self.folder))
        self.assertEqual(ran.returncode, 0, ran.stderr)
        for name in ("late-close", "close-at-once"):
            path = self.folder / f"{name}.svg"
            root = ElementTree.parse(path).getroot()
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
            self.assertIn("PASS", "".join(root.itertext()))
            self.assertIn(f"picture: {path}\n", ran.stderr)

    def test_wrong_names_are_a_line_that_says_what_to_do(self):
        for arguments, status, said in (
                (("all", "--svg", "x.svg"), 2, "%s"),
                (("late-close", "--svg", "-"), 2, "name a file"),
                (("late-close", "--pcap", "-"), 2, "name a file"),
                (("late-close", "--svg", "/nonexistent/x.svg"), 1, "/nonexistent/x.svg: No such file or directory"),
                (("late-close", "--pcap", "/nonexistent/x"), 1, "/nonexistent/x: No such file or directory"),
                (("late-close", "--pcap", "/dev/full"), 1, "/dev/full: No space left on device")):
            ran = run_scenarios(*arguments)
            self.assertEqual(ran.returncode, status, arguments)
            self.assertEqual(len(ran.stderr.splitlines()), 1, ran.stderr)
            self.assertIn(said, ran.stderr)

    def test_what_cannot_be_written_is_known_before_anything_is_run(self):
        self.assertEqual(run_scenarios("late-close", "--svg", "/nonexistent/x.svg").stdout, "")


if __name__ == "__main__":
    harness.run(limit=120)
