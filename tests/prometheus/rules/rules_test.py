#!/usr/bin/env python3
"""The rules of deploy/prometheus: valid, as we want them, explained in the runbook, and tested, each test file by
promtool. Needs promtool; the standard library does for the rest."""

import re
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import contract  # noqa: E402
import promql    # noqa: E402
from rule_file import read_rules  # noqa: E402

DEPLOY = HERE.parents[2] / "deploy/prometheus"
ALERTS = read_rules(DEPLOY / "halfclosed.alerts.yml")
RECORDS = read_rules(DEPLOY / "halfclosed.rules.yml")
RUNBOOK = (DEPLOY / "runbook.md").read_text()
TESTS = {path.name: path.read_text() for path in sorted(HERE.glob("*.test.yml"))}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def seconds(duration):
    return int(duration[:-1]) * {"s": 1, "m": 60}[duration[-1]]


class Promtool(unittest.TestCase):
    def test_rules_are_valid(self):
        for name in ("halfclosed.alerts.yml", "halfclosed.rules.yml", "halfclosed.kubernetes.rules.yml"):
            result = run("promtool", "check", "rules", "--lint=all", "--lint-fatal", DEPLOY / name)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_configuration_is_valid(self):
        result = run("promtool", "check", "config", DEPLOY / "prometheus.yml")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        result = run("amtool", "check-config", DEPLOY / "alertmanager.yml")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_rules_do_what_the_cases_say(self):
        self.assertTrue(TESTS)
        for name in TESTS:
            with self.subTest(name):
                result = run("promtool", "test", "rules", HERE / name)
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


class Expressions(unittest.TestCase):
    def test_series_are_of_the_contract(self):
        for rule in ALERTS + RECORDS:
            for selector in promql.read(rule.expr).selectors:
                with self.subTest(rule=rule.name, metric=selector.metric):
                    labels = contract.labels_of(selector.metric)
                    self.assertIsNotNone(labels, "not in the contract")
                    self.assertEqual(str(selector.matcher("job")), str(promql.Matcher("job", "=", "halfclosed")))
                    for matcher in selector.matchers:
                        self.assertIn(matcher.label, labels)
                        known = labels[matcher.label]
                        for value in matcher.value.split("|") if known else ():
                            self.assertIn(value, known)

    def test_counters_are_only_read_as_rates(self):
        for rule in ALERTS + RECORDS:
            for selector in promql.read(rule.expr).selectors:
                rated = {"rate", "increase"} & set(selector.functions)
                with self.subTest(rule=rule.name, metric=selector.metric):
                    self.assertEqual(contract.is_counter(selector.metric), bool(rated))

    def test_aggregation_keeps_the_labels_of_the_target(self):
        for rule in ALERTS + RECORDS:
            for clause, labels in promql.read(rule.expr).clauses:
                with self.subTest(rule=rule.name, clause=clause):
                    self.assertNotIn(clause, ("by", "group_left", "group_right"))
                    if clause == "without":
                        self.assertFalse({"job", "instance"} & set(labels))

    def test_recorded_names_tell_level_metric_and_operation(self):
        for rule in RECORDS:
            with self.subTest(rule.name):
                self.assertRegex(rule.name, r"^instance(_[a-z_]+)?:halfclosed_[a-z0-9_]+:(sum|min|max|ratio|rate5m)$")
                self.assertEqual(rule.name.endswith("rate5m"), "[5m]" in rule.expr)


class Alerts(unittest.TestCase):
    def test_there_are_those_of_the_contract(self):
        self.assertEqual({rule.name for rule in ALERTS}, contract.ALERTS)

    def test_each_says_what_a_person_needs(self):
        for rule in ALERTS:
            with self.subTest(rule.name):
                self.assertEqual(set(rule.labels), {"severity"})
                self.assertIn(rule.labels["severity"], ("critical", "warning", "info"))
                self.assertEqual(set(rule.annotations), {"summary", "description", "runbook_url"})
                self.assertNotIn("{{", rule.annotations["summary"], "a summary is the same for every instance")
                self.assertIn("$labels.instance", rule.annotations["description"])
                # A daemon that is down serves no runbook.
                served = rule.name != "HalfclosedDown"
                place = "http://{{ $labels.instance }}/runbook" if served else "deploy/prometheus/runbook.md"
                self.assertEqual(rule.annotations["runbook_url"], f"{place}#{rule.name.lower()}")

    def test_those_on_leaks_say_who_how_many_since_when_and_how_fast(self):
        for rule in ALERTS:
            if rule.name in ("CloseWaitLeak", "CloseWaitLeakGrowing", "DeadSockets", "DescriptorsRunningOut"):
                with self.subTest(rule.name):
                    text = rule.annotations["description"]
                    for part in ("$labels.owner", "$value", "halfclosed_leak_oldest_age_seconds", "query"):
                        self.assertIn(part, text)
                    self.assertRegex(text, r"within the hour|within five|an hour")

    def test_none_fires_on_a_moment_or_flaps(self):
        for rule in ALERTS:
            with self.subTest(rule.name):
                self.assertGreaterEqual(seconds(rule.hold), 300)
                self.assertGreaterEqual(seconds(rule.keep), 300)

    def test_leaks_outlast_the_last_answer_and_not_the_hour(self):
        for rule in ALERTS:
            if rule.name.startswith("CloseWait"):
                window = max(seconds(s.range) for s in promql.read(rule.expr).selectors)
                with self.subTest(rule.name):
                    self.assertGreater(seconds(rule.keep), 15 * 60)
                    self.assertLess(window + seconds(rule.keep), 60 * 60)
                    self.assertGreater(seconds(rule.keep), window + seconds(rule.hold),
                                       "a leak that changes its labels would look mended in between")

    def test_each_has_its_section_in_the_runbook(self):
        sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))
        self.assertEqual(set(sections), contract.ALERTS)
        for name, text in sections.items():
            with self.subTest(name):
                parts = re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE)
                self.assertEqual(parts, ["Meaning", "Impact", "Diagnosis", "Mitigation"])
        for target in re.findall(r"\]\(#([^)]*)\)", RUNBOOK):
            self.assertIn(target, {name.lower() for name in sections})

    def test_each_has_cases_in_which_it_fires_and_does_not(self):
        for name in contract.ALERTS:
            text = "\n".join(TESTS.values())
            quiet = rf'eval_time: \w+, alertname: {name}}}|count_over_time\(ALERTS{{alertname="{name}"'
            with self.subTest(name):
                self.assertRegex(text, rf"alertname: {name}\n        exp_alerts:\n", "fires")
                self.assertRegex(text, quiet, "does not fire")


if __name__ == "__main__":
    unittest.main()
