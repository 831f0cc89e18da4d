"""What those who look at the page cost the daemon: at 10,000 half-closed sockets, in CPU time of its threads."""

import contextlib
import gzip
import json
import pathlib
import statistics
import subprocess
import threading
import time

SOCKETS = 10_000
SOCKETS_IN_MEMORY = 5_000
MOST_MEMORY = 24  # MiB, of a daemon that records their history and is asked for everything each second
MOST_PER_UPDATE = 20.0  # milliseconds of CPU time
MOST_OF_A_HUNDRED = 1.1  # times what the daemon takes with ten
LONGEST = 8             # seconds between two questions of one of a hundred viewers
PATH, HEADERS = "/api/v1/live", {"Accept-Encoding": "gzip"}


@contextlib.contextmanager
def crowd(program, sockets):
    with subprocess.Popen([program, "0", str(sockets), "9999"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as made:
        assert made.stdout.readline() == "ready\n", "there is no crowd"
        yield
        made.stdin.close()


def cpu(pid, thread=""):
    """Milliseconds that the process's threads whose names begin like this have had so far."""
    used = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            if (task / "comm").read_text().startswith(thread):
                used += int((task / "schedstat").read_text().split()[0])
    return used / 1e6


def ask(connection):
    connection.request("GET", PATH, headers=HEADERS)
    return connection.getresponse().read()


def updates(daemon, wanted):
    """Milliseconds of each of the next updates: of an answer that is another than the one before."""
    costs, seen = [], None
    with contextlib.closing(daemon.connect()) as connection:
        while len(costs) < wanted:
            before = cpu(daemon.pid, "MHD")
            answer = ask(connection)
            time.sleep(0.05)  # what follows the answer is its cost too
            if answer != seen and seen is not None:
                costs.append(cpu(daemon.pid, "MHD") - before)
            seen = answer
            time.sleep(0.2)
    return costs


def together(seconds):
    """Seconds until a page asks again that was told to wait so long: as live.js has it."""
    seconds = round(seconds)
    left = seconds - time.time() % seconds
    return left + seconds if left < seconds / 4 else left


def viewers(daemon, count, seconds):
    """Milliseconds a second that the daemon takes, and answers a second."""
    over, answers = threading.Event(), []

    def view():
        with contextlib.closing(daemon.connect()) as connection:
            while True:
                answer = ask(connection)
                answers.append(len(answer))
                if over.wait(together(json.loads(gzip.decompress(answer))["poll_seconds"])):
                    return

    threads = [threading.Thread(target=view) for _ in range(count)]
    for thread in threads:
        thread.start()
    time.sleep(LONGEST + 2)  # until the pace is what it will be
    before, had = cpu(daemon.pid), len(answers)
    time.sleep(seconds)
    used, got = cpu(daemon.pid) - before, len(answers) - had
    over.set()
    for thread in threads:
        thread.join()
    return used / seconds, got / seconds


def remember(daemon):
    """Whether a daemon with a history keeps to its memory; prints a line."""
    used = []
    for _ in range(40):
        time.sleep(1)
        daemon.page()
        with contextlib.closing(daemon.connect()) as connection:
            ask(connection)
        status = pathlib.Path(f"/proc/{daemon.pid}/status").read_text()
        used.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
    most = max(used[10:])
    what = f"with {SOCKETS_IN_MEMORY} half-closed sockets and their history the daemon takes at most {MOST_MEMORY} MiB"
    print(f"# {most:.1f} MiB\nok - {what}" if most <= MOST_MEMORY else f"not ok - {what}: {most:.1f}", flush=True)
    return most <= MOST_MEMORY


def look(daemon):
    """Whether it is as it should; prints a line a case."""
    cost = statistics.median(updates(daemon, 5))
    ten, of_ten = viewers(daemon, 10, 3 * LONGEST)
    time.sleep(LONGEST + 3)  # until the ten are forgotten
    hundred, of_hundred = viewers(daemon, 100, 3 * LONGEST)
    print(f"# an update {cost:.1f} ms; the daemon with ten viewers {ten:.1f} ms/s, {of_ten:.1f} answers a second; "
          f"with a hundred {hundred:.1f} ms/s, {of_hundred:.1f} answers: {hundred / ten:.2f} times as much")
    cases = [(f"an update at {SOCKETS} sockets takes less than {MOST_PER_UPDATE:.0f} ms of CPU time", cost < MOST_PER_UPDATE, f"{cost:.1f} ms"),
             ("a hundred viewers cost what ten do", hundred < MOST_OF_A_HUNDRED * ten, f"{hundred:.1f} ms/s, not {ten:.1f}")]
    for what, holds, seen in cases:
        print(f"ok - {what}" if holds else f"not ok - {what}: {seen}", flush=True)
    return all(holds for _, holds, _ in cases)
