"""Web configurations for the page, and certificates for everybody who may ask for it or not."""

import functools
import subprocess
import unittest

import certificates
import harness
from certificates import basic
from harness import Daemon, exchange

# htpasswd -nbBC 10 "" right, and the same for "other" (apache2-utils 2.4).
RIGHT = "$2y$10$XfoWofD8oYluBm/.OlxftuOOo8.Gu06wZClqgqtCxYyfoinzhhIvi"
OTHER = "$2y$10$qU8eHBCKa0FvSt.oH89tEOm.S2btopgN7MjF4JBNkpRjiosRM.Nvi"
TLS = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"
USERS = f"basic_auth_users: {{prometheus: {RIGHT}}}\n"
PASSWORD = basic("prometheus", "right")

# Trusts the authority of the page; with a certificate of the client's own, if it is given a name.
context = functools.partial(certificates.tls_context, "authority")


def make_certificates():
    for authority in ("authority", "stranger"):
        certificates.certificate(authority)
    for name, names, purpose, by in (("server", "DNS:localhost,IP:127.0.0.1", "serverAuth", "authority"),
                                     ("renewed", "DNS:localhost,IP:127.0.0.1", "serverAuth", "authority"),
                                     ("scraper", "DNS:scraper.example", "clientAuth", "authority"),
                                     ("visitor", "DNS:visitor.example", "clientAuth", "authority"),
                                     ("no_client", "DNS:scraper.example", "serverAuth", "authority"),
                                     ("foreign", "DNS:scraper.example", "clientAuth", "stranger")):
        certificates.certificate(name, names, purpose, by)


def curl(*arguments):
    """curl's own exit status and the HTTP status."""
    done = subprocess.run(["curl", "--silent", "--output", "/dev/null", "--max-time", "10", "--write-out",
                           "%{http_code}", *arguments], capture_output=True, text=True)
    return done.returncode, int(done.stdout)


class PageTest(unittest.TestCase):
    """Asks one guarded daemon after the other."""

    daemon = None

    @classmethod
    def serve(cls, web):
        """The daemon that is asked from now on, until the end of its `with` block."""
        cls.daemon = Daemon(web=web, fast=False)
        return cls.daemon

    def connect(self, client=None):
        """A connection that ends with the test."""
        connection = self.daemon.connect(context(client))
        self.addCleanup(connection.close)
        return connection

    def ask(self, target="/metrics", client=None, headers=None, **request):
        return self.daemon.ask(target, headers=headers, context=context(client), **request)

    def status(self, *request, **more):
        return self.ask(*request, **more).status


def run():
    """The tests of the file that was started."""
    harness.run(limit=240, prepare=make_certificates)
