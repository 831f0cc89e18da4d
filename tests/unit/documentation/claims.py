#!/usr/bin/env python3
"""SECURITY.md's last table: each claim names the tests that hold it, and each of these tests exists.

A test is named as CTest or its file names it: `Suite.Test` or `Suite.*` of GoogleTest, `file_test.py:test_name` or
`file_test.py` of Python's unittest, `file.py:function` of a case of tests/faults, `name.test.yml: title` of
promtool, `folder/script: title` of a case that a shell script of tests/ expects."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
HEADLINE = "## Claims and the tests that hold them"


def claims():
    """(claim, [test]) of each row."""
    table = (ROOT / "SECURITY.md").read_text().split(HEADLINE)[1]
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 2 and cells[0] != "claim" and not set(cells[0]) <= set("-"):
            yield cells[0], re.findall(r"`([^`]+)`", cells[1])


def exists(test, cases, files):
    if ".test.yml: " in test:
        name, title = test.split(": ", 1)
        return any(path.name == name and f"name: {title}\n" in path.read_text() for path in files)
    if ": " in test:
        name, title = test.split(": ", 1)
        script = ROOT / "tests" / name
        return script.is_file() and f'expect "{title}"' in script.read_text()
    if ".py" in test:
        name, _, method = test.partition(":")
        return any(path.name == name and (not method or re.search(rf"def {method}\(", path.read_text()))
                   for path in files)
    suite, _, case = test.partition(".")
    return any(known == (suite, case) or (case == "*" and known[0] == suite) for known in cases)


def main():
    files = [path for path in (ROOT / "tests").rglob("*") if path.suffix in (".cpp", ".py", ".yml")]
    cases = {case for path in files if path.suffix == ".cpp"
             for case in re.findall(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", path.read_text())}
    troubles, rows = [], 0
    for claim, tests in claims():
        rows += 1
        if not tests:
            troubles.append(f"no test holds: {claim}")
        troubles += [f"there is no test {test}: {claim}" for test in tests if not exists(test, cases, files)]
    if rows == 0:
        troubles.append("SECURITY.md has no table of claims")
    print("\n".join(troubles) or f"{rows} claims, each with its tests")
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main())
