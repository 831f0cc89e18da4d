#!/usr/bin/env python3
"""The PrometheusRule of deploy/kubernetes/prometheus-operator holds the rule files as they are.

Usage: operator_test.py [--write]     --write: makes it of them
"""

import sys
import unittest
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
OBJECTS = DEPLOY / "kubernetes/prometheus-operator/prometheusrule.yaml"
FILES = {"halfclosed-alerts": "halfclosed.alerts.yml", "halfclosed-rules": "halfclosed.rules.yml",
         "halfclosed-kubernetes": "halfclosed.kubernetes.rules.yml"}


def rule_object(name, file):
    """The groups of a rule file; its opening comment, which is for people who load it as a file, is left out."""
    text = (DEPLOY / "prometheus" / file).read_text()
    groups = text[text.index("groups:"):]
    indented = "".join(f"  {line}" if line.strip() else line for line in groups.splitlines(keepends=True))
    return (f"# deploy/prometheus/{file}\n"
            "apiVersion: monitoring.coreos.com/v1\n"
            "kind: PrometheusRule\n"
            "metadata:\n"
            f"  name: {name}\n"
            "  labels:\n"
            "    app.kubernetes.io/name: halfclosed\n"
            f"spec:\n{indented}")


def objects():
    return "---\n".join(rule_object(name, file) for name, file in FILES.items())


class PrometheusRule(unittest.TestCase):
    def test_it_holds_the_rule_files(self):
        self.assertEqual(OBJECTS.read_text(), objects(), "tests/prometheus/rules/operator_test.py --write")

    def test_every_rule_file_is_in_it(self):
        found = {path.name for path in (DEPLOY / "prometheus").glob("halfclosed*.yml")}
        self.assertEqual(found, set(FILES.values()))


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        OBJECTS.write_text(objects())
    else:
        unittest.main(verbosity=2)
