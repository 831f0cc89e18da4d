"""A machine that lacks what others have: no tree of cgroups, no /proc."""

from half_closed import HalfClosed
from harness import Daemon, wait_for
from cases import case, check

CLOSE_WAIT = {"side": "client", "state": "close_wait", "custody": "process"}


def without(place):
    """What runs a program in a mount namespace where this directory is empty: nothing is mounted there, or nothing else."""
    return ["unshare", "--mount", "sh", "-c", f"""
        while umount --lazy --recursive {place} 2>/dev/null; do :; done
        [ -z "$(ls -A {place})" ] || mount -t tmpfs -o ro none {place} || exit
        exec "$@" """, "sh"]


@case("without a tree of cgroups it serves, and says that owners are unknown")
def no_cgroups():
    with HalfClosed(2), Daemon(prefix=without("/sys/fs/cgroup")) as daemon:
        check(daemon.value("halfclosed_sockets", **CLOSE_WAIT) == 2, daemon.log())
        failed = {name for name, success in daemon.collectors().items() if not success}
        check(failed == {"owners"}, f"failed: {failed}; {daemon.log()}")
        check(daemon.log().count(" owners: ") == 1, daemon.log())
        check(daemon.stop()[0] == 0, daemon.log())


@case("without /proc it serves what the kernel tells over netlink, and nothing of the rest as zero")
def no_proc():
    with HalfClosed(2), Daemon(wait=False, prefix=without("/proc")) as daemon:
        wait_for(f"a page; {daemon.log()}", lambda: daemon.status("/metrics") == 200)
        wait_for("a second poll", lambda: daemon.value("halfclosed_sockets", **CLOSE_WAIT) == 2)
        collectors = daemon.collectors()
        check(collectors["closing"] and not collectors["sockstat"] and not collectors["census"], f"{collectors}")
        check(daemon.value("halfclosed_sockstat") is None, "sockstat without a source")
        check(daemon.value("process_resident_memory_bytes") is None, "process metrics without a source")
        check(daemon.stop()[0] == 0, daemon.log())
