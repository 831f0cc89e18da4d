#!/usr/bin/env python3
"""Holds the tables of README.md and README.zh-CN.md equal to their sources: the metrics to the golden page, which a unit
test holds equal to the metric definitions, the layers to CMake's halfclosed_layer(), and the names of the scenarios to
their catalogue. --write brings both up to date; what the last column says of a metric is kept."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
GOLDEN_PAGE = ROOT / "tests/fixtures/metrics/busy.prom"


def metrics():
    """Name, type, labels and help of each metric of the golden page, in its order."""
    found, labels, helps = {}, {}, {}
    for line in GOLDEN_PAGE.read_text().splitlines():
        if line.startswith("# HELP "):
            name, text = line.split(" ", 3)[2:]
            helps[name] = text
        elif line.startswith("# TYPE "):
            name, kind = line.split(" ", 3)[2:]
            found[name] = kind
        elif line:
            sample, _, inner = line.partition("{")
            name = sample.split(" ")[0]
            if name not in found:
                name = re.sub(r"_(bucket|sum|count)$", "", name)
            keys = re.findall(r'(\w+)="', inner)
            labels.setdefault(name, [key for key in keys if key != "le"])
    return [(name, kind, labels.get(name, []), helps[name]) for name, kind in found.items()]


def layers():
    """Folder of each layer, and the layers that it uses in its headers or in its sources, in CMake's order."""
    texts = {path.parent: path.read_text() for path in sorted(ROOT.glob("*/**/CMakeLists.txt"))
             if path.relative_to(ROOT).parts[0] in ("netlink", "daemon", "exporters")}
    calls = {}
    for folder, text in texts.items():
        for name, body in re.findall(r"halfclosed_layer\((\S+)(.*?)\)\s*(?=\n\n|\Z|\n\w)", text, re.S):
            calls[name] = (folder.relative_to(ROOT), body)
    names = {name.replace("/", "_"): name for name in calls}
    table = []
    for name, (folder, body) in calls.items():
        uses = re.search(r"\bUSES\b([^A-Z]*)", body)
        used = set(uses.group(1).split()) if uses else set()
        used |= {names[target] for target in re.findall(r"\bhalfclosed_(\w+)", body)}
        table.append((name, str(folder), sorted(used)))
    return sorted(table, key=lambda row: (len(closure(row[0], table)), row[0]))


def closure(name, table):
    """Every layer below this one, so that a sort by their number puts each layer below those that use it."""
    uses = {row[0]: row[2] for row in table}
    below, waiting = set(), list(uses[name])
    while waiting:
        layer = waiting.pop()
        if layer not in below:
            below.add(layer)
            waiting += uses.get(layer, [])
    return below


def code(words):
    return ", ".join(f"`{word}`" for word in words)


def metric_rows(present):
    meanings = {cells[1].strip(): cells[4].strip() for cells in (row.split("|") for row in present) if len(cells) > 5}
    for name, kind, labels, text in metrics():
        meaning = meanings.get(f"`{name}`") or text.split(". ")[0].rstrip(".")
        yield f"| `{name}` | {kind} | {', '.join(labels)} | {meaning} |"


def layer_rows(_):
    for name, folder, used in layers():
        yield f"| `{name}` | `{folder}/` | {code(used) if used else 'nothing'} |"


def layer_rows_in_chinese(_):
    for row in layer_rows(_):
        yield row.replace("| nothing |", "| 无 |")


TABLES = {
    "README.md": {"| name | type | labels | what it is |": metric_rows, "| layer | folder | may include |": layer_rows},
    "README.zh-CN.md": {"| 名称 | 类型 | 标签 | 含义 |": metric_rows, "| 层 | 目录 | 可以 include |": layer_rows_in_chinese},
}
CATALOGUE = ROOT / "daemon/scenarios/definition/catalogue"


def up_to_date(text, tables, file):
    """The text with its tables as they should be."""
    for head, rows in tables.items():
        before, found, rest = text.partition(head + "\n")
        if not found:
            sys.exit(f"{file} has no table '{head}'")
        lines = rest.split("\n")
        end = next(index for index, line in enumerate(lines) if not line.startswith("|"))
        text = before + found + "\n".join([lines[0], *rows(lines[1:end]), *lines[end:]])
    return text


def scenarios_without_a_row(text):
    names = [path.stem for path in sorted(CATALOGUE.glob("*.toml"))]
    return [name for name in names if f"\n| `{name}` | " not in text]


def main():
    wrong = False
    for file, tables in TABLES.items():
        path = ROOT / file
        present = path.read_text()
        wanted = up_to_date(present, tables, file)
        for name in scenarios_without_a_row(present):
            wrong = True
            print(f"{file} does not tell the scenario {name}")
        if sys.argv[1:] == ["--write"]:
            path.write_text(wanted)
        elif present != wanted:
            wrong = True
            missing = sorted(set(wanted.splitlines()) - set(present.splitlines()))
            surplus = sorted(set(present.splitlines()) - set(wanted.splitlines()))
            print(f"{file} is not up to date; tests/unit/documentation/readme_tables.py --write corrects it")
            print("\n".join([f"+ {line}" for line in missing] + [f"- {line}" for line in surplus]))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
