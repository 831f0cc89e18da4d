#!/usr/bin/env python3
"""`serve` asked by everybody at once, over and over, and ended in the middle of it. A machine of two cores does not keep
up with all of them: what is refused or late is no failure here, a crash or a report of the sanitizer is.

Usage: storm.py HALFCLOSED plain|tls
"""

import contextlib
import http.client
import os
import random
import signal
import socket
import ssl
import struct
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "e2e/web")]

import harness
from certificates import basic
from guarded_page import PASSWORD, TLS, USERS, context, make_certificates
from harness import Daemon, UnixConnection, exchange, folder

LIVES, SECONDS = 3, 15
PORT = 9999
TARGETS = ("/metrics", "/metrics?name%5B%5D=halfclosed_sockets", "/", "/runbook", "/-/ready", "/api/v1/snapshot",
           "/api/v1/snapshot?state=close_wait", "/api/v1/history?limit=100", "/api/v1/history?view=counts", "/nowhere")
REFUSED = (OSError, http.client.HTTPException, AssertionError, ssl.SSLError)


class Storm:
    def __init__(self, daemon, guarded, configuration):
        self.daemon, self.guarded, self.configuration = daemon, guarded, configuration
        self.over = threading.Event()
        self.done = 0
        self.tls = context() if guarded else None
        acts = [self.read, self.read, self.scrape, self.follow, self.come_and_go, self.order, self.reload, self.traffic]
        if guarded:
            acts += [self.guess, self.half_a_handshake]
        self.threads = [threading.Thread(target=self.again, args=(act, number)) for number, act in enumerate(acts)]
        for thread in self.threads:
            thread.start()

    def again(self, act, number):
        dice = random.Random(number)
        while not self.over.is_set():
            try:
                act(dice)
                self.done += 1
            except REFUSED:
                time.sleep(0.02)

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def headers(self):
        return dict(PASSWORD) if self.guarded else {}

    def ask(self, target, **headers):
        return self.daemon.ask(target, headers={**self.headers(), **headers}, context=self.tls, timeout=10)

    # ---- who asks ----

    def read(self, dice):
        self.ask(dice.choice(TARGETS), **{"Accept-Encoding": dice.choice(("gzip", "identity"))})

    def scrape(self, _):
        """One connection for many, as Prometheus has it."""
        with contextlib.closing(self.daemon.connect(self.tls, timeout=10)) as connection:
            for _ in range(20):
                exchange(connection, "/metrics", headers={**self.headers(), "Accept": "application/openmetrics-text"})

    def raw(self):
        connection = socket.create_connection(("127.0.0.1", self.daemon.port), timeout=5)
        return self.tls.wrap_socket(connection, server_hostname="localhost") if self.tls else connection

    def follow(self, dice):
        """A live stream: read for a while, or not at all."""
        with self.raw() as stream:
            lines = "".join(f"{name}: {text}\r\n" for name, text in self.headers().items())
            stream.sendall(f"GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n".encode())
            end = time.monotonic() + dice.uniform(0.1, 2)
            while dice.random() < 0.9 and time.monotonic() < end and stream.recv(4096):
                pass

    def come_and_go(self, dice):
        with self.raw() as connection:
            connection.sendall(b"GET /metrics HT")
            if dice.random() < 0.5:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def guess(self, dice):
        self.daemon.ask("/metrics", headers=basic("prometheus", str(dice.random())), context=self.tls, timeout=10)

    def half_a_handshake(self, dice):
        with socket.create_connection(("127.0.0.1", self.daemon.port), timeout=5) as connection:
            connection.sendall(bytes.fromhex("16030100c8010000c40303")[:dice.randrange(1, 12)])
            time.sleep(dice.uniform(0, 0.2))

    # ---- who orders ----

    def order(self, dice):
        target, method = dice.choice((("/api/v1/scenarios/close-at-once/run", "POST"), ("/api/v1/scenarios", "GET"),
                                      ("/api/v1/status", "GET"), ("/-/reload", "POST"), ("/metrics", "GET")))
        with contextlib.closing(UnixConnection(self.daemon.control_socket, timeout=20)) as connection:
            exchange(connection, target, method)

    def reload(self, dice):
        configure(self.configuration, leak_after=dice.choice(("1s", "2s")), access=dice.choice(("open", "authenticated")),
                  detail=dice.choice(("full", "essential")))
        if self.daemon.web:
            self.daemon.web.write_text(dice.choice((TLS + USERS, (TLS + USERS).replace("server.", "renewed."))))
        self.daemon.send(signal.SIGHUP)
        time.sleep(dice.uniform(0.05, 0.5))

    # ---- what there is to see ----

    def traffic(self, dice):
        with socket.create_server(("127.0.0.1", PORT), backlog=64) as listener:
            held = []
            for _ in range(200):
                client = socket.create_connection(listener.getsockname())
                listener.accept()[0].close()
                held.append(client)
                if len(held) > 60:
                    held.pop(dice.randrange(len(held))).close()
                time.sleep(0.005)
            for client in held:
                client.close()


def configure(file, leak_after="1s", access="open", detail="full"):
    made = file.with_suffix(".new")
    made.write_text(f'port = ["{PORT}"]\n[serve]\nleak-after = "{leak_after}"\nsnapshot-access = "{access}"\n'
                    f'detail = "{detail}"\n')
    os.replace(made, file)


def main():
    guarded = sys.argv[2] == "tls"
    harness.enter(limit=280)
    if guarded:
        make_certificates()
    file = folder() / "halfclosed.toml"
    bad = 0
    for life in range(LIVES):
        configure(file)
        with Daemon("--config", file, "--log-level", "debug", "--self-test-interval", "10s", state=folder() / "state",
                    web=TLS + USERS if guarded else None) as daemon:
            storm = Storm(daemon, guarded, file)
            time.sleep(SECONDS)
            daemon.send(signal.SIGTERM)  # while everybody asks
            try:
                status = daemon.process.wait(40)
            finally:
                storm.end()
            print(f"life {life}: {storm.done} acts, status {status}")
            if status != 0:
                print(daemon.log()[-3000:])
                bad = 1
    return bad


sys.exit(main())
