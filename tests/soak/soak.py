"""The run itself: what is started, what is compared."""

import collections
import json
import random
import re
import subprocess
import sys
import time
from pathlib import Path

from faults import FAULTS
from harness import Daemon, folder, value, wait_for
from prometheus_server import Prometheus

PORT = 9999
HISTORY_SIZE, DISK = 8 << 20, 32 << 20
# A step that the kernel told to no program is counted with the socket's next one, at the latest when its TIME-WAIT ends.
SETTLED = 90
BETWEEN_FAULTS, BETWEEN_CHECKS = (3, 12), (40, 80)
MOST_MEMORY, MOST_GROWTH, WARM = 64 << 20, 8 << 20, 45
MORE_DESCRIPTORS = 4  # scrapes that are under way
SERIES = re.compile(r"^halfclosed_(transitions|resets)_total\{(.*)\} (\S+)$", re.MULTILINE)


class Generator:
    def __init__(self, seed):
        self.process = subprocess.Popen([sys.executable, "-B", Path(__file__).parent / "generator.py", str(PORT), str(seed)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def tell(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def ask(self, word):
        self.tell(word)
        line = self.process.stdout.readline()
        assert line, "the generator has ended"
        return json.loads(line)

    def end(self):
        self.process.kill()
        self.process.wait()


def counted(page):
    """What the page has of the generator's tally, by the same keys. TIME-WAITs that end are none of it: when one does for
    a new connection, only the kernel knows."""
    counts = collections.Counter()
    for what, labels, number in SERIES.findall(page):
        label = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        if what == "resets":
            counts[f"{label['side']} reset {label['direction']}"] += int(float(number))
        elif label["from"] != "time_wait":
            counts[f"{label['side']} {label['from']} {label['to']}"] += int(float(number))
    return +counts


class Soak:
    def __init__(self, seed, seconds, only):
        self.seed, self.seconds = seed, seconds
        self.faults = [fault for fault in FAULTS if not only or fault.__name__ in only]
        assert self.faults, f"no such fault: {only}"
        self.dice = random.Random(seed)
        self.failures = 0
        self.done = collections.Counter()
        self.most = collections.Counter()  # of bytes and descriptors
        self.restarts = 0
        self.place = folder()
        self.configuration = self.place / "halfclosed.toml"
        self.state, self.pins = self.place / "state", self.place / "bpf"
        for directory, kind, options in ((self.state, "tmpfs", f"size={DISK}"), (self.pins, "bpf", "mode=0700")):
            directory.mkdir()
            subprocess.run(["mount", "-t", kind, "-o", options, "none", directory], check=True)
        self.configure()
        self.generator = Generator(seed)
        self.port = None
        self.start()

    # ---- the daemon, as the faults need it ----

    def configure(self, leak_after="2s"):
        self.configuration.write_text(f'port = ["{PORT}"]\n[serve]\nleak-after = "{leak_after}"\nhistory-size = "8MB"\n')

    def start(self):
        self.daemon = Daemon("--config", self.configuration, "--exact", "on", "--exact-pin", self.pins / "halfclosed",
                             "--interval", "1s", "--census-interval", "5s", fast=False, state=self.state, port=self.port or 0,
                             control_socket=self.place / "control.sock")
        self.port = self.daemon.port
        self.began = time.monotonic()
        self.warm = None
        self.restarts += 1

    # ---- checks ----

    def check(self, good, what):
        print(f"{'' if good else 'not '}ok - {what}", flush=True)
        self.failures += not good

    def recovered(self, fault):
        """Whatever it was: a page, every collector, and a configuration that is taken."""
        seen = lambda: all(self.daemon.collectors().values()) and self.daemon.value("halfclosed_config_last_reload_successful") == 1

        def well():
            try:
                return self.daemon.is_ready() and seen()
            except OSError:
                return False

        wait_for(lambda: f"well after {fault}: {self.daemon.collectors()} {self.daemon.log()[-1500:]}", well, 30, 0.1)

    def measure(self):
        """The most of everything; memory of each process from when it is warm."""
        resident, descriptors = self.daemon.resident(), self.daemon.descriptors()
        used = sum(path.stat().st_blocks * 512 for path in self.state.iterdir() if path.name != "filler")
        for name, number in (("memory", resident), ("descriptors", descriptors), ("disk", used)):
            self.most[name] = max(self.most[name], number)
        if self.warm is None and time.monotonic() - self.began > WARM:
            self.warm = resident
        if self.warm is not None:
            self.most["growth"] = max(self.most["growth"], resident - self.warm)

    def compare(self, told, when):
        tally = +collections.Counter(told["tally"])
        try:
            wait_for("they are equal", lambda: counted(self.daemon.page()) == tally, SETTLED, 0.2)
            equal, wrong = True, ""
        except AssertionError:
            now = counted(self.daemon.page())
            equal, wrong = False, ": " + ", ".join(f"{key} {now[key]} of {tally[key]}" for key in sorted({*now, *tally})
                                                   if now[key] != tally[key])
        self.check(equal, f"{when}: {len(tally)} counters equal the tally of {told['connections']} connections{wrong}")
        idle = self.daemon.descriptors()
        self.check(idle <= self.idle + MORE_DESCRIPTORS, f"{when}: {idle} descriptors, {self.idle} at the start")

    def prometheus_saw(self, prometheus, tally):
        """Of its own: the last value of each series, how often any of them fell, how many scrapes there were."""
        window = f"[{self.seconds * 2 + 400}s]"
        last = sum(float(series["value"][1]) for series in prometheus.query(
            f'sum(last_over_time(halfclosed_transitions_total{{from!="time_wait"}}{window}))'))
        steps = sum(number for key, number in tally.items() if "reset" not in key)
        self.check(last == steps, f"Prometheus has {last:.0f} steps of {steps}")
        fell = prometheus.query(f"sum(resets(halfclosed_transitions_total{window}))")
        self.check([series["value"][1] for series in fell] == ["0"], f"no counter of steps fell, over {self.restarts} starts")
        scrapes = float(prometheus.query(f'count_over_time(up{{job="halfclosed"}}{window})')[0]["value"][1])
        up = float(prometheus.query(f'sum_over_time(up{{job="halfclosed"}}{window})')[0]["value"][1])
        self.check(up >= scrapes / 2 and scrapes >= self.seconds * 0.8, f"{up:.0f} of {scrapes:.0f} scrapes answered")

    # ---- the run ----

    def run(self):
        self.first = time.monotonic()
        self.recovered("the start")
        self.idle = self.daemon.descriptors()
        prometheus = Prometheus(f"127.0.0.1:{self.port}")
        try:
            self.go_on()
            told = self.generator.ask("pause")
            self.compare(told, "at the end")
            time.sleep(3)  # two scrapes
            self.prometheus_saw(prometheus, told["tally"])
        except AssertionError as error:
            self.check(False, str(error).replace("\n", " ")[:3000])
        finally:
            self.generator.end()
            prometheus.kill()
            self.daemon.kill()
        self.check_bounds()
        faults = ", ".join(f"{number} {name}" for name, number in sorted(self.done.items()))
        print(f"# seed {self.seed}: {faults}", flush=True)
        return 1 if self.failures else 0

    def go_on(self):
        end = time.monotonic() + self.seconds
        next_fault = time.monotonic() + self.dice.uniform(*BETWEEN_FAULTS)
        next_check = time.monotonic() + self.dice.uniform(*BETWEEN_CHECKS)
        order = []
        self.generator.tell("go")
        while time.monotonic() < end:
            time.sleep(0.5)
            self.measure()
            if time.monotonic() > next_fault:
                order = order or self.dice.sample(self.faults, len(self.faults))  # each of them before any comes again
                fault = order.pop()
                print(f"# {time.monotonic() - self.first:.1f} s: {fault.__name__}", flush=True)
                fault(self)
                self.recovered(fault.__name__)
                self.done[fault.__name__] += 1
                next_fault = time.monotonic() + self.dice.uniform(*BETWEEN_FAULTS)
            if time.monotonic() > next_check:
                self.compare(self.generator.ask("pause"), f"after {time.monotonic() - self.first:.0f} s")
                self.generator.tell("go")
                next_check = time.monotonic() + self.dice.uniform(*BETWEEN_CHECKS)

    def check_bounds(self):
        mebibytes = collections.Counter({name: number / 2**20 for name, number in self.most.items()})
        self.check(self.most["memory"] <= MOST_MEMORY, f"{mebibytes['memory']:.1f} MiB of memory at most")
        self.check(self.most["growth"] <= MOST_GROWTH, f"{mebibytes['growth']:.1f} MiB more than after {WARM} s of a process")
        # The journal beside the file, until it is written back.
        self.check(self.most["disk"] <= 2 * HISTORY_SIZE, f"{mebibytes['disk']:.1f} MiB of the disk at most")
