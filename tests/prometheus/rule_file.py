"""Reads our own rule files, which keep to one plain layout: promtool decides whether they are valid YAML and PromQL,
this decides whether they are as we want them. A line that does not fit the layout is an error, never skipped.
"""

import re
from dataclasses import dataclass, field


@dataclass
class Rule:
    kind: str                      # alert or record
    name: str
    line: int
    expr: str = ""
    hold: str = ""                 # for
    keep: str = ""                 # keep_firing_for
    labels: dict = field(default_factory=dict)
    annotations: dict = field(default_factory=dict)


def read_rules(path):
    rules, block, section = [], None, None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        if block and (not text or indent > block[2]):
            block[0][block[1]] = (block[0][block[1]] + "\n" + text).strip()
            continue
        block = None
        if not text or text.startswith("#"):
            continue
        if match := re.fullmatch(r"      - (alert|record): (\S+)", line):
            rules.append(Rule(match[1], match[2], number))
            section = None
        elif match := re.fullmatch(r"        (expr|for|keep_firing_for|labels|annotations):(?: (.*))?", line):
            name = {"for": "hold", "keep_firing_for": "keep"}.get(match[1], match[1])
            if name in ("labels", "annotations"):
                section = getattr(rules[-1], name)
            elif match[2] == "|":
                block = (vars(rules[-1]), name, indent)
            else:
                setattr(rules[-1], name, match[2])
        elif section is not None and (match := re.fullmatch(r"          (\w+): (.*)", line)):
            section[match[1]] = match[2]
            if match[2] == ">-":
                section[match[1]] = ""
                block = (section, match[1], indent)
        elif not re.fullmatch(r"groups:|  - name: [a-z-]+|    rules:", line):
            raise ValueError(f"{path.name}:{number}: does not fit the layout: {text}")
    return rules
