"""The measured tables as Markdown, and the first as a plot."""

import datetime
import html
import math
import os
import platform
import re
import statistics
import subprocess
from pathlib import Path

from looks import COLLECTD, NODE_EXPORTER

ROOT = Path(__file__).resolve().parents[2]
# Names of poll_cost, and how the table calls them.
ROWS = (("halfclosed, closing poll where the kernel itself counts", "halfclosed, closing poll, exact"),
        ("halfclosed, closing poll", "halfclosed, closing poll, a walk"),
        ("halfclosed, the walk of a closing poll", "halfclosed, the walk of that poll alone"),
        ("kernel alone, half-closed states, one walk (the floor)", "the kernel alone, half-closed sockets"),
        ("halfclosed, census", "halfclosed, census"),
        ("kernel alone, every socket, one walk", "the kernel alone, every socket"),
        ("ss -tan state close-wait", "`ss -tan state close-wait`"),
        ("ss -tan", "`ss -tan`"),
        (COLLECTD, "collectd's tcpconns, one read"),
        (NODE_EXPORTER, "node_exporter's tcpstat and sockstat, a scrape"))
COLOURS = ("#1b7837", "#5aae61", "#a6dba0", "#888888", "#762a83", "#aaaaaa", "#2166ac", "#67a9cf", "#b35806", "#d6604d")


def machine():
    cpu = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[1]) / 2**20
    git = lambda *words: subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True).stdout.strip()
    changed = "+" if git("status", "--porcelain", "--", ".", ":!docs") else ""
    return (f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Linux {platform.release()}; "
            f"{datetime.date.today().isoformat()}, revision {git('rev-parse', '--short=8', 'HEAD')}{changed}")


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def spread(values):
    if not values:
        return "–"
    return f"{number(statistics.median(values))} ({number(min(values))}–{number(max(values))})"


def rows_of(headline, rows):
    yield "| " + " | ".join(headline) + " |"
    yield "|---" * len(headline) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def looks_table(tables):
    headline = ["CPU time of one look, ms", *(f"{table['sockets']:,} sockets" for table in tables)]
    rows = [[title, *(spread(table["looks"].get(name, {}).get("cpu_ms")) for table in tables)] for name, title in ROWS]
    floor = ROWS[3][0]

    def ratio(looks, name):
        """Of each round its own: what disturbs a round disturbs both."""
        return statistics.median(mine / bare for mine, bare in zip(looks[name]["cpu_ms"], looks[floor]["cpu_ms"]))

    rows[4:4] = [[f"{what}, in terms of the kernel alone", *(f"{ratio(table['looks'], name):.2f}" for table in tables)]
                 for what, name in (("the walk", ROWS[2][0]), ("the poll with that walk", ROWS[1][0]))]
    return rows_of(headline, rows)


def memory_table(tables):
    headline = ["resident memory at most, MB", *(f"{table['sockets']:,} sockets" for table in tables)]
    rows = []
    for exact, title in (("on", "halfclosed serve, exact"), ("off", "halfclosed serve, walks")):
        rows.append([title, *(number(table["daemon"][exact]["memory_mb"]) if exact in table["daemon"] else "–" for table in tables)])
    for name, title in ((NODE_EXPORTER, "node_exporter"), (COLLECTD, "collectd")):
        rows.append([title, *(number(table["memory"][name]) if name in table["memory"] else "–" for table in tables)])
    return rows_of(headline, rows)


def scrape_table(tables):
    headline = ["a scrape, ms", *(f"{table['sockets']:,} sockets" for table in tables)]
    rows = [[title, *(spread(table["daemon"].get(exact, {}).get("scrape_ms")) for table in tables)]
            for exact, title in (("on", "halfclosed serve, exact"), ("off", "halfclosed serve, walks"))]
    rows.append(["node_exporter", *(spread(table["looks"].get(NODE_EXPORTER, {}).get("wall_ms")) for table in tables)])
    return rows_of(headline, rows)


def growth_table(what, rows):
    polls = what in ("half-closed sockets", "watched ports")
    headline = [what, *(("a walk, ms", "exact, ms", "the kernel alone, ms") if polls else ("% of a core", "resident, MB"))]
    return rows_of(headline, [[f"{count:,}", *("–" if value is None else number(value) for value in values)]
                              for count, values in rows])


def markdown(tables, grown):
    crowds = ", ".join(f"{table['half_closed']:,} of {table['sockets']:,}" for table in tables)
    lines = ["# What a look costs", "",
             "Written by `tests/bench/table --write`, which `tests/run --record bench` runs; nothing here is typed.", "",
             f"Measured on {machine()}.", "",
             f"Half-closed are {crowds} sockets, half of them in FIN-WAIT-2 and half in CLOSE-WAIT. Everybody has a turn in "
             f"each of {'/'.join(str(table['rounds']) for table in tables)} rounds and finds the caches cold; figures are "
             "medians, with the least and the most in parentheses. CPU time is user and system together. collectd's has its "
             "start in it.", "", *looks_table(tables), "", "![CPU time of one look by sockets](benchmark.svg)", "",
             *memory_table(tables), "", *scrape_table(tables), "", "## How it grows", "",
             "Polls are of 20,000 sockets; for watched ports 200 of them are half-closed. Of owners each has ten leaks, of "
             "namespaces each has 20 sockets, 2 of them half-closed; the CPU time is then the daemon's own, with a poll a "
             "second.", ""]
    for what, rows in grown.items():
        if rows:
            lines += [*growth_table(what, rows), ""]
    return "\n".join(lines)


def plot(tables):
    """Both axes logarithmic; a line for each row of the first table."""
    width, height, left, bottom, top, right = 860, 460, 60, 50, 20, 330
    xs = [math.log10(table["sockets"]) for table in tables]
    lines = [(title.replace("`", ""), [(x, math.log10(max(0.01, statistics.median(table["looks"][name]["cpu_ms"]))))
                                       for x, table in zip(xs, tables) if name in table["looks"]]) for name, title in ROWS]
    ys = [y for _, points in lines for _, y in points]
    low, high = math.floor(min(ys)), math.ceil(max(ys))
    first, last = min(xs), max(max(xs), min(xs) + 1)
    place = lambda x, y: (left + (x - first) / (last - first) * (width - left - right),
                          height - bottom - (y - low) / (high - low) * (height - bottom - top))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
           "<title>CPU time of one look by sockets</title>",
           "<style>text{fill:#222}.grid{stroke:#8886}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>"]
    for y in range(low, high + 1):
        _, at = place(first, y)
        out.append(f'<line class="grid" x1="{left}" y1="{at:.1f}" x2="{width - right}" y2="{at:.1f}"/>'
                   f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{10.0 ** y:g} ms</text>')
    for x, table in zip(xs, tables):
        at, _ = place(x, low)
        out.append(f'<line class="grid" x1="{at:.1f}" y1="{top}" x2="{at:.1f}" y2="{height - bottom}"/>'
                   f'<text x="{at:.1f}" y="{height - bottom + 18}" text-anchor="middle">{table["sockets"]:,}</text>')
    out.append(f'<text x="{(left + width - right) / 2:.0f}" y="{height - 10}" text-anchor="middle">sockets</text>')
    # Names beside the last points, none over another.
    shown = sorted(((place(*points[-1])[1], title, points, colour) for (title, points), colour in zip(lines, COLOURS) if points))
    lowest = top
    for at, title, points, colour in shown:
        lowest = max(lowest + 15, at)
        track = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in points)
        out.append(f'<polyline points="{track}" fill="none" stroke="{colour}" stroke-width="2"/>'
                   f'<line x1="{width - right}" y1="{at:.1f}" x2="{width - right + 14}" y2="{lowest:.1f}" stroke="{colour}"/>'
                   f'<text x="{width - right + 18}" y="{lowest + 4:.1f}">{html.escape(title)}</text>')
    return "\n".join([*out, "</svg>", ""])
