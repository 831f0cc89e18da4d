#!/usr/bin/env python3
"""Who waits for whom, across network namespaces: the other end behind an address translation, and the hop of a chain of
proxies that is stuck.

Usage: namespaces_other_end_test.py [HALFCLOSED [TEST...]]
"""

import json
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from agents import Agent
from harness import Daemon, halfclosed, wait_for
from namespaces import make_cgroup

EVERYTHING = ("--namespaces", "all", "--port", "all")
CONNTRACK = Path("/proc/sys/net/netfilter")


def route(agent, number):
    """A veth pair between this namespace, .1, and the agent's, .2, which reaches all others through it."""
    subprocess.run(["ip", "link", "add", f"r{number}", "type", "veth", "peer", "name", "eth0", "netns", agent.pid], check=True)
    subprocess.run(["ip", "link", "set", f"r{number}", "up"], check=True)
    agent.run("ip", "link", "set", "eth0", "up")
    for version, address, length in (("-4", "10.9.{}.{}", 24), ("-6", "fd09:{}::{}", 64)):
        near, far = address.format(number, 1), address.format(number, 2)
        nodad = ["nodad"] if version == "-6" else []
        subprocess.run(["ip", "address", "add", f"{near}/{length}", "dev", f"r{number}", *nodad], check=True)
        agent.run("ip", "address", "add", f"{far}/{length}", "dev", "eth0", *nodad)
        agent.run("ip", version, "route", "add", "default", "via", near)


def translate(rules, inside=()):
    done = subprocess.run([*inside, "nft", "-f", "-"], input=rules, capture_output=True, text=True)
    if done.returncode != 0:
        raise unittest.SkipTest(f"this kernel translates no addresses: {done.stderr}")


def snapshot(*prefix):
    done = subprocess.run([*prefix, harness.PROGRAM, "snapshot", "--json", *EVERYTHING], capture_output=True, text=True,
                          timeout=60)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)["sockets"]


def ends(rows):
    """{state: the row} of one connection."""
    return {row["state"]: row for row in rows}


class Translated(unittest.TestCase):
    """This namespace routes between a client's and a server's, as a host between its containers."""

    def setUp(self):
        self.client, self.server = Agent(), Agent()
        self.addCleanup(self.client.end)
        self.addCleanup(self.server.end)
        for number, agent in ((1, self.client), (2, self.server)):
            route(agent, number)
            self.addCleanup(subprocess.run, ["ip", "link", "delete", f"r{number}"], capture_output=True)
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        Path("/proc/sys/net/ipv6/conf/all/forwarding").write_text("1")
        translate("""
            table inet shop {
                chain in { type nat hook prerouting priority dstnat;
                    ip daddr 10.9.1.1 tcp dport 80 dnat ip to 10.9.2.2:8080
                    ip6 daddr fd09:1::1 tcp dport 80 dnat ip6 to [fd09:2::2]:8080
                }
            }""")
        self.addCleanup(subprocess.run, ["nft", "delete", "table", "inet", "shop"])

    def half_close(self, address):
        self.server.do("listen", "::", 8080, True)
        self.client.do("connect", address, 80, "c")
        self.server.do("accept", 8080, "s")
        self.client.do("shut", "c")

    def assert_found(self, rows):
        found = ends(rows)
        self.assertEqual(set(found), {"fin_wait2", "close_wait"})
        for one, other in (("fin_wait2", "close_wait"), ("close_wait", "fin_wait2")):
            self.assertEqual(found[one]["other_end"]["state"], other)
            self.assertEqual(found[one]["other_end"]["namespace"], found[other]["namespace"])
        self.assertEqual(found["fin_wait2"]["other_end"]["cause"], "unread", "nobody has read it")

    def test_both_ends_are_found_in_ipv4(self):
        self.half_close("10.9.1.1")
        self.assert_found(snapshot())

    def test_both_ends_are_found_in_ipv6(self):
        self.half_close("fd09:1::1")
        self.assert_found(snapshot())

    def test_who_may_not_ask_does_not_know(self):
        self.half_close("10.9.1.1")
        rows = snapshot("setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin")
        self.assertEqual([row["other_end"] for row in rows], [None, None])

    def test_the_daemon_remembers_what_conntrack_has_forgotten(self):
        for state in ("fin_wait", "close_wait"):
            (CONNTRACK / f"nf_conntrack_tcp_timeout_{state}").write_text("10")
        with Daemon(*EVERYTHING) as daemon:
            self.half_close("10.9.1.1")
            def known():
                return len(daemon.sockets()) == 2 and all(row["other_end"] for row in daemon.sockets())
            wait_for("both ends are known", known)
            # Who asks now does not get to know any more.
            wait_for("it is forgotten", lambda: [row["other_end"] for row in snapshot()] == [None, None], 60, 0.5)
            self.assert_found(daemon.sockets())

    def test_a_redirect_within_a_namespace(self):
        """As a mesh's sidecar has it: what the program sends to a server goes to a proxy beside it."""
        translate("""
            table inet mesh {
                chain out { type nat hook output priority -100;
                    tcp dport 80 redirect to :15001
                }
            }""", ("nsenter", "-t", self.client.pid, "-n"))
        self.client.do("listen", "::", 15001, True)
        self.client.do("connect", "10.9.2.2", 80, "c")
        self.client.do("accept", 15001, "s")
        self.client.do("shut", "c")
        self.assert_found(snapshot())


class AChain(unittest.TestCase):
    """client -> proxy -> shop, each in a namespace and a cgroup of its own."""

    @classmethod
    def setUpClass(cls):
        cls.cgroups = [make_cgroup(name) for name in ("client.service", "proxy.service", "shop.service")]
        if None in cls.cgroups:
            raise unittest.SkipTest("no cgroup may be made here")

    def setUp(self):
        self.client, self.proxy, self.shop = map(Agent, self.cgroups)
        for number, agent in enumerate((self.client, self.proxy, self.shop), start=1):
            self.addCleanup(agent.end)
            route(agent, number)
            self.addCleanup(subprocess.run, ["ip", "link", "delete", f"r{number}"], capture_output=True)
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        self.proxy.do("listen", "10.9.2.2", 80, False)
        self.shop.do("listen", "10.9.3.2", 8080, False)
        self.client.do("connect", "10.9.2.2", 80, "to proxy")
        self.proxy.do("accept", 80, "from client")
        self.proxy.do("connect", "10.9.3.2", 8080, "to shop")
        self.shop.do("accept", 8080, "from proxy")
        self.client.do("shut", "to proxy")

    def test_names_the_hop_that_is_stuck(self):
        text = " ".join(halfclosed("snapshot", *EVERYTHING).stdout.split())
        self.assertRegex(text, r"its other end: \S*proxy\.service, CLOSE-WAIT")
        self.assertNotIn("shop.service", text, "it has not been told of anything yet")
        self.proxy.do("shut", "to shop")
        text = " ".join(halfclosed("snapshot", *EVERYTHING).stdout.split())
        self.assertRegex(text, r"its other end: \S*proxy\.service, CLOSE-WAIT, which waits for \S*shop\.service")
        self.assertRegex(text, r"waits for \S*shop\.service; its other end: \S*client\.service, FIN-WAIT-2")
        self.assertRegex(text, r"proxy\.service waits for \S*shop\.service \(2 sockets\)\. "
                               r"\S*client\.service waits for \S*shop\.service \(1 socket\)\.")
        waits = sorted((row["owner"]["name"].rsplit("/", 1)[-1], (row["waits_for"] or "").rsplit("/", 1)[-1]) for row in snapshot())
        self.assertEqual(waits, [("client.service", "shop.service"), ("proxy.service", "shop.service"),
                                 ("proxy.service", "shop.service"), ("shop.service", "")])

    def test_is_told_on_the_page(self):
        self.proxy.do("shut", "to shop")
        with Daemon(*EVERYTHING) as daemon:
            def told():
                page = daemon.ask("/").body
                return all(f"shop.service ({count})" in page for count in ("1 socket", "2 sockets"))
            wait_for("the page says that client and proxy wait for the shop", told)
            rows = daemon.sockets()
            owners = {row["owner"]["name"].rsplit("/", 1)[-1]: row["other_end"] for row in rows if row["state"] == "close_wait"}
            self.assertEqual(set(owners), {"proxy.service", "shop.service"})
            self.assertTrue(owners["shop.service"]["owner"].endswith("/proxy.service"))
            self.assertTrue(owners["proxy.service"]["owner"].endswith("/client.service"))


if __name__ == "__main__":
    harness.run(200)
