"""The state directory full, read-only, missing, taken away; the state file cut, changed, foreign. Ages are lost at
worst; the daemon is not, and a state file that was whole stays whole."""

import os
import random
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from half_closed import HalfClosed
from harness import Daemon, wait_for
from cases import case, check


@contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="halfclosed-state-") as name:
        yield Path(name)


@contextmanager
def mounted(options):
    with folder() as place:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", place], check=True)
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)


def saved(state):
    """Lets a daemon write the file, and returns what it has written."""
    with Daemon(state=state) as daemon:
        wait_for("the state file", (state / "sockets").exists)
        status, _ = daemon.stop()
        check(status == 0, f"ended with {status}: {daemon.log()}")
    return (state / "sockets").read_bytes()


def goes_on(daemon, count):
    check(daemon.value("halfclosed_sockets", side="client", state="close_wait", custody="process") == count,
          f"counts wrong; {daemon.log()}")
    status, took = daemon.stop()
    check(status == 0 and took < 1, f"ended with {status} after {took:.2f} s: {daemon.log()}")


@case("a full disk costs new ages only: the file of before stays whole, one line says why")
def full():
    with mounted("size=64k") as state, HalfClosed(5) as half_closed:
        before = saved(state)
        filler = state / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        half_closed.add(200)
        with Daemon(state=state) as daemon:
            wait_for("a line about it", lambda: "No space left on device" in daemon.log())
            goes_on(daemon, 205)
            check(daemon.log().count("No space left on device") == 1, daemon.log())
        check((state / "sockets").read_bytes() == before, "the file has changed")
        check(sorted(os.listdir(state)) == ["filler", "sockets"], f"left behind: {os.listdir(state)}")
        filler.unlink()
        check(saved(state) != before, "it is not written again once there is room")


@case("a read-only directory is said, once, and what is in it is read")
def read_only():
    with mounted("size=64k") as state, HalfClosed(2):
        before = saved(state)
        subprocess.run(["mount", "-o", "remount,ro", state], check=True)
        with Daemon(state=state) as daemon:
            wait_for("a line about it", lambda: "Read-only file system" in daemon.log())
            check(daemon.log().count("Read-only file system") == 1, daemon.log())
            goes_on(daemon, 2)
        check((state / "sockets").read_bytes() == before, "the file has changed")


@case("a directory that is not there is said, once, and the daemon serves")
def missing():
    with folder() as place, HalfClosed(2), Daemon(state=place / "nowhere") as daemon:
        wait_for("a line about it", lambda: "No such file or directory" in daemon.log())
        goes_on(daemon, 2)
        check(daemon.log().count("No such file or directory") == 1, daemon.log())


@case("a directory that is taken away under it is said, and the daemon serves")
def taken_away():
    with folder() as place, HalfClosed(2) as half_closed:
        state = place / "state"
        state.mkdir()
        with Daemon(state=state) as daemon:
            wait_for("the state file", (state / "sockets").exists)
            shutil.rmtree(state)
            half_closed.add(1)
            wait_for("all three", lambda: daemon.value("halfclosed_sockets", side="client",
                                                               state="close_wait", custody="process") == 3)
            goes_on(daemon, 3)
            check("No such file or directory" in daemon.log(), daemon.log())
        check(not state.exists(), "it made a directory")


def mutations(whole, count):
    """Cuts, changed bytes, doubled and foreign content; the same each time."""
    dice = random.Random(1)
    yield b""
    yield whole[:-1]
    yield whole + whole
    yield b"\0" * len(whole)
    yield b"halfclosed-state 2\n" + whole.split(b"\n", 1)[1]
    yield b"x" * (8 << 20)
    while count > 6:
        count -= 1
        changed = bytearray(whole)
        for _ in range(dice.randint(1, 4)):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        yield bytes(changed[:dice.randint(1, len(changed))] if dice.random() < 0.5 else changed)


@case("of 60 damaged state files none is believed: each is set aside with a line, ready within a second")
def damaged():
    slowest = 0.0
    with folder() as state, HalfClosed(4):
        whole = saved(state)
        for number, content in enumerate(mutations(whole, 60)):
            if content == whole:
                continue
            (state / "sockets").write_bytes(content)
            began = time.monotonic()
            with Daemon(state=state) as daemon:
                slowest = max(slowest, time.monotonic() - began)
                check("set aside as" in daemon.log(), f"mutation {number} is believed: {content[:80]} {daemon.log()}")
                check((state / "sockets.bad").read_bytes() == content, f"mutation {number} is not kept aside")
                goes_on(daemon, 4)
            (state / "sockets.bad").unlink()
    check(slowest <= 1, f"{slowest:.2f} s to be ready")
    return f"ready after {slowest:.2f} s at the latest"


@case("a directory, a pipe or a device in the file's place holds nothing up")
def no_file():
    for make in (lambda path: path.mkdir(), os.mkfifo, lambda path: path.symlink_to("/dev/zero"),
                 lambda path: path.symlink_to("/proc/self/mem")):
        with folder() as state, HalfClosed(1):
            make(state / "sockets")
            with Daemon(state=state) as daemon:
                goes_on(daemon, 1)
