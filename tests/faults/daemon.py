"""`halfclosed serve` from outside, and what the kernel says of its process."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from story import check, eventually

PROGRAM = ""  # set by run
TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Daemon:
    """Runs from the constructor on; ends, in whatever way, with the `with` block."""

    def __init__(self, *flags, port=10999, state=None, environment=None, prefix=(), wait=True, **popen):
        self.port = port
        self.log_file = tempfile.NamedTemporaryFile(prefix="halfclosed-faults-", suffix=".log")
        command = [*prefix, PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--interval", "50ms",
                   "--census-interval", "200ms", "--cpu-share", "1", *flags]
        # What a kill leaves of it has to be taken over by the next.
        self.orders = f"{tempfile.gettempdir()}/halfclosed-faults-{os.getpid()}-{port}.sock"
        command += ["--control-socket", self.orders]
        if state is not None:
            command += ["--state-dir", str(state)]
        popen.setdefault("stderr", self.log_file)
        popen.setdefault("stdout", subprocess.DEVNULL)
        self.process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, **popen)
        self.pid = self.process.pid
        if wait:
            eventually(f"ready; {self.log()}", self.is_ready)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.log_file.close()

    # ---- what it says

    def log(self):
        return Path(self.log_file.name).read_text(errors="replace")

    def get(self, path, timeout=5.0):
        """Status and body; (0, why) where there is no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)
        finally:
            connection.close()

    def is_ready(self):
        check(self.process.poll() is None, f"it ended with {self.process.returncode}: {self.log()}")
        return self.get("/-/ready")[0] == 200

    def page(self):
        status, body = self.get("/metrics")
        check(status == 200, f"/metrics: {status} {body}")
        return body

    def value(self, name, **labels):
        """A sample's value, nothing where there is none. Of several that match, their sum."""
        wanted = {f'{label}="{text}"' for label, text in labels.items()}
        found = [float(line.rsplit(" ", 1)[1]) for line in self.page().splitlines()
                 if re.match(rf"{name}[{{ ]", line) and wanted <= set(re.findall(r'\w+="[^"]*"', line))]
        return sum(found) if found else None

    def fresh_value(self, name, **labels):
        """As above, from an answer that was made now: answers are kept for a second."""
        time.sleep(1.05)
        return self.value(name, **labels)

    def collectors(self):
        return {match[1]: match[2] == "1" for match in
                re.finditer(r'^halfclosed_collector_success\{collector="(\w+)"\} (\d)', self.page(), re.MULTILINE)}

    def sockets(self):
        status, body = self.get("/api/v1/snapshot")
        check(status == 200, f"snapshot: {status} {body}")
        return json.loads(body)["sockets"]

    def takes_orders(self):
        with socket.socket(socket.AF_UNIX) as order:
            order.settimeout(5)
            order.connect(self.orders)
            order.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return order.recv(4096).startswith(b"HTTP/1.1 200")

    # ---- what its process is

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def resident(self):
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    # ---- what is done to it

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """Asks it to end; the status, and how long that took."""
        began = time.monotonic()
        self.signal(signal.SIGTERM)
        return self.process.wait(10), time.monotonic() - began

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
