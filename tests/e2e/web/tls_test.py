#!/usr/bin/env python3
"""TLS: clients that do what they should not, and client certificates.

Usage: tls_test.py [HALFCLOSED [TEST...]]
"""

import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from guarded_page import TLS, PageTest, context, run
from harness import folder


class Transport(PageTest):
    """Clients that TLS turns away, and the page goes on."""

    @classmethod
    def setUpClass(cls):
        cls.serve(TLS)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.kill()

    def tearDown(self):
        self.assertEqual(self.status("/-/healthy"), 200)

    def s_client(self, *arguments, send=b""):
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{self.daemon.port}", "-CAfile",
                               str(folder() / "authority.crt"), "-verify_return_error", *arguments],
                              input=send, capture_output=True, timeout=20)
        return done.returncode, (done.stdout + done.stderr).decode(errors="replace")

    def test_old_versions_are_refused(self):
        for version, expected in (("-tls1", 1), ("-tls1_1", 1), ("-tls1_2", 0), ("-tls1_3", 0)):
            with self.subTest(version):
                self.assertEqual(self.s_client(version, "-cipher", "ALL:@SECLEVEL=0")[0], expected)

    def test_weak_ciphers_are_refused(self):
        for cipher in ("NULL", "aNULL", "RC4", "3DES", "EXPORT", "kRSA"):
            with self.subTest(cipher):
                self.assertNotEqual(self.s_client("-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")[0], 0)

    def test_plain_http_gets_an_answer(self):
        answer = subprocess.run(["curl", "--silent", "--max-time", "5", f"http://127.0.0.1:{self.daemon.port}/metrics"],
                                capture_output=True, text=True)
        self.assertEqual((answer.returncode, answer.stdout), (0, "this port speaks HTTPS: use https:\n"))

    def test_what_is_no_handshake_ends_soon(self):
        hello = bytes.fromhex("16030100c8010000c40303") + b"x" * 20
        halves = ((b"", b"GET / HTTP/1.1\r\n\r\n"), (b"\x16", b"garbage " * 10), (b"\x80\x2e\x01", b"\0" * 40),
                  (b"\xff" * 100, b""), (hello, b""), (b"\x16\x03\x01\xff\xff", b""))
        clients = []
        for first, _ in halves:
            clients.append(socket.create_connection(("127.0.0.1", self.daemon.port), timeout=15))
            self.addCleanup(clients[-1].close)
            clients[-1].sendall(first)
        time.sleep(0.1)
        began = time.monotonic()
        for client, (first, rest) in zip(clients, halves):
            with self.subTest(first[:5]):
                try:
                    client.sendall(rest)
                    while client.recv(4096):
                        pass
                except ConnectionError:
                    pass
                self.assertLess(time.monotonic() - began, 8, "5 s are there for a request, no more")

    def test_a_client_that_says_nothing_more_is_ended(self):
        client = context().wrap_socket(socket.create_connection(("127.0.0.1", self.daemon.port), timeout=15),
                                       server_hostname="localhost")
        self.addCleanup(client.close)
        began = time.monotonic()
        try:
            self.assertEqual(client.recv(1), b"")
        except (ConnectionError, ssl.SSLError):
            pass
        self.assertLess(time.monotonic() - began, 8)

    def test_renegotiation_and_early_data_lead_nowhere(self):
        _, said = self.s_client("-tls1_2", "-legacy_renegotiation", send=b"R\n")
        self.assertNotIn("HTTP/1.1 200", said)


class ClientCertificates(PageTest):
    BASE = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n  client_auth_type: "

    def outcome(self, client):
        try:
            return self.status("/-/healthy", client)
        except (ssl.SSLError, ConnectionError):
            return "refused"

    def expect(self, configuration, **expected):
        with self.serve(self.BASE + configuration):
            for client, outcome in expected.items():
                with self.subTest(client):
                    self.assertEqual(self.outcome(None if client == "nobody" else client), outcome)

    def test_required_and_verified(self):
        self.expect("RequireAndVerifyClientCert\n  client_ca_file: authority.crt\n",
                    nobody="refused", scraper=200, visitor=200, foreign="refused", no_client="refused")

    def test_verified_if_given(self):
        self.expect("VerifyClientCertIfGiven\n  client_ca_file: authority.crt\n",
                    nobody=200, scraper=200, foreign="refused")

    def test_required_of_anybody(self):
        self.expect("RequireAnyClientCert\n", nobody="refused", scraper=200, foreign=200)

    def test_requested(self):
        self.expect("RequestClientCert\n", nobody=200, scraper=200, foreign=200)

    def test_allowed_names(self):
        self.expect("RequireAndVerifyClientCert\n  client_ca_file: authority.crt\n"
                    "  client_allowed_sans: [scraper.example]\n", scraper=200, visitor="refused", foreign="refused")

    def test_who_is_refused_is_told_why_and_the_log_too(self):
        with self.serve(self.BASE + "RequireAndVerifyClientCert\n  client_ca_file: authority.crt\n") as daemon:
            for client, reason in ((None, "CERTIFICATE_REQUIRED"), ("foreign", "BAD_CERTIFICATE")):
                with self.subTest(reason), socket.create_connection(("127.0.0.1", daemon.port), timeout=15) as plain:
                    with self.assertRaises(ssl.SSLError) as refused:
                        # With TLS 1.3 the client is through before the server has seen its certificate.
                        with context(client).wrap_socket(plain, server_hostname="localhost") as secured:
                            secured.recv(1)
                    self.assertIn(reason, refused.exception.reason)
            self.assertEqual(self.status("/-/healthy", "scraper"), 200)
            told = [line for line in daemon.log().splitlines() if "is turned away" in line]
            self.assertEqual(len(told), 1, "one line in ten seconds")
            self.assertIn("127.0.0.1 is turned away: it has no certificate", told[0])

    def test_an_old_version_is_told(self):
        with self.serve("tls_server_config: {cert_file: server.crt, key_file: server.key, min_version: TLS13}\n") as daemon:
            old = context()
            old.maximum_version = ssl.TLSVersion.TLSv1_2
            with socket.create_connection(("127.0.0.1", daemon.port), timeout=15) as plain:
                with self.assertRaises(ssl.SSLError) as refused:
                    old.wrap_socket(plain, server_hostname="localhost")
                self.assertIn("PROTOCOL_VERSION", refused.exception.reason)


if __name__ == "__main__":
    run()
