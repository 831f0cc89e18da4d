#!/usr/bin/env python3
"""The SVG diagrams of the recorded traces, read as XML: whole, harmless, and with everything that the trace has.

Usage: picture_test.py DRAW_TRACES FIXTURES
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

DRAW, FIXTURES = sys.argv[1], pathlib.Path(sys.argv[2])
SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "style", "g", "rect", "path", "text"}
# The widest letter of a monospaced face that is in use, in parts of its size (Menlo and DejaVu Sans Mono: 0.602).
MONO = 0.61


def draw():
    folder = tempfile.TemporaryDirectory()
    subprocess.run([DRAW, folder.name], check=True, timeout=120)
    files = {path.stem: path.read_bytes() for path in sorted(pathlib.Path(folder.name).iterdir())}
    folder.cleanup()
    return files


def groups(picture, look):
    return [group for group in picture.iter(SVG + "g") if group.get("class") == look]


def words(group):
    return [text.text for text in group.iter(SVG + "text")]


def box(text):
    """Left, top, right, bottom of a monospaced text."""
    looks = text.get("class").split()
    size = 11 if "small" in looks else 20 if "title" in looks else 12
    # Other letters than ASCII may be twice as wide.
    letters = sum(1 if letter < "\x80" or letter in "…⋮µ\ufffd" else 2 for letter in text.text)
    width = letters * size * MONO
    left = float(text.get("x")) - width * {"middle": 0.5, "end": 1}.get(text.get("text-anchor"), 0)
    baseline = float(text.get("y"))
    return left, baseline - size * 0.75, left + width, baseline + size * 0.2


def overlap(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


class Pictures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.files = draw()
        cls.pictures = {name: ElementTree.fromstring(text) for name, text in cls.files.items()}
        cls.recorded = {path.name.split(".")[0]: [json.loads(line) for line in path.read_text().splitlines()]
                        for path in FIXTURES.glob("*.facts")}

    def test_there_are_some(self):
        self.assertGreaterEqual(len(self.recorded), 7)
        self.assertEqual(set(self.files),
                         {name + end for name in self.recorded for end in ("", "-failed")} | {"nothing", "hostile"})

    def test_the_same_trace_is_the_same_picture(self):
        self.assertEqual(draw(), self.files)

    def test_nothing_comes_from_outside_or_runs(self):
        for name, picture in self.pictures.items():
            for element in picture.iter():
                self.assertIn(element.tag.removeprefix(SVG), ELEMENTS, name)
                for attribute, value in element.attrib.items():
                    self.assertIn(attribute, {"class", "x", "y", "width", "height", "rx", "d", "role", "viewBox",
                                              "text-anchor"}, name)
                    self.assertNotIn("url", value, name)
            style = picture.find(SVG + "style").text
            self.assertNotRegex(style, r"url|import|@font-face|expression", name)
            self.assertIn("prefers-color-scheme: dark", style)

    def test_every_packet_state_call_and_signal_is_there(self):
        for name, facts in self.recorded.items():
            picture = self.pictures[name]
            began = next(fact["began"] for fact in facts if fact["fact"] == "call" and fact["name"] == "connect")
            packets = [fact for fact in facts if fact["fact"] == "packet"]
            drawn = groups(picture, "packet")
            self.assertEqual(len(drawn), len(packets), name)
            for packet, group in zip(sorted(packets, key=lambda fact: fact["at"]), drawn):
                self.assertIn(f"flags {packet['flags']}, {packet['length']} bytes", group.find(SVG + "title").text)
            calls = [f"{fact['name']} = {fact['result']}" for fact in facts
                     if fact["fact"] == "call" and fact["ended"] >= began]
            shown = [text.split(" E")[0] for group in groups(picture, "made") for text in words(group)]
            self.assertEqual(sorted(shown), sorted(calls), name)
            self.assertEqual(len(groups(picture, "signal-sent")),
                             len([fact for fact in facts if fact["fact"] == "signal"]), name)
            seen = {fact["state"] for fact in facts if fact["fact"] == "sighting"} - {"listen", "syn_sent", "syn_recv"}
            states = {words(group)[0] for group in groups(picture, "state")}
            for state in seen:
                self.assertIn(re.sub(r"(?<=WAIT)(?=\d)", "-", state.upper().replace("_", "-")), states, name)

    def test_the_verdict_is_there_with_its_faults(self):
        for name in self.recorded:
            self.assertIn("PASS", words(self.pictures[name]))
            failed = words(self.pictures[name + "-failed"])
            self.assertIn("FAIL", failed)
            self.assertTrue(any("packets went" in text for text in failed), name)

    def test_texts_do_not_overlap_and_stay_inside(self):
        for name, picture in self.pictures.items():
            _, _, width, height = map(float, picture.get("viewBox").split())
            boxes = [(box(text), text.text) for text in picture.iter(SVG + "text")]
            self.assertGreater(len(boxes), 5, name)
            boxes.sort(key=lambda entry: entry[0][1])
            for index, (one, said) in enumerate(boxes):
                self.assertTrue(one[0] >= 0 and one[1] >= 0 and one[2] <= width and one[3] <= height, (name, said))
                for other, also in boxes[index + 1:]:
                    if other[1] > one[3]:
                        break
                    self.assertFalse(overlap(one, other), f"{name}: '{said}' and '{also}'")

    def test_a_long_wait_is_torn_out(self):
        picture = self.pictures["late-close-after-expiry"]
        waits = [words(group)[0] for group in groups(picture, "break")]
        self.assertTrue(any(re.fullmatch(r"2\.\d+ s", wait) for wait in waits), waits)
        self.assertLess(float(picture.get("height")), 1200)

    def test_the_picture_of_the_readme_looks_as_they_look_now(self):
        picture = ElementTree.parse(FIXTURES.parents[2] / "deploy/manual/late-close.svg").getroot()
        drawn = self.pictures["late-close"]
        self.assertEqual(picture.find(SVG + "style").text, drawn.find(SVG + "style").text)
        self.assertEqual(words(picture)[:2], words(drawn)[:2])
        self.assertEqual(len(groups(picture, "packet")), len(groups(drawn, "packet")))

    def test_text_from_outside_is_text(self):
        hostile = self.files["hostile"]
        self.assertNotIn(b"<script", hostile)
        self.assertNotIn(b"<b>", hostile)
        said = "".join(self.pictures["hostile"].itertext())
        self.assertIn("<script>alert('", said)
        self.assertIn("中文", said)
        self.assertIn("\ufffd", said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
