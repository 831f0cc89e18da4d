#!/usr/bin/env python3
"""The page behind a web configuration, in a network namespace of its own: TLS, client certificates, passwords, reloads,
clients that do what they should not, and Debian's Prometheus with the scrape configuration of the papers.

Usage: web_config_test.py HALFCLOSED
"""

import base64
import contextlib
import http.client
import json
import multiprocessing
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

PROGRAM = os.path.abspath(sys.argv[1])
PORT = 10999
# htpasswd -nbBC 10 "" right, and the same for "other" (apache2-utils 2.4).
RIGHT = "$2y$10$XfoWofD8oYluBm/.OlxftuOOo8.Gu06wZClqgqtCxYyfoinzhhIvi"
OTHER = "$2y$10$qU8eHBCKa0FvSt.oH89tEOm.S2btopgN7MjF4JBNkpRjiosRM.Nvi"
FOLDER = Path()


def authority(name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.crt"],
                   cwd=FOLDER, check=True, capture_output=True)


def certificate(name, names, purpose, by="authority"):
    subprocess.run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr"],
                   cwd=FOLDER, check=True, capture_output=True)
    (FOLDER / f"{name}.ext").write_text(f"subjectAltName={names}\nextendedKeyUsage={purpose}\n")
    subprocess.run(["openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", f"{by}.crt", "-CAkey", f"{by}.key",
                    "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.crt"],
                   cwd=FOLDER, check=True, capture_output=True)


def setUpModule():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    authority("authority")
    authority("stranger")
    certificate("server", "DNS:localhost,IP:127.0.0.1", "serverAuth")
    certificate("renewed", "DNS:localhost,IP:127.0.0.1", "serverAuth")
    certificate("scraper", "DNS:scraper.example", "clientAuth")
    certificate("visitor", "DNS:visitor.example", "clientAuth")
    certificate("no_client", "DNS:scraper.example", "serverAuth")
    certificate("foreign", "DNS:scraper.example", "clientAuth", by="stranger")


class Daemon:
    """`halfclosed serve` with this web configuration."""

    def __init__(self, text, port=PORT):
        self.port = port
        self.file = FOLDER / f"web-{port}.yml"
        self.file.write_text(text)
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--web-config-file", str(self.file),
             "--control-socket", str(FOLDER / f"control-{port}.sock")],
            stderr=subprocess.PIPE, text=True)
        self.log = []
        for line in self.process.stderr:
            self.log.append(line)
            if " ready" in line:
                break
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stderr.close()

    def reload(self, text=None):
        """Ends when the log has said what came of it."""
        if text is not None:
            self.file.write_text(text)
        seen = len(self.log)
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            for line in self.log[seen:]:
                if "reloaded" in line:
                    return line
            time.sleep(0.01)
        raise AssertionError("the daemon says nothing of a reload")


def context(client=None):
    made = ssl.create_default_context(cafile=str(FOLDER / "authority.crt"))
    if client:
        made.load_cert_chain(FOLDER / f"{client}.crt", FOLDER / f"{client}.key")
    return made


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def connect(client=None, port=PORT, timeout=20):
    return http.client.HTTPSConnection("localhost", port, context=context(client), timeout=timeout)


def ask(connection, path="/metrics", method="GET", headers=None, body=None):
    connection.request(method, path, headers=headers or {}, body=body)
    answer = connection.getresponse()
    return answer, answer.read().decode()


def status(path="/metrics", client=None, headers=None, port=PORT):
    connection = connect(client, port)
    try:
        return ask(connection, path, headers=headers)[0].status
    finally:
        connection.close()


def curl(*arguments):
    """curl's own exit status and the HTTP status."""
    done = subprocess.run(["curl", "--silent", "--output", "/dev/null", "--max-time", "10", "--write-out",
                           "%{http_code}", *arguments], capture_output=True, text=True)
    return done.returncode, int(done.stdout)


TLS = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"
USERS = f"basic_auth_users: {{prometheus: {RIGHT}}}\n"


class Visiting(unittest.TestCase):
    def connect(self, client=None):
        """A connection that ends with the test."""
        connection = connect(client)
        self.addCleanup(connection.close)
        return connection


class Passwords(Visiting):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(TLS + USERS)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__()

    def test_curl_reads_the_page_with_the_authority_and_the_password(self):
        page, ca = f"https://localhost:{PORT}/metrics", str(FOLDER / "authority.crt")
        self.assertEqual(curl("--cacert", ca, "--user", "prometheus:right", page), (0, 200))
        self.assertEqual(curl("--cacert", ca, "--user", "prometheus:wrong", page), (0, 401))
        self.assertEqual(curl("--cacert", ca, page), (0, 401))
        self.assertEqual(curl("--user", "prometheus:right", page), (60, 0), "it does not know who vouches")
        self.assertEqual(curl("--cacert", str(FOLDER / "stranger.crt"), page), (60, 0))

    def test_every_path_asks_for_the_password(self):
        for path in ("/", "/metrics", "/api/v1/snapshot", "/-/healthy", "/-/ready", "/nowhere", "/style.css"):
            with self.subTest(path):
                self.assertEqual(status(path), 401)
                self.assertEqual(status(path, headers=basic("prometheus", "wrong")), 401)
                self.assertEqual(status(path, headers=basic("prometheus", "right")), 404 if path == "/nowhere" else 200)

    def test_the_refusal_says_what_is_needed_and_nothing_else(self):
        answer, body = ask(self.connect())
        self.assertEqual(answer.getheader("WWW-Authenticate"), 'Basic realm="halfclosed", charset="UTF-8"')
        self.assertEqual(answer.getheader("X-Frame-Options"), "DENY")
        self.assertEqual(body, "a name and a password are needed\n")

    def test_a_body_is_not_a_request(self):
        connection = self.connect()
        for headers, expected in ((basic("prometheus", "right"), 200), (basic("prometheus", "wrong"), 401)):
            answer, _ = ask(connection, headers=headers, body="GET /-/ready HTTP/1.1\r\n\r\n")
            self.assertEqual(answer.status, expected)
        self.assertEqual(ask(connection, headers=basic("prometheus", "right"))[0].status, 200)

    def test_other_methods_are_refused_after_the_password(self):
        for headers, expected in ((basic("prometheus", "right"), 405), (basic("prometheus", "nope"), 401), ({}, 401)):
            connection = self.connect()
            self.assertEqual(ask(connection, method="POST", headers=headers, body="x" * 1000)[0].status, expected)

    def test_a_password_is_paid_for_once(self):
        headers = basic("prometheus", "right")
        status(headers=headers)
        connection = self.connect()
        ask(connection, headers=headers)
        began = time.monotonic()
        for _ in range(50):
            self.assertEqual(ask(connection, "/-/healthy", headers=headers)[0].status, 200)
        self.assertLess((time.monotonic() - began) / 50, 0.02, "a bcrypt check takes longer than that")

    def test_pipelined_requests_are_answered_in_their_order(self):
        passwords = ("first", "right", "second", "third", "right")
        with socket.create_connection(("127.0.0.1", PORT), timeout=15) as plain, \
                context().wrap_socket(plain, server_hostname="localhost") as client:
            client.sendall(b"".join(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n" %
                                    basic("prometheus", password)["Authorization"].encode() for password in passwords))
            answers = b""
            while answers.count(b"HTTP/1.1 ") < len(passwords):
                answers += client.recv(65536) or self.fail("the connection has ended")
        self.assertEqual([int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]], [401, 200, 401, 401, 200])

    def test_malformed_authorization_is_refused(self):
        for value in ("", "Basic", "Basic ???", "Basic cHJvbWV0aGV1cw==", "Bearer right", "Basic " + "A" * 8000):
            with self.subTest(value[:30]):
                self.assertEqual(status(headers={"Authorization": value}), 401)


class Transport(Visiting):
    """Clients that TLS turns away, and the page goes on."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon(TLS)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__()

    def tearDown(self):
        self.assertEqual(status("/-/healthy"), 200)

    def s_client(self, *arguments, send=b""):
        done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{PORT}", "-CAfile",
                               str(FOLDER / "authority.crt"), "-verify_return_error", *arguments],
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
        answer = subprocess.run(["curl", "--silent", "--max-time", "5", f"http://127.0.0.1:{PORT}/metrics"],
                                capture_output=True, text=True)
        self.assertEqual((answer.returncode, answer.stdout), (0, "this port speaks HTTPS: use https:\n"))

    def test_what_is_no_handshake_ends_soon(self):
        hello = bytes.fromhex("16030100c8010000c40303") + b"x" * 20
        for first, rest in ((b"", b"GET / HTTP/1.1\r\n\r\n"), (b"\x16", b"garbage " * 10), (b"\x80\x2e\x01", b"\0" * 40),
                            (b"\xff" * 100, b""), (hello, b""), (b"\x16\x03\x01\xff\xff", b"")):
            with self.subTest(first[:5]), socket.create_connection(("127.0.0.1", PORT), timeout=15) as client:
                client.sendall(first)
                time.sleep(0.1)
                began = time.monotonic()
                try:
                    client.sendall(rest)
                    while client.recv(4096):
                        pass
                except ConnectionError:
                    pass
                self.assertLess(time.monotonic() - began, 8, "5 s are there for a request, no more")

    def test_a_client_that_says_nothing_more_is_ended(self):
        client = context().wrap_socket(socket.create_connection(("127.0.0.1", PORT), timeout=15),
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


class ClientCertificates(unittest.TestCase):
    BASE = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n  client_auth_type: "

    def outcome(self, client):
        try:
            return status("/-/healthy", client)
        except (ssl.SSLError, ConnectionError):
            return "refused"

    def expect(self, configuration, **expected):
        with Daemon(self.BASE + configuration):
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


class Reloading(Visiting):
    def test_a_renewed_certificate_is_used_without_a_restart(self):
        with Daemon(TLS) as daemon:
            old = self.connect()
            self.assertEqual(ask(old)[0].status, 200)
            before = old.sock.getpeercert()["serialNumber"]
            shutil.copy(FOLDER / "server.crt", FOLDER / "kept.crt")
            shutil.copy(FOLDER / "server.key", FOLDER / "kept.key")
            try:
                shutil.copy(FOLDER / "renewed.crt", FOLDER / "server.crt")
                shutil.copy(FOLDER / "renewed.key", FOLDER / "server.key")
                self.assertIn("reloaded: ", daemon.reload())
            finally:
                shutil.copy(FOLDER / "kept.crt", FOLDER / "server.crt")
                shutil.copy(FOLDER / "kept.key", FOLDER / "server.key")
            fresh = self.connect()
            self.assertEqual(ask(fresh)[0].status, 200)
            self.assertNotEqual(fresh.sock.getpeercert()["serialNumber"], before)
            self.assertEqual(ask(old)[0].status, 200, "a connection that stands goes on")

    def test_passwords_change_for_connections_that_stand_too(self):
        with Daemon(TLS + USERS) as daemon:
            connection = self.connect()
            self.assertEqual(ask(connection, headers=basic("prometheus", "right"))[0].status, 200)
            daemon.reload(TLS + f"basic_auth_users: {{prometheus: {OTHER}}}\n")
            self.assertEqual(ask(connection, headers=basic("prometheus", "right"))[0].status, 401)
            self.assertEqual(ask(connection, headers=basic("prometheus", "other"))[0].status, 200)

    def test_what_is_wrong_changes_nothing_and_is_told(self):
        with Daemon(TLS + USERS) as daemon:
            for text, said in (("basic_auth_users: {a: b}\n", ":1: basic_auth_users.a: not a bcrypt hash"),
                               (USERS, "TLS is turned on and off by a restart alone"),
                               (TLS.replace("server.key", "scraper.key") + USERS, "tls_server_config"),
                               (TLS.replace("server.crt", "gone.crt") + USERS, "gone.crt: No such file")):
                with self.subTest(said):
                    line = daemon.reload(text)
                    self.assertIn("not reloaded, the old configuration stays: ", line)
                    self.assertIn(said, line)
                    answer, page = ask(self.connect(), headers=basic("prometheus", "right"))
                    self.assertEqual(answer.status, 200)
                    self.assertIn("\nhalfclosed_config_last_reload_successful 0\n", page)
                    self.assertEqual(status(), 401)
            self.assertIn("reloaded: ", daemon.reload(TLS + USERS))
            _, page = ask(self.connect(), headers=basic("prometheus", "right"))
            self.assertIn("\nhalfclosed_config_last_reload_successful 1\n", page)

    def test_headers_are_replaced_and_taken_away(self):
        with Daemon(TLS) as daemon:
            self.assertEqual(ask(self.connect())[0].getheader("X-Frame-Options"), "DENY")
            daemon.reload(TLS + "http_server_config: {headers: {X-Frame-Options: sameorigin, "
                                "Content-Security-Policy: '', Strict-Transport-Security: max-age=60}}\n")
            answer, _ = ask(self.connect())
            self.assertEqual(answer.getheader("X-Frame-Options"), "sameorigin")
            self.assertEqual(answer.getheader("Strict-Transport-Security"), "max-age=60")
            self.assertIsNone(answer.getheader("Content-Security-Policy"))


class Refusing(unittest.TestCase):
    def test_a_wrong_file_is_one_line_and_status_2(self):
        file = FOLDER / "wrong.yml"
        for text, said in (("rate_limit: {burst: 1}\n", f"{file}:1: rate_limit: not supported"),
                           ("\ntls_server_config: {cert_file: x}\n", f"{file}:2: tls_server_config.cert_file: "),
                           (TLS.replace("server.key", "scraper.key"), f"{file}: tls_server_config.cert_file, key_file")):
            with self.subTest(said):
                file.write_text(text)
                done = subprocess.run([PROGRAM, "serve", "--web-config-file", str(file)], capture_output=True, text=True,
                                      timeout=20)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertIn(said, done.stderr)


class OtherCommands(unittest.TestCase):
    def test_they_do_not_read_what_is_for_the_page(self):
        """The file of options is for all commands; whoever asks for a snapshot may not be allowed to see the key."""
        file = FOLDER / "halfclosed.toml"
        file.write_text('[serve]\nweb-config-file = "/nonexistent.yml"\n')
        done = subprocess.run([PROGRAM, "--config", str(file), "snapshot"], capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 0, done.stderr)


class RealPrometheus(unittest.TestCase):
    def test_it_scrapes_over_tls_with_a_password_and_a_certificate(self):
        (FOLDER / "password").write_text("right")
        (FOLDER / "prometheus.yml").write_text(f"""
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: halfclosed
    scheme: https
    tls_config:
      ca_file: authority.crt
      cert_file: scraper.crt
      key_file: scraper.key
    basic_auth:
      username: prometheus
      password_file: password
    static_configs:
      - targets: ["localhost:{PORT}"]
""")
        mutual = ("tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
                  "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: authority.crt\n")
        with Daemon(mutual + USERS):
            with (FOLDER / "prometheus.log").open("wb") as log:
                server = subprocess.Popen(
                    ["prometheus", f"--config.file={FOLDER}/prometheus.yml", f"--storage.tsdb.path={FOLDER}/data",
                     "--web.listen-address=127.0.0.1:9090"], stdout=log, stderr=log)
            try:
                deadline = time.monotonic() + 60
                scraped = 0.0
                while scraped < 5 and time.monotonic() < deadline:
                    time.sleep(0.5)
                    try:
                        with urllib.request.urlopen("http://127.0.0.1:9090/api/v1/query?query="
                                                    "sum_over_time(up%5B1m%5D)", timeout=5) as answer:
                            result = json.load(answer)["data"]["result"]
                            scraped = float(result[0]["value"][1]) if result else 0.0
                    except (urllib.error.URLError, ConnectionError):
                        pass
                self.assertGreaterEqual(scraped, 5, (FOLDER / "prometheus.log").read_text()[-2000:])
                with urllib.request.urlopen("http://127.0.0.1:9090/api/v1/query?query=min_over_time(up%5B1m%5D)",
                                            timeout=5) as answer:
                    self.assertEqual(json.load(answer)["data"]["result"][0]["value"][1], "1", "not one scrape failed")
            finally:
                server.terminate()
                server.wait()


class UnderAttack(Visiting):
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
        self.held.append(socket.create_connection(("127.0.0.1", PORT), timeout=5))
        return self.held[-1]

    def scrape(self, times):
        took = []
        tls = context()
        for _ in range(times):
            began = time.monotonic()
            connection = http.client.HTTPSConnection("localhost", PORT, context=tls, timeout=20)
            answer, body = ask(connection, headers=basic("prometheus", "right"))
            self.assertEqual(answer.status, 200)
            self.assertIn("halfclosed_sockets", body)
            connection.close()
            took.append(time.monotonic() - began)
            time.sleep(0.02)
        return sorted(took)[len(took) * 99 // 100]

    def test_the_scraper_is_served_all_the_same(self):
        with Daemon(TLS + USERS):
            tls = context()
            for number in range(150):
                self.raw().sendall(b"\x16\x03\x01\x02\x00\x01" if number % 2 else b"\x16")
            for _ in range(20):
                client = tls.wrap_socket(self.raw(), server_hostname="localhost")
                self.held.append(client)
                client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ")
            tricklers = self.held[-1:-40:-2]

            def trickle():
                time.sleep(0.1)
                for client in tricklers:
                    client.sendall(b"a")

            def guess():
                with contextlib.closing(connect(timeout=5)) as connection:
                    for number in range(50):
                        ask(connection, headers=basic("prometheus" if number % 2 else "root", f"guess {number}"))

            def shake_hands():
                time.sleep(0.02)
                tls.wrap_socket(socket.create_connection(("127.0.0.1", PORT), timeout=5),
                                server_hostname="localhost").close()

            # A cold start under guesses: the first check of the right password has to get its turn.
            for act in (guess, guess, guess, trickle, shake_hands):
                self.flood(act)
            time.sleep(0.5)
            began = time.monotonic()
            while status(headers=basic("prometheus", "right")) != 200:
                self.assertLess(time.monotonic() - began, 10)
            print(f"first right password among guesses: {time.monotonic() - began:.2f} s", file=sys.stderr)
            for _ in range(20):
                reader = tls.wrap_socket(self.raw(), server_hostname="localhost")
                self.held.append(reader)
                request = b"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n" % basic(
                    "prometheus", "right")["Authorization"].encode()
                reader.sendall(request * 8)
            # The best of five: other work on this machine may hold up some of them.
            p99 = min(self.scrape(100) for _ in range(2))
            for _ in range(3):
                p99 = p99 if p99 < 0.1 else min(p99, self.scrape(100))
            print(f"p99 of a scrape under attack: {p99 * 1000:.1f} ms", file=sys.stderr)
            self.assertLess(p99, 0.1)


if __name__ == "__main__":
    if "--inside" not in sys.argv:
        how = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
        os.execvp("unshare", [*how, sys.executable, os.path.abspath(__file__), PROGRAM, "--inside"])
    with tempfile.TemporaryDirectory(prefix="halfclosed-web-") as made:
        FOLDER = Path(made)
        result = unittest.main(argv=sys.argv[:1], verbosity=2, exit=False).result
    sys.exit(not result.wasSuccessful())
