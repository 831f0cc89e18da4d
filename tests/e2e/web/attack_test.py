#!/usr/bin/env python3
"""A guarded page under attack.

Usage: attack_test.py [HALFCLOSED [TEST...]]
"""

import contextlib
import http.client
import multiprocessing
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from certificates import basic
from guarded_page import PASSWORD, TLS, USERS, PageTest, context, run
from harness import exchange


class UnderAttack(PageTest):
    """All from the scraper's own address: half-open and silent connections, halves of handshakes, handshakes without a
    request, slow readers, whole handshakes one after the other, and guesses of passwords."""

    def setUp(self):
        self.held = []
        self.attackers = []

    def tearDown(self):
        for attacker in self.attackers:
            attacker.kill()
            attacker.join()
        for client in self.held:
            client.close()

    def flood(self, act):
        """In a process of its own: what is measured is the daemon, not this interpreter."""
        def run():
            while True:
                try:
                    act()
                except (OSError, http.client.HTTPException):
                    pass

        self.attackers.append(multiprocessing.get_context("fork").Process(target=run))
        self.attackers[-1].start()

    def raw(self):
        self.held.append(socket.create_connection(("127.0.0.1", self.daemon.port), timeout=5))
        return self.held[-1]

    def scrape(self, times):
        took = []
        tls = context()
        for _ in range(times):
            began = time.monotonic()
            answer = self.daemon.ask("/metrics", headers=PASSWORD, context=tls)
            self.assertEqual(answer.status, 200)
            self.assertIn("halfclosed_sockets", answer.body)
            took.append(time.monotonic() - began)
            time.sleep(0.02)
        return sorted(took)[len(took) * 99 // 100]

    def test_the_scraper_is_served_all_the_same(self):
        with self.serve(TLS + USERS):
            tls = context()
            for number in range(150):
                self.raw().sendall(b"\x16\x03\x01\x02\x00\x01" if number % 2 else b"\x16")
            for _ in range(20):
                client = tls.wrap_socket(self.raw(), server_hostname="localhost")
                self.held.append(client)
                client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
            tricklers = self.held[-1:-40:-2]

            def trickle():
                time.sleep(0.1)
                for client in tricklers:
                    client.sendall(b"a")

            def guess():
                with contextlib.closing(self.daemon.connect(context(), timeout=5)) as connection:
                    for number in range(50):
                        exchange(connection, headers=basic("prometheus" if number % 2 else "root", f"guess {number}"))

            def shake_hands():
                time.sleep(0.02)
                tls.wrap_socket(socket.create_connection(("127.0.0.1", self.daemon.port), timeout=5),
                                server_hostname="localhost").close()

            # A cold start under guesses: the first check of the right password has to get its turn.
            for act in (guess, guess, guess, trickle, shake_hands):
                self.flood(act)
            time.sleep(0.5)
            began = time.monotonic()
            while self.status(headers=PASSWORD) != 200:
                self.assertLess(time.monotonic() - began, 10)
            print(f"first right password among guesses: {time.monotonic() - began:.2f} s", file=sys.stderr)
            for _ in range(20):
                reader = tls.wrap_socket(self.raw(), server_hostname="localhost")
                self.held.append(reader)
                request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n\r\n" % \
                    PASSWORD["Authorization"].encode()
                reader.sendall(request * 8)
            # The best of five: other work on this machine may hold up some of them.
            p99 = min(self.scrape(100) for _ in range(2))
            for _ in range(3):
                p99 = p99 if p99 < 0.1 else min(p99, self.scrape(100))
            print(f"p99 of a scrape under attack: {p99 * 1000:.1f} ms", file=sys.stderr)
            self.assertLess(p99, 0.1)


if __name__ == "__main__":
    run()
