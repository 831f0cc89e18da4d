"""The real programs: halfclosed, and Debian's prometheus and prometheus-alertmanager with the files of deploy/prometheus, at
the ports that these name."""

import http.server
import json
import shutil
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import scaled_time
from harness import DEPLOY, Daemon, Program, TESTS, folder, get

FILES = DEPLOY / "prometheus"
PAGE = "127.0.0.1:10999"


class Halfclosed(Daemon):
    """The daemon, which watches all ports of the traffic, by polls alone: wherever this runs its page is the same."""

    def __init__(self, environment=None, flags=()):
        super().__init__("--port", "9996-9999", "--interval", "200ms", "--census-interval", "1s", "--leak-after", "1s",
                         # It polls more often than a daemon in real time, so that it may take more of a core.
                         "--cpu-share", "0.2", "--exact", "off", *flags,
                         port=None, fast=False, environment=environment)


class Server(Program):
    """One of Debian's, that answers /-/ready."""

    def __init__(self, address, command, prefix=(), **options):
        self.address = address
        super().__init__([*prefix, shutil.which(command[0]), *command[1:], f"--web.listen-address={address}"], **options)

    def answers(self):
        return get(self.address, "/-/ready") is not None


class Prometheus(Server):
    """With the prometheus.yml of a directory."""

    def __init__(self, directory):
        super().__init__("127.0.0.1:9090", ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                                            "--enable-feature=exemplar-storage"], cwd=directory)

    def ask(self, path, **parameters):
        return json.loads(get(self.address, f"/api/v1/{path}", **parameters))["data"]

    def query(self, expr):
        return self.ask("query", query=expr)["result"]

    def query_range(self, expr, start, end, step):
        return self.ask("query_range", query=expr, start=start, end=end, step=step)["result"]

    def exemplars(self, expr, start):
        """[(labels of the series, exemplar)], until now."""
        return [(series["seriesLabels"], exemplar)
                for series in self.ask("query_exemplars", query=expr, start=start, end=time.time())
                for exemplar in series["exemplars"]]


class TextOnly:
    """The daemon's page as it is for who does not ask for OpenMetrics: Prometheus always does."""

    ADDRESS = "127.0.0.1:10998"
    JOB = f"""
  - job_name: text
    static_configs:
      - targets: ["{ADDRESS}"]
"""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked = urllib.request.Request(f"http://{PAGE}/metrics", headers={"Accept": "text/plain;version=0.0.4"})
            with urllib.request.urlopen(asked, timeout=10) as answer:
                page = answer.read()
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_):
            pass

    def __init__(self):
        host, port = self.ADDRESS.split(":")
        self.server = http.server.ThreadingHTTPServer((host, int(port)), self.Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def kill(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def scaled_prometheus(more_jobs=""):
    """With the configuration and rules of deploy/prometheus, a minute of them in a second."""
    directory = Path(tempfile.mkdtemp(dir=folder(), prefix="prometheus-"))
    for name in ("prometheus.yml", "halfclosed.rules.yml", "halfclosed.alerts.yml"):
        (directory / name).write_text(scaled_time.scale((FILES / name).read_text()))
    with (directory / "prometheus.yml").open("a") as file:
        file.write(more_jobs)
    return Prometheus(directory)


class Alertmanager(Server):
    def __init__(self):
        # Debian's looks for its templates below /usr/share, also if it was unpacked elsewhere.
        prefix, unpacked = (), TESTS.parent / "build/tools/usr/share"
        if not Path("/usr/share/prometheus").exists():
            prefix = ("unshare", "--mount", "sh", "-c", f'mount --bind "{unpacked}" /usr/share && exec "$@"', "sh")
        super().__init__("127.0.0.1:9093", ["prometheus-alertmanager", f"--config.file={FILES / 'alertmanager.yml'}",
                                            f"--storage.path={folder() / 'alertmanager'}",
                                            "--cluster.listen-address="], prefix)

    def alerts(self):
        """Labels of the alerts that are active, {name: [labels, …]}."""
        found = {}
        for alert in json.loads(get(self.address, "/api/v2/alerts", active="true")):
            labels = dict(alert["labels"])
            found.setdefault(labels.pop("alertname"), []).append(labels)
        return found
