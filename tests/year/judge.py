"""Holds what a daemon tells against what the generated host knows."""

import hashlib
import json
import sqlite3
import time

# A jiffy of 4 ms, and what two roundings make of it.
CLOSE = 0.010
# What the daemon's memory may grow by between the tenth of a run and its end: what malloc() keeps varies.
GROWTH = 8_000_000
HISTORY = 8_000_000
# The kernel tells in 32 bits of milliseconds when something was last received: what is older looks younger, to who was not
# there before.
WRAP = 49 * 86_400
SIDES = {9999: "server", 8080: "client"}


# Of the daemon, what must be the same in each run of a seed.
TOLD = ("halfclosed_sockets", "halfclosed_transitions", "halfclosed_fin_wait2", "halfclosed_close_wait", "halfclosed_dead",
        "halfclosed_oldest")


class Judge:
    def __init__(self):
        self.checks = {}  # by name: how many times it held
        self.failures = []
        self.ledgers = 0
        self.digest = hashlib.sha256()
        self.resident = []
        self.descriptors = []
        self.blank = None  # when a daemon began that knew nothing, on CLOCK_MONOTONIC

    def check(self, holds, what, name="the daemon does as it is told"):
        if holds:
            self.checks[name] = self.checks.get(name, 0) + 1
        else:
            self.failures.append((name, what))

    def equal(self, found, wanted, what, name):
        self.check(found == wanted, f"{what}: {found}, not {wanted}", name)

    def restarted(self, daemon, with_history):
        if not with_history:
            self.blank = daemon.monotonic
        self.resident.clear()
        self.descriptors.clear()

    def is_dated(self, socket):
        """Whether the daemon can know how old it is."""
        return self.blank is None or socket["age"] - (self.now - self.blank) / 1e9 < WRAP

    def look(self, daemon, state, leak_after, day):
        self.day = f"day {day:.1f}: "
        self.now = daemon.monotonic
        ledger, page, snapshot = daemon.ledger(), daemon.page(), daemon.sockets()
        self.counters(page, ledger)
        self.gauges(page, ledger, leak_after)
        self.sockets(snapshot["sockets"], ledger)
        self.health(page, ledger)
        self.history(page, ledger, state)
        self.resident.append(daemon.resident())
        # A connection of ours may be about to be closed.
        self.descriptors.append(min((time.sleep(0.02), daemon.descriptors())[1] for _ in range(5)))
        self.ledgers += 1
        self.digest.update(json.dumps([ledger, [sample for sample in page.samples if sample[0].startswith(TOLD)]]).encode())

    def counters(self, page, ledger):
        counts = dict(ledger["counts"])
        for labels, number in page.all("halfclosed_transitions_total"):
            key = f"transitions {labels['port']} {labels['from']} {labels['to']} {labels['evidence']}"
            wanted = counts.pop(key, 0) if labels["side"] == SIDES[int(labels["port"])] else 0
            self.equal(number, wanted, self.day + key, "transitions by port, side, states and evidence")
        for what in ("fin_wait2_ended", "close_wait_ended"):
            for labels, number in page.all(f"halfclosed_{what}_total"):
                key = f"{what} {labels['port']} {labels['how']}"
                wanted = counts.pop(key, 0) if labels["side"] == SIDES[int(labels["port"])] else 0
                self.equal(number, wanted, self.day + key, "how FIN-WAIT-2 and CLOSE-WAIT ended")
        self.equal(counts, {}, self.day + "counted by the generator alone", "nothing is left out")

    def gauges(self, page, ledger, leak_after):
        sockets = ledger["sockets"].values()
        for port, side in SIDES.items():
            for state in ("fin_wait1", "fin_wait2", "close_wait", "last_ack", "closing"):
                wanted = sum(1 for each in sockets if (each["port"], each["state"]) == (port, state))
                self.equal(page.value("halfclosed_sockets", port=str(port), side=side, state=state) or 0, wanted,
                           f"{self.day}{state} on {port}", "sockets by state")
            dead = sum(1 for each in ledger["dead"].values() if each == port)
            self.equal(page.value("halfclosed_dead_sockets", port=str(port)) or 0, dead, f"{self.day}dead on {port}",
                       "descriptors of dead sockets")
            # One that has left CLOSE-WAIT since the last look has no age of its own any more.
            waiting = [each for each in sockets if (each["port"], each["state"]) == (port, "close_wait")]
            least = sum(1 for each in waiting if not each["sends"] and each["age"] > leak_after + CLOSE and
                        self.is_dated(each))
            most = sum(1 for each in waiting if not each["sends"] and
                       (each["age"] > leak_after - CLOSE or each["age"] < 0))
            leaked = page.value("halfclosed_close_wait_leaked_sockets", port=str(port)) or 0
            self.check(least <= leaked <= most, f"{self.day}{leaked} leaks on {port}, not {least} to {most}",
                       "leaked sockets")

    def sockets(self, told, ledger):
        known = ledger["sockets"]
        self.equal(sorted(each["cookie"] for each in told if each["state"] != "close"), sorted(known),
                   self.day + "cookies", "each half-closed socket is listed, and no other")
        for each in told:
            truth = known.get(each["cookie"])
            if truth is None or truth["age"] < 0:
                continue
            self.equal(each["state"], truth["state"], self.day + each["cookie"], "states of sockets")
            age = each["age_seconds"]
            self.check(age <= truth["age"] + CLOSE,
                       f"{self.day}{each['cookie']} in {each['state']} is {age} s old, and not more than {truth['age']}",
                       "no socket is said to be older than it is")
            if each["age"] in ("observed", "estimated") and self.is_dated(truth):
                self.check(age >= truth["age"] - CLOSE,
                           f"{self.day}{each['cookie']} in {each['state']} is {age} s old ({each['age']}), not {truth['age']}",
                           "ages that are not bounds are right")
            if each["inode"] and each["state"] == "close_wait" and truth["polls"] > 2 and truth["inode"]:
                self.check(each["owner"] and each["owner"]["name"].startswith("app"),
                           f"{self.day}{each['cookie']} has the owner {each['owner']}", "owners of what waits for long")

    def health(self, page, ledger):
        for labels, number in page.all("halfclosed_reconciliation_agrees"):
            self.equal(number, 1, f"{self.day}reconciliation of {labels['field']}", "counts agree with the kernel's")
        for metric, when in (("halfclosed_reconciliation_counted", "census"), ("halfclosed_sockstat", "look")):
            for labels, number in page.all(metric):
                if labels["field"] in ledger[when]:
                    self.equal(number, ledger[when][labels["field"]], f"{self.day}{metric} {labels['field']}",
                               "counts are the kernel's")
        for labels, number in page.all("halfclosed_collector_success"):
            self.equal(number, 1, f"{self.day}collector {labels['collector']}", "collectors succeed")
        for labels, number in page.all("halfclosed_dump_failures_total"):
            self.equal(number, 0, f"{self.day}dumps that failed: {labels['reason']}", "dumps succeed")
        self.equal(page.value("halfclosed_unconfirmed_ends_total"), 0, self.day + "unconfirmed ends", "ends are confirmed")

    def history(self, page, ledger, state):
        self.equal(page.value("halfclosed_history_write_failures_total"), 0, self.day + "writes that failed",
                   "the history is written")
        self.equal(page.value("halfclosed_history_sockets_total", result="left_out"), 0, self.day + "left out",
                   "the history is written")
        # What the first look found may have been written by an earlier process; the youngest is not written yet, and the
        # page tells what was written until the look before. Two looks may be a moment apart, with a suspend between them.
        recorded = page.value("halfclosed_history_sockets_total", result="recorded")
        least = ledger["seen_five_polls_ago"] - ledger["found"] - len(ledger["sockets"])
        self.check(least <= recorded <= ledger["half_closed_seen"],
                   f"{self.day}{recorded} sockets in the history, not {least} to {ledger['half_closed_seen']}",
                   "the history has each socket")
        size = sum(file.stat().st_size for file in state.iterdir() if not file.name.endswith("-shm"))
        self.check(size <= HISTORY, f"{self.day}the history takes {size} bytes", "the history keeps to its size")
        with sqlite3.connect(f"file:{state}/history.db?mode=ro", uri=True) as database:
            open_rows = {f"{cookie:x}" for cookie, in
                         database.execute("SELECT cookie FROM sockets WHERE ended_ms IS NULL")}
            wrong = database.execute("SELECT count(*) FROM sockets WHERE ended_ns < began_ns").fetchone()[0]
        database.close()
        self.equal(wrong, 0, self.day + "rows that end before they begin", "rows of the history make sense")
        # What is young is not written yet, and what has ended at the last look neither.
        old = {cookie for cookie, each in ledger["sockets"].items() if each["polls"] > 2}
        self.equal(sorted(old - open_rows), [], self.day + "sockets that are not in the history",
                   "the history has what waits for long")
        self.equal(sorted(open_rows - set(ledger["sockets"]) - set(ledger["dead"])), [],
                   self.day + "ends that are not in the history", "the history has the ends")

    def last(self, daemon):
        """No growth, of what has looked for a while."""
        if len(self.resident) < 3:
            return
        early, late = min(self.resident[1:3]), self.resident[-1]
        self.check(late - early <= GROWTH, f"its memory grew from {early} to {late} bytes", "memory does not grow")
        self.check(self.descriptors[-1] <= self.descriptors[1] + 2, f"{self.descriptors[-1]} open descriptors, {self.descriptors[1]} early",
                   "descriptors do not grow")
        print(f"memory: {early / 1e6:.1f} MB early, {late / 1e6:.1f} MB at the end")

    def report(self, again):
        """The exit status."""
        print(f"the ledgers were compared {self.ledgers} times; their digest: {self.digest.hexdigest()[:16]}")
        failed = {}
        for name, what in self.failures:
            failed.setdefault(name, []).append(what)
        for name, held in self.checks.items():
            if name not in failed:
                print(f"ok - {name} ({held} comparisons)")
        for name, wrong in failed.items():
            print(f"not ok - {name}")
            for line in wrong[:5]:
                print(f"#   {line}")
            if len(wrong) > 5:
                print(f"#   and {len(wrong) - 5} more")
        if failed:
            print(f"# again: {again}")
        return 1 if failed or not self.checks else 0
