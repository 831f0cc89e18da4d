#!/usr/bin/env python3
"""A live Prometheus scrapes a live daemon while leaks and churn fill it: the page is as the contract says, and no query
of any panel comes back empty.

Usage: panels_test.py [HALFCLOSED [TEST...]]

With HALFCLOSED_RESULTS=FILE the answers are kept there, for tests/grafana/pixels to draw."""

import itertools
import json
import math
import os
import re
import sys
import time
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TESTS), str(TESTS / "prometheus"), str(TESTS / "grafana")]

import contract
import dashboard_lint
import harness
import servers
import traffic
from harness import DEPLOY, halfclosed
from scaled_time import set_fin_timeout

BOARDS = [json.loads(path.read_text()) for path in sorted((DEPLOY / "grafana/dashboards").glob("*.json"))]

# What is empty here and why; anything else that is empty fails, and so does an entry that is not.
EMPTY = {
    'limit="tcp_max_orphans"': "exists in the first network namespace only, and this test runs in one of its own",
    "instance:halfclosed_orphans_of_limit:ratio": "needs tcp_max_orphans, as above",
    "instance_namespace_pod_container_cause:halfclosed_close_wait_leaked_sockets:sum": "needs kube-state-metrics",
    "halfclosed_resets_total": "needs the kernel's own counts, without which this daemon runs",
}
VALUES = {"__rate_interval": "5s", "__range": "60s", "__interval": "1s", "job": "halfclosed",
          "instance": servers.PAGE, "port": ".+"}
SAMPLE = re.compile(r'^(\w+)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

MOST_WAIT = 60  # seconds

running = []


def setUpModule():
    """Every kind of leak, both ways in which FIN-WAIT-2 ends by itself and one by force; thirty seconds of it."""
    set_fin_timeout(2)
    running.append(servers.Halfclosed())
    running.append(servers.scaled_prometheus())
    leaky = [traffic.LeakyServer(9999, "not_closed", "shop.service")]
    running.extend(leaky)
    leaky[0].leak(20)
    churns = [traffic.Churn(9998, 20), traffic.Churn(9997, 5, late=0.8), traffic.Churn(9996, 5, late=4.0)]
    time.sleep(25)
    # On a busy machine what is to be counted comes later: the churn goes on until every query has something to say.
    give_up = time.time() + MOST_WAIT
    while not Dashboards.ask_all() and time.time() < give_up:
        time.sleep(2)
    for churn in churns:
        churn.stop()


def tearDownModule():
    for server in reversed(running):
        server.kill()


def series():
    """{(name, labels)} of the page, and the type of each metric."""
    found, types = [], {}
    for line in running[0].page().splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            types[name] = kind
        elif line and not line.startswith("#"):
            name, labels, _ = SAMPLE.match(line).groups()
            found.append((name, dict(LABEL.findall(labels or ""))))
    return found, types


class Page(unittest.TestCase):
    def test_page_has_what_the_contract_has_and_nothing_else(self):
        found, types = series()
        wanted = {name: kind for name, (kind, _) in contract.METRICS.items()}
        for name in contract.MAY_BE_ABSENT - set(types):
            del wanted[name]
        self.assertEqual(types.items() ^ wanted.items(), set())
        for name, labels in found:
            known = {k: v for k, v in contract.labels_of(name).items() if k not in ("job", "instance")}
            self.assertEqual(set(labels), set(known), name)
            for label, value in labels.items():
                if known[label] is not None:
                    self.assertIn(value, known[label], f"{name} {label}")


class Runbook(unittest.TestCase):
    def test_its_commands_are_commands_of_the_program(self):
        text = (DEPLOY / "prometheus/runbook.md").read_text()
        commands = [line.split() for line in re.findall(r"^    (halfclosed .*)$|`(halfclosed [a-z][^`]*)`", text, re.MULTILINE)
                    for line in line if line]
        self.assertGreater(len(commands), 10)
        for words in commands:
            with self.subTest(" ".join(words)):
                plain = list(itertools.takewhile(lambda word: not word.startswith("-"), words[1:]))
                depth = 2 if plain[:1] == ["scenario"] else 1
                help_text = "".join(halfclosed(*plain[:n], "--help", check=True).stdout for n in range(depth + 1))
                for flag in (word for word in words if word.startswith("--")):
                    self.assertIn(flag, help_text)


class Dashboards(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if "HALFCLOSED_RESULTS" in os.environ:
            kept = {board["uid"]: {panel["id"]: {target["refId"]: cls.answer(target) for target in panel["targets"]}
                                   for panel in dashboard_lint.panels(board)} for board in BOARDS}
            Path(os.environ["HALFCLOSED_RESULTS"]).write_text(json.dumps(kept))

    @classmethod
    def ask_all(cls):
        """Looks at this moment from now on; whether each query is filled that is to be."""
        cls.prometheus = running[1]
        cls.now = time.time()
        targets = [target for board in BOARDS for panel in dashboard_lint.panels(board) for target in panel["targets"]]
        return all(cls.filled(target) for target in targets if not cls.reasons(target)) and not cls.missing_numbers()

    @staticmethod
    def reasons(target):
        """Why it is empty here."""
        return [text for text in EMPTY if text in target["expr"]]

    @classmethod
    def filled(cls, target):
        return any(not math.isnan(float(value)) for series in cls.answer(target) for _, value in series["values"])

    @classmethod
    def answer(cls, target):
        """[{metric, values}] as Grafana would get it: one value for a query of this moment, else a line of them."""
        expr = dashboard_lint.expand(target["expr"], VALUES)
        if target.get("instant"):
            series = cls.prometheus.ask("query", query=expr, time=cls.now)["result"]
            return [{"metric": s["metric"], "values": [s["value"]]} for s in series]
        return cls.prometheus.query_range(expr, cls.now - 20, cls.now, "1s")

    def test_no_query_of_a_panel_is_empty(self):
        used = set()
        for board in BOARDS:
            for panel in dashboard_lint.panels(board):
                for target in panel["targets"]:
                    reasons = self.reasons(target)
                    used.update(reasons)
                    with self.subTest(board=board["uid"], panel=panel["title"], query=target["refId"]):
                        self.assertEqual(self.filled(target), not reasons, target["expr"])
        self.assertEqual(used, set(EMPTY), "a reason that no query needs")

    def test_queries_of_annotations_and_variables_are_answered(self):
        for board in BOARDS:
            for annotation in board["annotations"]["list"]:
                self.prometheus.query_range(dashboard_lint.expand(annotation["expr"], VALUES), self.now - 20, self.now, 1)
            for variable in board["templating"]["list"]:
                match = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"])
                if match:
                    found = self.prometheus.ask(f"label/{match[2]}/values",
                                                **{"match[]": dashboard_lint.expand(match[1], VALUES)})
                    with self.subTest(board=board["uid"], variable=variable["name"]):
                        self.assertTrue(found)

    @classmethod
    def missing_numbers(cls):
        """Of the state machines, those that no query has a result for."""
        missing = set()
        for panel in (p for board in BOARDS for p in board["panels"] if p["type"] == "canvas"):
            legends = {re.sub(r"{{(\w+)}}", lambda m: series["metric"][m[1]], target["legendFormat"])
                       for target in panel["targets"] for series in cls.answer(target)}
            shown = {e["config"]["text"].get("field") for e in panel["options"]["root"]["elements"]} - {None}
            missing |= shown - legends
        return missing

    def test_state_machine_has_a_result_for_each_of_its_numbers(self):
        self.assertEqual(self.missing_numbers(), set())


if __name__ == "__main__":
    harness.run(limit=180)
