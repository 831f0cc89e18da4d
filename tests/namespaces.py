"""Namespaces of its own for a test script, in which nothing of the machine is disturbed and of which nothing is left."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

INSIDE = "HALFCLOSED_TEST_FOLDER"
CGROUP_ROOTS = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))


def enter(limit):
    """Returns in network, PID and mount namespaces of its own, as root there, in which temporary files are made in
    folder(). When the script ends, or after `limit` seconds, nothing of it is left: no process, no file, no cgroup.
    Needs root, or a kernel that grants user namespaces."""
    if INSIDE not in os.environ:
        sys.exit(supervise(limit))
    script = os.fork()
    if script:
        sys.exit(reap_until(script))
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder())
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored if the tests were started in the background
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def supervise(limit):
    place = Path(tempfile.mkdtemp(prefix="halfclosed-test-"))
    place.chmod(0o711)  # also users other than root run programs in it
    identity = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    # Whatever kills this process, as CTest does after its own limit, ends everything in the namespaces.
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", *identity, "--net", "--pid", "--mount-proc", "--fork",
               "--kill-child", sys.executable, "-B"]
    inside = subprocess.Popen([*command, *sys.argv], env={**os.environ, INSIDE: str(place)}, start_new_session=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # through the finally below, as Ctrl-C
    try:
        return inside.wait(limit)
    except subprocess.TimeoutExpired:
        print(f"not done within {limit} s", file=sys.stderr)
        return 1
    finally:
        inside.kill()
        inside.wait()
        shutil.rmtree(place)
        remove_cgroups(place.name)


def reap_until(script):
    """The first process of a PID namespace is the parent of every orphan in it."""
    while True:
        pid, status = os.wait()
        if pid == script:
            return os.waitstatus_to_exitcode(status)


def folder():
    return Path(os.environ[INSIDE])


def is_real_root():
    """Whether other users exist here: in the user namespace of an ordinary user there is only its own."""
    return int(Path("/proc/self/uid_map").read_text().split()[2]) > 1


def make_cgroup(name):
    """A cgroup for one program, so that its sockets have an owner; None if none may be made."""
    for root in CGROUP_ROOTS:
        if (root / "cgroup.procs").exists():
            path = root / folder().name / name
            try:
                path.mkdir(parents=True)
            except OSError:
                return None
            return path
    return None


def remove_cgroups(name):
    """What was in them was killed, which does not mean that it is gone."""
    end = time.monotonic() + 5
    for root in CGROUP_ROOTS:
        for path in [*(root / name).glob("*/"), root / name]:
            while path.exists():
                try:
                    path.rmdir()
                except OSError:
                    if time.monotonic() > end:
                        raise
                    time.sleep(0.05)
