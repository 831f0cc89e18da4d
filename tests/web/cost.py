"""What those who look at the page cost the daemon: at 10,000 half-closed sockets, in CPU time of its threads."""

import contextlib
import pathlib
import statistics
import subprocess
import threading
import time

SOCKETS = 10_000
MOST_PER_UPDATE = 20.0  # milliseconds of CPU time
MOST_PER_ANSWER = 0.4   # the same, of one viewer beside ninety-nine others; about 0.1 on a machine that does nothing else
PAUSE = 2.0             # seconds between two questions of a viewer
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


def viewers(daemon, count, seconds):
    """Milliseconds a second of the server's thread, and answers a second."""
    over, answers = threading.Event(), []

    def view():
        with contextlib.closing(daemon.connect()) as connection:
            while not over.wait(PAUSE):
                answers.append(len(ask(connection)))

    threads = [threading.Thread(target=view) for _ in range(count)]
    for thread in threads:
        thread.start()
        time.sleep(PAUSE / count)
    before, had = cpu(daemon.pid, "MHD"), len(answers)
    time.sleep(seconds)
    used, got = cpu(daemon.pid, "MHD") - before, len(answers) - had
    over.set()
    for thread in threads:
        thread.join()
    return used / seconds, got / seconds


def look(daemon):
    """Whether it is as it should; prints a line a case."""
    cost = statistics.median(updates(daemon, 5))
    ten, _ = viewers(daemon, 10, 10)
    hundred, answers = viewers(daemon, 100, 10)
    whole = cpu(daemon.pid)
    time.sleep(10)
    alone = (cpu(daemon.pid) - whole) / 10
    each = (hundred - ten) / max(answers * 0.9, 1)
    print(f"# an update {cost:.1f} ms; ten viewers {ten:.1f} ms/s, a hundred {hundred:.1f} ms/s at {answers:.0f} answers a second; "
          f"the daemon without any {alone:.1f} ms/s: {(alone + hundred) / (alone + ten):.2f} times as much with a hundred as with ten")
    cases = [(f"an update at {SOCKETS} sockets takes less than {MOST_PER_UPDATE:.0f} ms of CPU time", cost < MOST_PER_UPDATE, f"{cost:.1f} ms"),
             (f"a hundred viewers cost what ten do, and each further answer less than {MOST_PER_ANSWER} ms of CPU time", each < MOST_PER_ANSWER, f"{each:.2f} ms an answer")]
    for what, holds, seen in cases:
        print(f"ok - {what}" if holds else f"not ok - {what}: {seen}", flush=True)
    return all(holds for _, holds, _ in cases)
