#!/usr/bin/env python3
"""Random populations in many network namespaces with veth pairs between them: what one program counts in each is what ss
counts there, the sums are the sums, and both ends of a connection find each other.

Usage: namespaces_population_test.py [HALFCLOSED [TEST...]]
HALFCLOSED_TEST_NAMESPACES: how many (12), HALFCLOSED_TEST_SEED: a population that was seen before, HALFCLOSED_TEST_ALONE:
nothing else on this machine has orphans.
"""

import collections
import ipaddress
import json
import os
import random
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from agents import Agent, join
from harness import halfclosed, wait_for

COUNT = int(os.environ.get("HALFCLOSED_TEST_NAMESPACES", "12"))
SEED = int(os.environ.get("HALFCLOSED_TEST_SEED", str(random.randrange(1 << 32))))

def ss_counts(agent):
    """{state: sockets}, and how many are orphans, as ss sees it from inside."""
    states, orphans = collections.Counter(), 0
    for line in agent.run("ss", "-taneH").splitlines():
        state = line.split()[0].lower().replace("-", "_").replace("_wait_", "_wait")
        states[{"estab": "established"}.get(state, state)] += 1
        owned = re.search(r"ino:[1-9]", line)
        if not owned and "timer:(timewait" not in line and state in ("fin_wait1", "fin_wait2", "closing", "last_ack"):
            orphans += 1
    return states, orphans


HALF_CLOSED = ("fin_wait1", "fin_wait2", "close_wait", "last_ack", "closing")


class Populations(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print(f"HALFCLOSED_TEST_SEED={SEED}, {COUNT} namespaces", file=sys.stderr)
        cls.random = random.Random(SEED)
        cls.agents = [Agent() for _ in range(COUNT)]
        for number in range(COUNT - 1):
            join(cls.agents[number], cls.agents[number + 1], number + 1)
        cls.names = iter(range(1 << 30))
        cls.pairs = []
        for index in range(COUNT):
            for _ in range(cls.random.randrange(2, 7)):
                cls.connection(index)

    @classmethod
    def tearDownClass(cls):
        for agent in cls.agents:
            agent.end()

    @classmethod
    def connection(cls, index):
        """One connection, within the namespace or to the next one, and what becomes of it."""
        server = cls.agents[index]
        port = 2000 + next(cls.names)
        far = index + 1 < COUNT and cls.random.random() < 0.6
        client = cls.agents[index + 1] if far else server
        mapped = False
        if cls.random.random() < 0.4:
            address = f"fd00:{index + 1}::1" if far else "::1"
        else:
            address = f"10.{index + 1}.0.1" if far else "127.0.0.1"
            mapped = cls.random.random() < 0.5
        server.do("listen", address, port, mapped)
        a, b = f"c{port}", f"s{port}"
        client.do("connect", address, port, a)
        kind = cls.random.choice(("established", "leak", "unread", "not_accepted", "late", "shut", "full", "time_wait",
                                  "abort"))
        if kind == "not_accepted":
            client.do("shut", a)
            return
        server.do("accept", port, b)
        if kind == "leak":          # FIN-WAIT-2 that its process holds, CLOSE-WAIT
            client.do("shut", a)
        elif kind == "unread":
            client.do("send", a)
            client.do("shut", a)
        elif kind == "late":        # FIN-WAIT-2 minisock, CLOSE-WAIT
            client.do("close", a)
        elif kind == "shut":        # the server's end closes first
            server.do("close", b)
        elif kind == "full":        # FIN-WAIT-1: an orphan behind a closed window
            client.do("fill", a)
            client.do("close", a)
        elif kind == "time_wait":
            client.do("close", a)
            server.do("close", b)
        elif kind == "abort":
            client.do("send", a)
            server.do("close", b)
            client.do("close", a)

    def look(self):
        """A snapshot of everything between two looks by ss that are equal."""
        def attempt():
            before = [ss_counts(agent) for agent in self.agents]
            done = halfclosed("snapshot", "--json", "--namespaces", "all", "--port", "all")
            self.assertEqual(done.returncode, 0, done.stderr)
            after = [ss_counts(agent) for agent in self.agents]
            return (before, json.loads(done.stdout)) if before == after else None
        return wait_for("nothing moves", attempt, 60)

    def test_each_namespace_is_counted_as_ss_counts_it_and_the_sums_are_the_sums(self):
        told, shot = self.look()
        found = collections.defaultdict(collections.Counter)
        for row in shot["sockets"]:
            found[row["namespace"]["id"]][row["state"]] += 1
        expected = [{state: states[state] for state in HALF_CLOSED if states[state]} for states, _ in told]
        self.assertCountEqual([dict(counts) for counts in found.values()], [each for each in expected if each])
        self.assertEqual(shot["namespaces"]["watched"], COUNT + 1)
        total = sum(sum(states.values()) for states, _ in told)
        self.assertGreater(total, 5 * COUNT)
        reconciliation = shot["reconciliation"]
        for field, counts in reconciliation.items():
            self.assertTrue(counts["agrees"], field)
        for field in ("inuse", "inuse6", "tw"):
            self.assertEqual(reconciliation[field]["counted"], reconciliation[field]["kernel"], field)
        orphans = sum(count for _, count in told)
        self.assertEqual(reconciliation["orphan"]["counted"], orphans)
        # The kernel counts those of the whole system.
        if "HALFCLOSED_TEST_ALONE" in os.environ:
            self.assertEqual(reconciliation["orphan"]["kernel"], orphans)
        self.assertGreaterEqual(reconciliation["orphan"]["kernel"], orphans)
        print(f"{total} sockets, {len(shot['sockets'])} half-closed, {reconciliation}", file=sys.stderr)

    def test_both_ends_of_a_connection_find_each_other(self):
        _, shot = self.look()
        def half(text):
            address, port = text.rsplit(":", 1)
            address = ipaddress.ip_address(address.strip("[]").split("%")[0])
            return (getattr(address, "ipv4_mapped", None) or address, port)
        def at(row):
            local = half(row["local"])
            return local, half(row["remote"]), row["namespace"]["id"] if local[0].is_loopback else None
        by_ends = {at(row): row for row in shot["sockets"]}
        expected = 0
        for row in shot["sockets"]:
            local, remote, space = at(row)
            other = by_ends.get((remote, local, space))
            self.assertEqual(other is None, row["other_end"] is None, row)
            if other:
                expected += 1
                self.assertEqual(row["other_end"]["state"], other["state"])
                self.assertEqual(row["other_end"]["namespace"], other["namespace"])
        self.assertGreater(expected, COUNT)


if __name__ == "__main__":
    harness.run(280)
