#!/usr/bin/env python3
"""Passwords, reloads and refusals of a web configuration.

Usage: passwords_test.py [HALFCLOSED [TEST...]]
"""

import shutil
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from certificates import basic
from guarded_page import OTHER, PASSWORD, TLS, USERS, PageTest, context, curl, run
from harness import exchange, folder, halfclosed


class Passwords(PageTest):
    @classmethod
    def setUpClass(cls):
        cls.serve(TLS + USERS)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.kill()

    def test_curl_reads_the_page_with_the_authority_and_the_password(self):
        page, ca = f"https://localhost:{self.daemon.port}/metrics", str(folder() / "authority.crt")
        self.assertEqual(curl("--cacert", ca, "--user", "prometheus:right", page), (0, 200))
        self.assertEqual(curl("--cacert", ca, "--user", "prometheus:wrong", page), (0, 401))
        self.assertEqual(curl("--cacert", ca, page), (0, 401))
        self.assertEqual(curl("--user", "prometheus:right", page), (60, 0), "it does not know who vouches")
        self.assertEqual(curl("--cacert", str(folder() / "stranger.crt"), page), (60, 0))

    def test_every_path_asks_for_the_password(self):
        for path in ("/", "/metrics", "/api/v1/snapshot", "/-/healthy", "/-/ready", "/nowhere", "/style.css"):
            with self.subTest(path):
                self.assertEqual(self.status(path), 401)
                self.assertEqual(self.status(path, headers=basic("prometheus", "wrong")), 401)
                self.assertEqual(self.status(path, headers=PASSWORD), 404 if path == "/nowhere" else 200)

    def test_the_refusal_says_what_is_needed_and_nothing_else(self):
        answer = exchange(self.connect())
        self.assertEqual(answer.headers.get("WWW-Authenticate"), 'Basic realm="halfclosed", charset="UTF-8"')
        self.assertEqual(answer.headers.get("X-Frame-Options"), "DENY")
        self.assertEqual(answer.body, "a name and a password are needed\n")

    def test_a_body_is_not_a_request(self):
        connection = self.connect()
        for headers, expected in ((PASSWORD, 200), (basic("prometheus", "wrong"), 401)):
            answer = exchange(connection, headers=headers, body="GET /-/ready HTTP/1.1\r\n\r\n")
            self.assertEqual(answer.status, expected)
        self.assertEqual(exchange(connection, headers=PASSWORD).status, 200)

    def test_other_methods_are_refused_after_the_password(self):
        for headers, expected in ((PASSWORD, 405), (basic("prometheus", "nope"), 401), ({}, 401)):
            connection = self.connect()
            self.assertEqual(exchange(connection, method="POST", headers=headers, body="x" * 1000).status, expected)

    def test_a_password_is_paid_for_once(self):
        headers = PASSWORD
        self.status(headers=headers)
        connection = self.connect()
        exchange(connection, headers=headers)
        began = time.monotonic()
        for _ in range(50):
            self.assertEqual(exchange(connection, "/-/healthy", headers=headers).status, 200)
        self.assertLess((time.monotonic() - began) / 50, 0.02, "a bcrypt check takes longer than that")

    def test_pipelined_requests_are_answered_in_their_order(self):
        passwords = ("first", "right", "second", "third", "right")
        with socket.create_connection(("127.0.0.1", self.daemon.port), timeout=15) as plain, \
                context().wrap_socket(plain, server_hostname="localhost") as client:
            client.sendall(b"".join(b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n\r\n" %
                                    basic("prometheus", password)["Authorization"].encode() for password in passwords))
            answers = b""
            while answers.count(b"HTTP/1.1 ") < len(passwords):
                answers += client.recv(65536) or self.fail("the connection has ended")
        self.assertEqual([int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]], [401, 200, 401, 401, 200])

    def test_malformed_authorization_is_refused(self):
        for value in ("", "Basic", "Basic ???", "Basic cHJvbWV0aGV1cw==", "Bearer right", "Basic " + "A" * 8000):
            with self.subTest(value[:30]):
                self.assertEqual(self.status(headers={"Authorization": value}), 401)


class Reloading(PageTest):
    def test_a_renewed_certificate_is_used_without_a_restart(self):
        with self.serve(TLS) as daemon:
            old = self.connect()
            self.assertEqual(exchange(old).status, 200)
            before = old.sock.getpeercert()["serialNumber"]
            shutil.copy(folder() / "server.crt", folder() / "kept.crt")
            shutil.copy(folder() / "server.key", folder() / "kept.key")
            try:
                shutil.copy(folder() / "renewed.crt", folder() / "server.crt")
                shutil.copy(folder() / "renewed.key", folder() / "server.key")
                self.assertIn("reloaded: ", daemon.reload())
            finally:
                shutil.copy(folder() / "kept.crt", folder() / "server.crt")
                shutil.copy(folder() / "kept.key", folder() / "server.key")
            fresh = self.connect()
            self.assertEqual(exchange(fresh).status, 200)
            self.assertNotEqual(fresh.sock.getpeercert()["serialNumber"], before)
            self.assertEqual(exchange(old).status, 200, "a connection that stands goes on")

    def test_passwords_change_for_connections_that_stand_too(self):
        with self.serve(TLS + USERS) as daemon:
            connection = self.connect()
            self.assertEqual(exchange(connection, headers=PASSWORD).status, 200)
            daemon.reload(TLS + f"basic_auth_users: {{prometheus: {OTHER}}}\n")
            self.assertEqual(exchange(connection, headers=PASSWORD).status, 401)
            self.assertEqual(exchange(connection, headers=basic("prometheus", "other")).status, 200)

    def test_what_is_wrong_changes_nothing_and_is_told(self):
        with self.serve(TLS + USERS) as daemon:
            for text, said in (("basic_auth_users: {a: b}\n", ":1: basic_auth_users.a: not a bcrypt hash"),
                               (USERS, "TLS is turned on and off by a restart alone"),
                               (TLS.replace("server.key", "scraper.key") + USERS, "tls_server_config"),
                               (TLS.replace("server.crt", "gone.crt") + USERS, "gone.crt: No such file")):
                with self.subTest(said):
                    line = daemon.reload(text)
                    self.assertIn("not reloaded, the old configuration stays: ", line)
                    self.assertIn(said, line)
                    answer = exchange(self.connect(), headers=PASSWORD)
                    self.assertEqual(answer.status, 200)
                    self.assertIn("\nhalfclosed_config_last_reload_successful 0\n", answer.body)
                    self.assertEqual(self.status(), 401)
            self.assertIn("reloaded: ", daemon.reload(TLS + USERS))
            answer = exchange(self.connect(), headers=PASSWORD)
            self.assertIn("\nhalfclosed_config_last_reload_successful 1\n", answer.body)

    def test_headers_are_replaced_and_taken_away(self):
        with self.serve(TLS) as daemon:
            self.assertEqual(exchange(self.connect()).headers["X-Frame-Options"], "DENY")
            daemon.reload(TLS + "http_server_config: {headers: {X-Frame-Options: sameorigin, "
                                "Content-Security-Policy: '', Strict-Transport-Security: max-age=60}}\n")
            answer = exchange(self.connect())
            self.assertEqual(answer.headers.get("X-Frame-Options"), "sameorigin")
            self.assertEqual(answer.headers.get("Strict-Transport-Security"), "max-age=60")
            self.assertIsNone(answer.headers.get("Content-Security-Policy"))


class Refusing(unittest.TestCase):
    def test_a_wrong_file_is_one_line_and_status_2(self):
        file = folder() / "wrong.yml"
        for text, said in (("rate_limit: {interval: 1s}\n", f"{file}:1: rate_limit.interval: not supported"),
                           ("\ntls_server_config: {cert_file: x}\n", f"{file}:2: tls_server_config.cert_file: "),
                           (TLS.replace("server.key", "scraper.key"), f"{file}: tls_server_config.cert_file, key_file")):
            with self.subTest(said):
                file.write_text(text)
                done = halfclosed("serve", "--web-config-file", file, timeout=20)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertIn(said, done.stderr)


class OtherCommands(unittest.TestCase):
    def test_they_do_not_read_what_is_for_the_page(self):
        """The file of options is for all commands; who asks for a snapshot may not be allowed to see the key."""
        file = folder() / "halfclosed.toml"
        file.write_text('[serve]\nweb-config-file = "/nonexistent.yml"\n')
        done = halfclosed("--config", file, "snapshot", timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    run()
