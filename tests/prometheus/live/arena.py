"""Runs a test module in network, process and mount namespaces of its own: no packet leaves, and when the test ends, in
whatever way, everything it started is gone. Root, or any user where user namespaces are allowed.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

INSIDE = "HALFCLOSED_ARENA"
CGROUP_ROOTS = ("/sys/fs/cgroup/unified", "/sys/fs/cgroup")


def run(limit):
    """Called by a test module for itself. usage: python3 MODULE HALFCLOSED [unittest's arguments]. `limit` seconds."""
    if INSIDE in os.environ:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        unittest.main(module="__main__", argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
    if len(sys.argv) < 2 or not os.access(sys.argv[1], os.X_OK):
        sys.exit(f"usage: {sys.argv[0]} HALFCLOSED-PROGRAM")
    sys.exit(supervise(limit))


def supervise(limit):
    folder = tempfile.mkdtemp(prefix="halfclosed-arena-")
    identity = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *identity, "--net", "--pid", "--mount-proc", "--fork", "--kill-child",
               sys.executable, *sys.argv]
    inside = subprocess.Popen(command, env={**os.environ, INSIDE: folder}, start_new_session=True)
    # Ctrl-C and SIGTERM end the test through the finally below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return inside.wait(limit)
    except subprocess.TimeoutExpired:
        print(f"not done within {limit} s", file=sys.stderr)
        return 1
    finally:
        inside.kill()
        inside.wait()
        remove_cgroups(Path(folder).name)
        shutil.rmtree(folder)


def folder():
    return Path(os.environ[INSIDE])


def program():
    return str(Path(sys.argv[1]).resolve())


def make_cgroup(name):
    """A cgroup for one program, so that its sockets have an owner; None where none may be made."""
    for root in map(Path, CGROUP_ROOTS):
        if (root / "cgroup.procs").exists():
            path = root / folder().name / name
            try:
                path.mkdir(parents=True)
            except OSError:
                return None
            return path
    return None


def remove_cgroups(name):
    for root in map(Path, CGROUP_ROOTS):
        for path in sorted((root / name).glob("*/"), reverse=True):
            path.rmdir()
        if (root / name).exists():
            (root / name).rmdir()


def set_fin_timeout(seconds):
    """Of this namespace, and of no other."""
    Path("/proc/sys/net/ipv4/tcp_fin_timeout").write_text(str(seconds))
