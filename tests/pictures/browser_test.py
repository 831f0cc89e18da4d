#!/usr/bin/env python3
"""The SVG pictures in headless Chromium, light and dark: every text inside, none over another, all of them readable.

Usage: browser_test.py DRAW_STORIES [FOLDER]

Leaves pictures of the pages in FOLDER, if one is named, for a person to look at.
"""

import base64
import concurrent.futures
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

DRAW = os.path.abspath(sys.argv[1])
FOLDER = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
CHROMIUM = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"]
# blink::mojom::PreferredColorScheme
SCHEMES = {"dark": 0, "light": 1}
# What a browser makes of the pictures that stand in the page, and of those that it loads as images.
LOOK = r"""
function luminance(color) {
    const [r, g, b] = color.match(/[\d.]+/g).slice(0, 3).map((part) => {
        const share = part / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(one, other) {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
}
const inside = (inner, outer) => inner.x >= outer.x && inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
const over = (one, other) => one.x < other.x + other.width && other.x < one.x + one.width &&
    one.y < other.y + other.height && other.y < one.y + one.height;
/** The letters' own height is some 3/4 of the box that a face has for them. */
function letters(text) {
    const box = text.getBBox();
    return { x: box.x, width: box.width, y: box.y + box.height * 0.15, height: box.height * 0.7 };
}
function look(svg) {
    const faults = [];
    const page = svg.viewBox.baseVal;
    const texts = [...svg.querySelectorAll('text')].map((text) => ({ text, box: letters(text) }));
    const grounds = [...svg.querySelectorAll('rect')].filter((rect) => !rect.classList.contains('strip'));
    for (const { text, box } of texts) {
        if (!inside(box, page)) faults.push(`outside: ${text.textContent}`);
        const ground = grounds.filter((rect) => inside({ ...box, width: 1 }, rect.getBBox())).pop();
        const ratio = contrast(getComputedStyle(text).fill, getComputedStyle(ground).fill);
        if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${text.textContent}`);
    }
    texts.sort((one, other) => one.box.y - other.box.y);
    texts.forEach((one, index) => {
        for (let next = index + 1; next < texts.length && texts[next].box.y < one.box.y + one.box.height; next++) {
            if (over(one.box, texts[next].box)) {
                faults.push(`over another: ${one.text.textContent} / ${texts[next].text.textContent}`);
            }
        }
    });
    return { texts: texts.length, page: getComputedStyle(svg.querySelector('.page')).fill, faults };
}
const found = {};
for (const picture of document.querySelectorAll('section')) {
    found[picture.dataset.name] = { ...look(picture.querySelector('svg')),
        image: picture.querySelector('img').naturalWidth };
}
document.getElementById('found').textContent = JSON.stringify(found);
"""


def chromium(scheme, *arguments):
    profile = tempfile.mkdtemp(prefix="halfclosed-browser-")
    try:
        return subprocess.run([*CHROMIUM, f"--user-data-dir={profile}",
                               f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", *arguments],
                              capture_output=True, text=True, check=True, timeout=120).stdout
    finally:
        shutil.rmtree(profile, ignore_errors=True)


def page_of(pictures):
    sections = []
    for name, text in pictures.items():
        image = base64.b64encode(text.encode()).decode()
        sections.append(f'<section data-name="{html.escape(name)}">{text}'
                        f'<img src="data:image/svg+xml;base64,{image}" height="10"></section>')
    return ('<!doctype html><meta charset="utf-8"><body>' + "".join(sections) +
            f'<pre id="found"></pre><script>onload = () => {{ {LOOK} }}</script>')


def broken(picture):
    """A picture with one text too far to the right, one twice, and one that is as good as white."""
    late = '<text class="label" x="960" y="600">too far to the right</text>'
    twice = re.search(r'<text class="title".*?</text>', picture)[0]
    pale = '<text x="20" y="12" style="fill: #eeeeee">pale</text>'
    return picture.replace("</svg>", late + twice + pale + "</svg>")


class Browser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory(prefix="halfclosed-pictures-") as folder:
            subprocess.run([DRAW, folder], check=True, timeout=120)
            cls.pictures = {path.stem: path.read_text() for path in sorted(pathlib.Path(folder).iterdir())}
            page = pathlib.Path(folder, "page.html")
            page.write_text(page_of({**cls.pictures, "broken": broken(cls.pictures["late-close"])}))
            cls.found = {}
            for scheme in SCHEMES:
                dom = chromium(scheme, "--dump-dom", page.as_uri())
                cls.found[scheme] = json.loads(html.unescape(re.search(r'<pre id="found">(.*?)</pre>', dom)[1]))
            cls.broken = cls.found["light"]["broken"]["faults"]
            for found in cls.found.values():
                del found["broken"]
            if FOLDER:
                cls.keep(folder)

    @classmethod
    def keep(cls, folder):
        def take(name, scheme):
            height = int(float(re.search(r'viewBox="0 0 1000 ([\d.]+)"', cls.pictures[name])[1])) + 1
            chromium(scheme, f"--window-size=1000,{min(height, 4000)}", f"--screenshot={FOLDER}/{name}-{scheme}.png",
                     pathlib.Path(folder, name + ".svg").as_uri())

        FOLDER.mkdir(parents=True, exist_ok=True)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for taken in [pool.submit(take, name, scheme) for name in cls.pictures for scheme in SCHEMES]:
                taken.result()

    def test_every_text_is_inside_and_readable_and_none_over_another(self):
        for scheme, found in self.found.items():
            self.assertEqual(set(found), set(self.pictures), scheme)
            for name, picture in found.items():
                self.assertGreater(picture["texts"], 10, name)
                self.assertEqual(picture["faults"], [], f"{name}, {scheme}")

    def test_a_broken_picture_is_noticed(self):
        for fault in ("outside: too far", "over another: late-close", "contrast 1.16: pale"):
            self.assertTrue(any(fault in found for found in self.broken), (fault, self.broken))

    def test_the_page_is_dark_where_the_reader_likes_it_so(self):
        for name in self.pictures:
            self.assertEqual(self.found["light"][name]["page"], "rgb(255, 255, 255)", name)
            self.assertEqual(self.found["dark"][name]["page"], "rgb(13, 17, 23)", name)

    def test_each_is_an_image_too(self):
        for name in self.pictures:
            self.assertGreater(self.found["light"][name]["image"], 0, name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
