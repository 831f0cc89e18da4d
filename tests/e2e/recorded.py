"""What scripts that read a history have in common."""

import datetime
import json
import os
import subprocess
import time
import unittest
from pathlib import Path

from harness import PROGRAM, folder, halfclosed, wait_for


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def looked(daemon):
    """A time after which the daemon has looked at all that is there now."""
    began = time.time()
    wait_for("a look", lambda: daemon.value("halfclosed_collector_last_success_timestamp_seconds", collector="closing") > began, 30)
    then = now()
    moment = time.time()
    wait_for("another", lambda: daemon.value("halfclosed_collector_last_success_timestamp_seconds",
                                             collector="closing") > moment + 0.001, 30)
    return then


def target(link):
    """Of a link that may be gone."""
    try:
        return os.readlink(link)
    except OSError:
        return ""


class Recorded(unittest.TestCase):
    """Each test has a state directory of its own."""

    def setUp(self):
        self.state = folder() / f"state-{self.id().rsplit('.', 1)[1]}"
        self.state.mkdir()

    def told(self, *arguments):
        """The lines of `halfclosed history --json`."""
        ran = halfclosed("history", "--json", "--state-dir", str(self.state), *arguments)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        return [json.loads(line) for line in ran.stdout.splitlines()]

    def snapshot(self, *arguments):
        ran = halfclosed("snapshot", "--state-dir", str(self.state), *arguments)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return ran.stdout

    def wait_for_ends(self, began, count):
        """Until so many clients' sockets have ended in the file: a daemon writes every ten seconds, and may first look
        whether a descriptor is open still."""
        wait_for(f"{count} ends in the history", lambda: count == sum(
            each["ended"] is not None for each in self.told("--from", began) if each["side"] == "client"), 60, 0.3)

    def watched(self, *flags):
        """What `watch` tells of the past, and of its first look, before which it has no socket of its own."""
        watch = subprocess.Popen([PROGRAM, "watch", "--json", "--state-dir", str(self.state), *flags],
                                 stdout=subprocess.PIPE, text=True)
        files = Path(f"/proc/{watch.pid}/fd")
        wait_for("its first look", lambda: any(target(file).startswith("socket:") for file in files.iterdir()), 30)
        watch.terminate()
        return [json.loads(line) for line in watch.communicate(timeout=30)[0].splitlines()]
