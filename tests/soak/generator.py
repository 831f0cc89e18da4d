#!/usr/bin/env python3
"""Connections of every kind to one port, by a seed, with a tally of the steps that both ends have made.

Usage: generator.py PORT SEED

Reads a word a line: "go" begins or goes on; "pause" ends what is held and answers with the tally, a JSON object a line.
Ends when its input does.
"""

import collections
import heapq
import itertools
import json
import random
import select
import socket
import struct
import sys
import time

FIN_WAIT2, CLOSE, CLOSE_WAIT = 5, 7, 8  # enum tcp_state of include/net/tcp_states.h
MOST_HELD = 400
PER_SECOND = 120
ABORTING = struct.pack("ii", 1, 0)  # struct linger: close() sends a reset


def state(connection):
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


def wait_until(connection, wanted):
    end = time.monotonic() + 20
    while state(connection) != wanted:
        if time.monotonic() > end:
            raise AssertionError(f"a socket is in state {state(connection)} instead of {wanted}")
        time.sleep(0.0002)


class Generator:
    def __init__(self, port, seed):
        self.dice = random.Random(seed)
        self.listeners = [socket.create_server(("127.0.0.1", port), backlog=64),
                          socket.create_server(("::1", port), family=socket.AF_INET6, backlog=64)]
        self.tally = collections.Counter()
        self.connections = 0
        self.held = []  # a heap: (when, number, not before, how to end it)
        self.numbers = itertools.count()

    # ---- the tally: steps, and resets, by the side of the end that makes them ----

    def step(self, side, *states):
        for before, after in itertools.pairwise(states):
            self.tally[f"{side} {before} {after}"] += 1

    def reset(self, sender, receiver):
        self.tally[f"{sender} reset sent"] += 1
        self.tally[f"{receiver} reset received"] += 1

    # ---- one connection ----

    def connect(self):
        """(end that closes first, its side, the other end, its side)"""
        listener = self.dice.choice(self.listeners)
        client = socket.create_connection(listener.getsockname()[:2])
        server = listener.accept()[0]
        self.connections += 1
        if self.dice.random() < 0.5:
            return client, "client", server, "server"
        return server, "server", client, "client"

    def half_close(self, first, first_side, second, second_side):
        first.shutdown(socket.SHUT_WR)
        wait_until(first, FIN_WAIT2)
        self.step(first_side, "established", "fin_wait1", "fin_wait2")
        wait_until(second, CLOSE_WAIT)
        self.step(second_side, "established", "close_wait")

    def in_order(self, first, first_side, second, second_side):
        first.close()
        assert second.recv(1) == b""
        second.close()
        self.step(first_side, "established", "fin_wait1", "fin_wait2", "time_wait")
        self.step(second_side, "established", "close_wait", "last_ack", "close")

    def abort_established(self, first, first_side, second, second_side):
        first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORTING)
        first.close()
        wait_until(second, CLOSE)
        second.close()
        self.reset(first_side, second_side)

    def hold_and_close(self, first, first_side, second, second_side):
        self.half_close(first, first_side, second, second_side)
        if orphaned := self.dice.random() < 0.5:
            first.close()

        def end():
            second.close()
            self.step(second_side, "close_wait", "last_ack", "close")
            if not orphaned:
                wait_until(first, CLOSE)
                first.close()
            self.step(first_side, "fin_wait2", "time_wait")

        self.hold(self.dice.choice((0.05, 1, 3, 8, 20)), end)

    def hold_and_abort(self, first, first_side, second, second_side):
        if self.dice.random() < 0.5:
            first.sendall(b"unread")  # close() then sends a reset by itself
        else:
            second.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORTING)
        self.half_close(first, first_side, second, second_side)

        def end():
            second.close()
            wait_until(first, CLOSE)
            first.close()
            self.step(second_side, "close_wait", "close")
            self.step(first_side, "fin_wait2", "close")
            self.reset(second_side, first_side)

        self.hold(self.dice.choice((0.05, 1, 5)), end)

    def expire(self, first, first_side, second, second_side):
        """The other end's FIN comes after FIN-WAIT-2 has expired, and is answered by a reset."""
        first.setsockopt(socket.IPPROTO_TCP, socket.TCP_LINGER2, 1)
        self.half_close(first, first_side, second, second_side)
        first.close()

        def end():
            # Once it has expired its port is free. A new connection from there asks this end, which is answered by a reset.
            was_reset = state(second) == CLOSE
            second.close()
            self.step(first_side, "fin_wait2", "close")
            self.step(second_side, "close_wait", *([] if was_reset else ["last_ack"]), "close")
            self.reset(first_side, second_side)

        self.hold(4, end, at_least=3)

    KINDS = ((in_order, 50), (hold_and_close, 25), (hold_and_abort, 15), (abort_established, 7), (expire, 3))

    # ---- many ----

    def hold(self, seconds, end, at_least=0):
        now = time.monotonic()
        heapq.heappush(self.held, (now + seconds, next(self.numbers), now + at_least, end))

    def make(self):
        kinds, weights = zip(*self.KINDS)
        kind = self.dice.choices(kinds, weights)[0]
        if len(self.held) >= MOST_HELD:
            kind = Generator.in_order
        kind(self, *self.connect())

    def end_due(self):
        while self.held and self.held[0][0] <= time.monotonic():
            heapq.heappop(self.held)[-1]()

    def end_all(self):
        for _, _, earliest, end in sorted(self.held):
            time.sleep(max(0.0, earliest - time.monotonic()))
            end()
        self.held.clear()

    def tell(self):
        print(json.dumps({"connections": self.connections, "tally": self.tally}), flush=True)

    def run(self):
        running = False
        while True:
            if select.select([sys.stdin], [], [], 0 if running else None)[0]:
                word = sys.stdin.readline().strip()
                if not word:
                    return
                running = word == "go"
                if not running:
                    self.end_all()
                    self.tell()
            else:
                began = time.monotonic()
                self.end_due()
                self.make()
                time.sleep(max(0.0, 1 / PER_SECOND - (time.monotonic() - began)))


if __name__ == "__main__":
    Generator(int(sys.argv[1]), int(sys.argv[2])).run()
