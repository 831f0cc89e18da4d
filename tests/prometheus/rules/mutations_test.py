#!/usr/bin/env python3
"""Whether the cases see a wrong rule: each change below, made to a copy of the alert rules, must fail some case."""

import concurrent.futures
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ALERTS = HERE.parents[2] / "deploy/prometheus/halfclosed.alerts.yml"
WORKERS = os.cpu_count()

# (case file, alert, what stands there, what to put in its place)
LEAK = "close_wait_leak.test.yml"
GROWING = "close_wait_leak_growing.test.yml"
DEAD = "dead_sockets.test.yml"
DESCRIPTORS = "descriptors_running_out.test.yml"
FIN_WAIT2 = "fin_wait2_expiring.test.yml"
LIMITS = "kernel_limits.test.yml"
OBSERVER = "observer.test.yml"
QUEUE = "accept_queue_full.test.yml"
MUTATIONS = [
    # Too early, too late, for too short, for too long.
    (LEAK, "CloseWaitLeak", "for: 10m", "for: 5m"),
    (LEAK, "CloseWaitLeak", "for: 10m", "for: 20m"),
    (LEAK, "CloseWaitLeak", "keep_firing_for: 20m", "keep_firing_for: 5m"),
    (LEAK, "CloseWaitLeak", "keep_firing_for: 20m", "keep_firing_for: 60m"),
    # Absent taken for zero, a window that makes leaks of bursts, restarts that put the alert off.
    (LEAK, "CloseWaitLeak", "[3m]", "[1m]"),
    (LEAK, "CloseWaitLeak", "[3m]", "[15m]"),
    (LEAK, "CloseWaitLeak", "max_over_time", "min_over_time"),
    (LEAK, "CloseWaitLeak", "max_over_time", "sum without (owner, instance) (max_over_time"),
    (LEAK, "CloseWaitLeak", "> 0", "> 10"),
    (LEAK, "CloseWaitLeak", '{job="halfclosed"}', ""),
    (LEAK, "CloseWaitLeak", "severity: warning", "severity: critical"),
    (GROWING, "CloseWaitLeakGrowing", "for: 10m", "for: 4m"),
    (GROWING, "CloseWaitLeakGrowing", "for: 10m", "for: 20m"),
    (GROWING, "CloseWaitLeakGrowing", "keep_firing_for: 20m", "keep_firing_for: 5m"),
    (GROWING, "CloseWaitLeakGrowing", "keep_firing_for: 20m", "keep_firing_for: 60m"),
    (GROWING, "CloseWaitLeakGrowing", ">= 10", ">= 3"),
    (GROWING, "CloseWaitLeakGrowing", ">= 10", ">= 50"),
    (GROWING, "CloseWaitLeakGrowing", "offset 5m", "offset 15m"),
    (GROWING, "CloseWaitLeakGrowing", "max_over_time", "min_over_time"),
    (GROWING, "CloseWaitLeakGrowing", "or max_over_time(halfclosed_dead_sockets", "unless max_over_time(halfclosed_dead_sockets"),
    (GROWING, "CloseWaitLeakGrowing", "halfclosed_dead_sockets", "halfclosed_no_such_metric"),
    (DEAD, "DeadSockets", "for: 10m", "for: 5m"),
    (DEAD, "DeadSockets", "for: 10m", "for: 20m"),
    (DEAD, "DeadSockets", "keep_firing_for: 20m", "keep_firing_for: 5m"),
    (DEAD, "DeadSockets", "keep_firing_for: 20m", "keep_firing_for: 60m"),
    (DEAD, "DeadSockets", "[3m]", "[15m]"),
    (DEAD, "DeadSockets", "> 0", "> 10"),
    (DESCRIPTORS, "DescriptorsRunningOut", "> 0.9", "> 0.85"),
    (DESCRIPTORS, "DescriptorsRunningOut", "> 0.9", "> 0.95"),
    (DESCRIPTORS, "DescriptorsRunningOut", "> 0.5", "> 0.1"),
    (DESCRIPTORS, "DescriptorsRunningOut", "> 0.5", "> 0.7"),
    (DESCRIPTORS, "DescriptorsRunningOut", "[10m], 4", "[20m], 4"),
    (DESCRIPTORS, "DescriptorsRunningOut", "4 * 3600", "1 * 3600"),
    (DESCRIPTORS, "DescriptorsRunningOut", "4 * 3600", "24 * 3600"),
    (DESCRIPTORS, "DescriptorsRunningOut", "for: 15m", "for: 5m"),
    (DESCRIPTORS, "DescriptorsRunningOut", "for: 15m", "for: 30m"),
    (DESCRIPTORS, "DescriptorsRunningOut", "keep_firing_for: 20m", "keep_firing_for: 5m"),
    (DESCRIPTORS, "DescriptorsRunningOut", "keep_firing_for: 20m", "keep_firing_for: 60m"),
    (OBSERVER, "HalfclosedBlind", "unless on (job, instance, collector) halfclosed_collector_allowed", "or halfclosed_collector_allowed"),
    (FIN_WAIT2, "FinWait2Expiring", "for: 15m", "for: 5m"),
    (FIN_WAIT2, "FinWait2Expiring", "for: 15m", "for: 40m"),
    (FIN_WAIT2, "FinWait2Expiring", "keep_firing_for: 15m", "keep_firing_for: 0m"),
    (FIN_WAIT2, "FinWait2Expiring", "> 0.2", "> 0.05"),
    (FIN_WAIT2, "FinWait2Expiring", "> 0.2", "> 0.6"),
    (FIN_WAIT2, "FinWait2Expiring", ">= 10", ">= 1"),
    (FIN_WAIT2, "FinWait2Expiring", "<= 0.2", "<= 0.001"),
    (FIN_WAIT2, "FinWait2Expiring", "increase(", "delta("),
    (QUEUE, "AcceptQueueFull", ">= 1", ">= 0.9"),
    (QUEUE, "AcceptQueueFull", ">= 1", "> 1"),
    (QUEUE, "AcceptQueueFull", "min_over_time", "max_over_time"),
    (QUEUE, "AcceptQueueFull", "for: 5m", "for: 2m"),
    (QUEUE, "AcceptQueueFull", "for: 5m", "for: 15m"),
    (QUEUE, "AcceptQueueFull", "keep_firing_for: 10m", "keep_firing_for: 2m"),
    (QUEUE, "AcceptQueueFull", "keep_firing_for: 10m", "keep_firing_for: 60m"),
    (LIMITS, "OrphansNearLimit", "> 0.4", "> 0.3"),
    (LIMITS, "OrphansNearLimit", "> 0.4", "> 0.6"),
    (LIMITS, "OrphansNearLimit", "for: 5m", "for: 2m"),
    (LIMITS, "OrphansNearLimit", "for: 5m", "for: 15m"),
    (LIMITS, "OrphansNearLimit", "keep_firing_for: 15m", "keep_firing_for: 5m"),
    (LIMITS, "OrphansNearLimit", 'field="orphan"', 'field="tw"'),
    (LIMITS, "TimeWaitOverflow", "for: 5m", "for: 2m"),
    (LIMITS, "TimeWaitOverflow", "for: 5m", "for: 15m"),
    (LIMITS, "TimeWaitOverflow", "keep_firing_for: 15m", "keep_firing_for: 5m"),
    (LIMITS, "TimeWaitOverflow", 'event="TCPTimeWaitOverflow"', 'event=~"TW|TCPTimeWaitOverflow"'),
    (OBSERVER, "HalfclosedDown", "for: 5m", "for: 2m"),
    (OBSERVER, "HalfclosedDown", "for: 5m", "for: 15m"),
    (OBSERVER, "HalfclosedDown", "keep_firing_for: 5m", "keep_firing_for: 15m"),
    (OBSERVER, "HalfclosedDown", 'or absent(up{job="halfclosed"})', ""),
    (OBSERVER, "HalfclosedDown", "[30m]) >= 5", "[30m]) >= 1"),
    (OBSERVER, "HalfclosedDown", "[30m]) >= 5", "[30m]) >= 9"),
    (OBSERVER, "HalfclosedBlind", "for: 5m", "for: 2m"),
    (OBSERVER, "HalfclosedBlind", "for: 5m", "for: 15m"),
    (OBSERVER, "HalfclosedBlind", "keep_firing_for: 5m", "keep_firing_for: 30m"),
    (OBSERVER, "HalfclosedBlind", "[15m]) < 0.6", "[15m]) < 0.1"),
    (OBSERVER, "HalfclosedBlind", "[15m]) < 0.6", "[15m]) < 0.95"),
    (OBSERVER, "HalfclosedBlind", "2 * 60 + 3 *", "2 * 60 + 3000 *"),
    (OBSERVER, "HalfclosedBlind", "2 * 60 + 3 *", "2 * 60 + 0 *"),
    (OBSERVER, "HalfclosedBlind", "2 * 60 + 3 *", "0 * 60 + 3 *"),
    (OBSERVER, "HalfclosedBlind", 'up{job="halfclosed"} == 1', 'up{job="halfclosed"} == 2'),
    (OBSERVER, "HalfclosedBlind", "> 10 *", "> 100 *"),
    (OBSERVER, "HalfclosedBlind", "> 10 *", "> 5 *"),
    (OBSERVER, "HalfclosedBlind", "> 60 *", "> 100 *"),
    (OBSERVER, "HalfclosedBlind", "> 60 *", "> 50 *"),
    (OBSERVER, "HalfclosedBlind", "severity: info", "severity: warning"),
    (OBSERVER, "ReconciliationMismatch", "for: 10m", "for: 4m"),
    (OBSERVER, "ReconciliationMismatch", "for: 10m", "for: 20m"),
    (OBSERVER, "ReconciliationMismatch", "== 0", "!= 2"),
    (OBSERVER, "HalfclosedSelfTestFailed", "for: 5m", "for: 60m"),
    (OBSERVER, "HalfclosedSelfTestFailed", "[120m]", "[30m]"),
    (OBSERVER, "HalfclosedSelfTestFailed", "unless", "or"),
    (OBSERVER, "SelfTestMissing", "for: 10m", "for: 0m"),
    (OBSERVER, "SelfTestMissing", "for: 10m", "for: 30m"),
    (OBSERVER, "SelfTestMissing", "3 * halfclosed", "1 * halfclosed"),
    (OBSERVER, "SelfTestMissing", "+ 15 * 60", ""),
    (OBSERVER, "SelfTestMissing", "_seconds{job=\"halfclosed\"} > 0", "_seconds{job=\"halfclosed\"} >= 0"),
]


def cases_of(file, alert):
    """The cases of a file that ask about an alert, each as the text of a file of its own."""
    head, *cases = re.split(r"(?m)^(?=  - name: )", (HERE / file).read_text())
    head = re.sub(r"(?m)^rule_files: .*", "rule_files: [alerts.yml]", head)
    return [head + case for case in cases if re.search(rf"\b{alert}\b", case)]


def rules_for(case):
    """The rules of the alerts that a case asks about, to save promtool from evaluating the others."""
    head, *groups = re.split(r"(?m)^(?=  - name: )", ALERTS.read_text())
    kept = []
    for group in groups:
        name, *blocks = group.split("      - alert: ")
        blocks = [block for block in blocks if re.search(rf"\b{block.split()[0]}\b", case)]
        if blocks:
            kept.append("      - alert: ".join([name, *blocks]))
    return "".join([head, *kept])


def mutate(rules, alert, old, new):
    """Changes every occurrence within the alert's rules; all of those that bear its name."""
    head, *blocks = rules.split("      - alert: ")
    changed = [block.replace(old, new) if block.startswith(alert + "\n") else block for block in blocks]
    # An aggregation that was put in front of a call needs its closing parenthesis.
    opened = new.count("(") - new.count(")") - old.count("(") + old.count(")")
    if opened:
        changed = [block.replace("])", "])" + ")" * opened) if block.startswith(alert + "\n") else block
                   for block in changed]
    return "      - alert: ".join([head, *changed])


def verdicts(*command):
    """Of each of many files in one run of promtool, which takes as long to start as to judge one: whether it passes."""
    done = subprocess.run(["promtool", *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=300)
    said = re.findall(r"^(?:Unit Testing: |Checking) .*\n  (SUCCESS|FAILED)", done.stdout, re.MULTILINE)
    return [verdict == "SUCCESS" for verdict in said]


def accepted(pairs):
    """Of each pair of rules and a case, whether the case accepts the rules."""
    with tempfile.TemporaryDirectory(prefix="halfclosed-rules-") as folder:
        files = []
        for number, (rules, case) in enumerate(pairs):
            place = Path(folder) / str(number)
            place.mkdir()
            (place / "alerts.yml").write_text(rules)
            (place / "case.yml").write_text(case)
            files.append(place / "case.yml")
        shares = [files[first::WORKERS] for first in range(WORKERS)]
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            said = list(pool.map(lambda share: verdicts("test", "rules", *share) if share else [], shares))
    assert [len(share) for share in said] == [len(share) for share in shares], "promtool did not judge each"
    return [said[number % WORKERS][number // WORKERS] for number in range(len(files))]


class Mutations(unittest.TestCase):
    def test_the_rules_as_they_are_pass(self):
        cases = sorted({case for file, alert, *_ in MUTATIONS for case in cases_of(file, alert)})
        for case, good in zip(cases, accepted([(rules_for(case), case) for case in cases])):
            self.assertTrue(good, case)

    def test_each_mutation_is_a_valid_rule(self):
        rules = [mutate(ALERTS.read_text(), *mutation) for _, *mutation in MUTATIONS]
        with tempfile.TemporaryDirectory(prefix="halfclosed-rules-") as folder:
            files = [Path(folder) / f"{number}.yml" for number in range(len(rules))]
            for file, text in zip(files, rules):
                file.write_text(text)
            valid = verdicts("check", "rules", "--lint=none", *files)
        self.assertEqual(len(valid), len(MUTATIONS))
        for mutation, text, good in zip(MUTATIONS, rules, valid):
            with self.subTest(mutation=mutation):
                self.assertTrue(text != ALERTS.read_text(), "nothing was changed")
                self.assertTrue(good, "a mutation must be a valid rule")

    def test_each_wrong_rule_fails(self):
        """Round by round, in each of which a mutation that none has seen yet meets its next case."""
        unseen = [(mutation, cases_of(*mutation[:2])) for mutation in MUTATIONS]
        while unseen:
            for mutation, cases in unseen:
                with self.subTest(mutation=mutation):
                    self.assertTrue(cases, "no case sees it")
            unseen = [(mutation, cases) for mutation, cases in unseen if cases]
            good = accepted([(mutate(rules_for(cases[0]), *mutation[1:]), cases[0]) for mutation, cases in unseen])
            unseen = [(mutation, cases[1:]) for (mutation, cases), kept in zip(unseen, good) if kept]


if __name__ == "__main__":
    unittest.main()
