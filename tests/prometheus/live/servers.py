"""The real programs: halfclosed, and Debian's prometheus and prometheus-alertmanager with the files of deploy/prometheus."""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import arena
import small_world

DEPLOY = Path(__file__).resolve().parents[3] / "deploy/prometheus"
PAGE = "127.0.0.1:10999"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url, **parameters):
    query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
    with DIRECT.open(url + query, timeout=10) as answer:
        return answer.read().decode()


def wait_for(what, condition, limit=20.0, pause=0.1):
    """The first answer of `condition` that is true; AssertionError with `what` after `limit` seconds."""
    end = time.monotonic() + limit
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {limit:g} s: {what}")
        time.sleep(pause)


class Server:
    """A program that is ready when a page of it answers. Its output is in a file, shown when it does not come up."""

    def __init__(self, name, command, ready, environment=None, cwd=None):
        self.log = arena.folder() / f"{name}.log"
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=cwd,
                                            env={**os.environ, **(environment or {})})

        def answers():
            if self.process.poll() is not None:
                raise AssertionError(f"{name} ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
            try:
                return get(ready) is not None
            except (urllib.error.URLError, OSError):
                return False

        try:
            wait_for(f"{name} answers {ready}", answers, limit=30)
        except AssertionError:
            self.stop()
            raise

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()


class Halfclosed(Server):
    def __init__(self, environment=None):
        command = [arena.program(), "serve", "--port", "9996-9999", "--listen", PAGE, "--interval", "200ms",
                   "--census-interval", "1s", "--leak-after", "1s"]
        super().__init__("halfclosed", command, f"http://{PAGE}/-/ready", environment)

    @staticmethod
    def page():
        return get(f"http://{PAGE}/metrics")


class Prometheus(Server):
    ADDRESS = "127.0.0.1:9090"

    def __init__(self):
        folder = arena.folder() / "prometheus"
        folder.mkdir()
        for name in ("prometheus.yml", "halfclosed.rules.yml", "halfclosed.alerts.yml"):
            (folder / name).write_text(small_world.scale((DEPLOY / name).read_text()))
        command = [shutil.which("prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                   f"--web.listen-address={self.ADDRESS}"]
        super().__init__("prometheus", command, f"http://{self.ADDRESS}/-/ready", cwd=folder)

    def ask(self, path, **parameters):
        try:
            answer = json.loads(get(f"http://{self.ADDRESS}/api/v1/{path}", **parameters))
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error
        return answer["data"]

    def query(self, expr):
        return self.ask("query", query=expr)["result"]

    def query_range(self, expr, start, end, step):
        return self.ask("query_range", query=expr, start=start, end=end, step=step)["result"]


class Alertmanager(Server):
    ADDRESS = "127.0.0.1:9093"

    def __init__(self):
        folder = arena.folder() / "alertmanager"
        folder.mkdir()
        command = [shutil.which("prometheus-alertmanager"), f"--config.file={DEPLOY / 'alertmanager.yml'}",
                   f"--storage.path={folder}", f"--web.listen-address={self.ADDRESS}", "--cluster.listen-address="]
        super().__init__("alertmanager", command, f"http://{self.ADDRESS}/-/ready")

    def alerts(self):
        """Labels of the alerts that are active, {name: [labels, …]}."""
        found = {}
        for alert in json.loads(get(f"http://{self.ADDRESS}/api/v2/alerts", active="true")):
            labels = dict(alert["labels"])
            found.setdefault(labels.pop("alertname"), []).append(labels)
        return found
