#!/usr/bin/env python3
"""deploy/quickstart with the build and the lab left out: whose answer at the page's port it believes.

Usage: quickstart_test.py [HALFCLOSED [TEST...]]
"""

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import harness
from harness import DEPLOY, folder

# The lab's status is one that nothing else has.
HALFCLOSED = f"""#!/bin/sh
[ "$1" != scenario ] || exit 42
exec '{harness.PROGRAM}' "$@"
"""

# Answers everything, at the port of the page.
IMPOSTOR = """
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

server = http.server.ThreadingHTTPServer(("127.0.0.1", 10999), Handler)
print("listening", flush=True)
server.serve_forever()
"""


def write_script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


class Quickstart(unittest.TestCase):
    def setUp(self):
        self.root = folder() / self.id()
        write_script(self.root / "deploy/install-packages", "#!/bin/sh\n")
        write_script(self.root / "build/release/bin/halfclosed", HALFCLOSED)
        write_script(self.root / "tools/cmake", "#!/bin/sh\n")
        write_script(self.root / "tools/ninja", "#!/bin/sh\n")
        shutil.copy(DEPLOY / "quickstart", self.root / "deploy/quickstart")

    def run_it(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SUDO_")}
        environment["PATH"] = f"{self.root}/tools:{environment['PATH']}"
        return subprocess.run([self.root / "deploy/quickstart", "--once"], capture_output=True, text=True, timeout=60,
                              env=environment, stdin=subprocess.DEVNULL)

    def test_it_ends_with_the_status_of_the_lab(self):
        done = self.run_it()
        self.assertEqual(done.returncode, 42, done.stderr)
        self.assertIn("ready: watching port 9999", done.stdout)

    def test_another_process_that_takes_the_port_meanwhile_is_not_believed(self):
        (self.root / "impostor.py").write_text(IMPOSTOR)
        said = self.root / "impostor.out"
        write_script(self.root / "tools/ninja", f"""#!/bin/sh
'{sys.executable}' '{self.root}/impostor.py' >'{said}' 2>&1 &
echo $! >'{self.root}/impostor.pid'
until grep -q listening '{said}'; do sleep 0.05; done
""")
        self.addCleanup(lambda: os.kill(int((self.root / "impostor.pid").read_text()), 9))
        done = self.run_it()
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertNotIn("ready", done.stdout)
        self.assertIn("the daemon did not start", done.stderr)


if __name__ == "__main__":
    harness.run(120)
