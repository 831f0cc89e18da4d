"""The page behind a web configuration, from outside: the daemon, certificates, clients."""

import base64
import http.client
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
from pathlib import Path

PROGRAM = os.path.abspath(sys.argv[1])
PORT = 10999
# htpasswd -nbBC 10 "" right, and the same for "other" (apache2-utils 2.4).
RIGHT = "$2y$10$XfoWofD8oYluBm/.OlxftuOOo8.Gu06wZClqgqtCxYyfoinzhhIvi"
OTHER = "$2y$10$qU8eHBCKa0FvSt.oH89tEOm.S2btopgN7MjF4JBNkpRjiosRM.Nvi"
FOLDER = Path(tempfile.mkdtemp(prefix="halfclosed-web-")) if "--inside" in sys.argv else Path()


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


def make_ground():
    """The network, and a certificate for everybody."""
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


def run():
    """The tests of the file that was started, in a network namespace of their own."""
    file = os.path.abspath(sys.argv[0])
    if "--inside" not in sys.argv:
        how = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
        os.execvp("unshare", [*how, sys.executable, "-B", file, PROGRAM, "--inside"])
    try:
        make_ground()
        result = unittest.main(argv=sys.argv[:1], verbosity=2, exit=False).result
    finally:
        shutil.rmtree(FOLDER)
    sys.exit(not result.wasSuccessful())
