"""One crowd of sockets, and what everybody's look at it costs, in turns."""

import contextlib
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import time
from pathlib import Path

from harness import PROGRAM, Daemon, Program, folder, free_port, get, wait_for

TOOLS = Path(__file__).resolve().parents[2] / "build/tools"
PORT = 9999
SCRAPES = 11
NODE_EXPORTER, COLLECTD = "node_exporter, tcpstat and sockstat, a scrape", "collectd, tcpconns, a read (collectd -T)"


@contextlib.contextmanager
def crowd(established, half_closed, prefix=(), port=PORT):
    """So many sockets; `prefix` is what starts the program, such as unshare."""
    maker = subprocess.Popen([*prefix, PROGRAM.parent / "crowd", str(established), str(half_closed), str(port)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert maker.stdout.readline() == "ready\n", "there is no crowd"
        yield maker
    finally:
        maker.stdin.close()
        maker.wait()
        maker.stdout.close()


def peak(pid):
    """MB that were resident at most."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def tool(name, path):
    """Debian's, installed or unpacked; None where it is not."""
    found = shutil.which(name) or TOOLS / path
    return Path(found) if Path(found).exists() else None


class NodeExporter(Program):
    def __init__(self):
        self.address = f"127.0.0.1:{free_port()}"
        super().__init__([tool("prometheus-node-exporter", "usr/bin/prometheus-node-exporter"), "--collector.disable-defaults",
                          "--collector.tcpstat", "--collector.sockstat", f"--web.listen-address={self.address}"])

    def answers(self):
        return get(self.address, "/") is not None


def collectd_configuration():
    root = TOOLS if (TOOLS / "usr/sbin/collectd").exists() else Path("/")
    file = folder() / "collectd.conf"
    file.write_text(f"""
BaseDir "{folder()}"
PIDFile "{folder()}/collectd.pid"
PluginDir "{root}/usr/lib/collectd"
TypesDB "{root}/usr/share/collectd/types.db"
Interval 2
LoadPlugin logfile
<Plugin logfile>
  LogLevel err
  File "/dev/null"
</Plugin>
LoadPlugin tcpconns
<Plugin tcpconns>
  ListeningPorts false
  LocalPort "{PORT}"
  AllPortsSummary true
</Plugin>
""")
    return file


def others(exits):
    """Arguments of poll_cost for the programs that are here, and {name: how much memory it took}, to be called afterwards."""
    arguments, memory = [], {}
    if tool("prometheus-node-exporter", "usr/bin/prometheus-node-exporter"):
        exporter = exits.enter_context(NodeExporter())
        arguments += ["--server", NODE_EXPORTER, str(exporter.pid),
                      f"curl -sf -m 60 -o /dev/null http://{exporter.address}/metrics"]
        memory[NODE_EXPORTER] = lambda: peak(exporter.pid)
    if collectd := tool("collectd", "usr/sbin/collectd"):
        arguments += ["--program", COLLECTD, f"{collectd} -T -C {collectd_configuration()}"]
        memory[COLLECTD] = lambda: memory_of_collectd(collectd)
    return arguments, memory


def memory_of_collectd(program):
    with Program([program, "-f", "-C", collectd_configuration()], wait=False) as running:
        time.sleep(8)
        return peak(running.pid)


def daemon_row(exact):
    """Memory and a scrape of `serve`, which has seen all there is."""
    with Daemon("--exact", exact, fast=False) as daemon:
        wait_for("a census", lambda: daemon.value("halfclosed_collector_last_success_timestamp_seconds", collector="census"), 60)
        took = []
        for _ in range(SCRAPES):
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=20)) as connection:
                began = time.monotonic()
                connection.request("GET", "/metrics")
                connection.getresponse().read()
                took.append(1000 * (time.monotonic() - began))
            time.sleep(0.2)
        return {"scrape_ms": took, "memory_mb": peak(daemon.pid), "resident_mb": daemon.resident() / 2**20}


def poll_cost(rounds, ports=str(PORT), arguments=()):
    file = folder() / "looks.json"
    subprocess.run([PROGRAM.parent / "poll_cost", str(rounds), ports, "--json", file, *arguments], check=True,
                   stdout=subprocess.DEVNULL, timeout=900)
    return json.loads(file.read_text())


def measure(sockets):
    half_closed = min(sockets // 100, 2000)
    rounds = 11 if sockets <= 20_000 else 7 if sockets <= 200_000 else 3
    with contextlib.ExitStack() as exits:
        exits.enter_context(crowd(sockets - half_closed, half_closed))
        arguments, memory = others(exits)
        looks = poll_cost(rounds, arguments=arguments)
        table = {"sockets": sockets, "half_closed": half_closed, "rounds": rounds, "looks": looks,
                 "memory": {name: of() for name, of in memory.items()},
                 "daemon": {exact: daemon_row(exact) for exact in ("off", "on") if exact == "off" or os.geteuid() == 0}}
    print(f"# {sockets} sockets: " + ", ".join(f"{name} {statistics.median(look['cpu_ms']):.2f} ms"
                                               for name, look in looks.items()), flush=True)
    return table
