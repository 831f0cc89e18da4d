"""The rules and configuration of deploy/prometheus, a minute of them in a second.

The change is mechanical, and the only one: every duration is divided by 60 (10m is 10s, 15s is 250ms), and so is every
number of minutes in an expression (2 * 60). Thresholds, windows and their order stay what they are; names of recorded
series are no durations. scale(text) is the same as

    sed -E 's/\\b([0-9]+)m\\b/\\1s/g; s/\\b15s\\b/250ms/g; s/\\* 60\\b/* 1/g'
"""

import re
from pathlib import Path

MINUTE = 1.0    # in seconds


def scale(text):
    def duration(match):
        milliseconds = int(match[1]) * {"s": 1000, "m": 60_000, "h": 3_600_000}[match[2]] // 60
        return f"{milliseconds // 1000}s" if milliseconds % 1000 == 0 else f"{milliseconds}ms"

    return re.sub(r"(?<=\* )60\b", "1", re.sub(r"(?<![\w.])(\d+)([smh])\b", duration, text))


def set_fin_timeout(seconds):
    """Of this network namespace, and of no other."""
    Path("/proc/sys/net/ipv4/tcp_fin_timeout").write_text(str(seconds))
