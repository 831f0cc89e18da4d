#!/usr/bin/env python3
"""Holds the runs of scenarios that the documents show to the catalogue: the explanation in its words, the states of both
ends in the order that the scenario expects, and the verdict."""

import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[3]
CATALOGUE = ROOT / "daemon/scenarios/definition/catalogue"
DOCUMENTS = ("README.md", "README.zh-CN.md", "daemon/scenarios/README.md", "daemon/scenarios/README.zh-CN.md")
SAMPLE = re.compile(r"^\$ halfclosed scenario run (\S+).*\n(.*\n)((?:.*\S.*\n)+)\n((?:.*\n)*?)```", re.MULTILINE)


def states(diagram, end):
    """The states of one end, in their order; those in parentheses too."""
    lines = diagram.splitlines()
    column = lines[0].index(end)
    shown = (re.match(r"\(?([A-Z][A-Z0-9-]+)\)?", line[column:]) for line in lines[1:])
    return [match[1].lower().replace("-wait-", "_wait").replace("-", "_") for match in shown if match]


def troubles(name, title, explanation, diagram):
    path = CATALOGUE / f"{name}.toml"
    if not path.exists():
        yield "there is no such scenario"
        return
    scenario = tomllib.loads(path.read_text())
    if not title.startswith(f"{name} "):
        yield f"its first line is {title!r}"
    if explanation.split() != scenario["explanation"].split():
        yield "its explanation is not that of the catalogue"
    for end in ("client", "server"):
        expected = [each["state"] for each in scenario["expect"][end]]
        if states(diagram, end) != expected:
            yield f"the {end}'s states are {states(diagram, end)}, expected are {expected}"
    if not re.search(rf"^PASS  {name}  ", diagram, re.MULTILINE):
        yield "it does not end with its verdict"


def main():
    wrong, samples = [], 0
    for document in DOCUMENTS:
        found = SAMPLE.findall((ROOT / document).read_text())
        if not found:
            wrong.append(f"{document}: shows no run of a scenario")
        for name, *parts in found:
            samples += 1
            wrong += [f"{document}: {name}: {trouble}" for trouble in troubles(name, *parts)]
    print("\n".join(wrong) or f"{samples} runs, each as its scenario says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
