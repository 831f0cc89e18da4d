"""Debian's Prometheus, which scrapes one page each second and keeps what it saw in the test's folder."""

import json
import shutil

from harness import Program, folder, free_port, get

CONFIGURATION = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: halfclosed
    static_configs: [{{targets: ["{target}"]}}]
"""


class Prometheus(Program):
    def __init__(self, target):
        place = folder() / "prometheus"
        place.mkdir()
        (place / "prometheus.yml").write_text(CONFIGURATION.format(target=target))
        self.address = f"127.0.0.1:{free_port()}"
        super().__init__([shutil.which("prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data",
                          f"--web.listen-address={self.address}"], cwd=place)

    def answers(self):
        return get(self.address, "/-/ready") is not None

    def query(self, expression):
        return json.loads(get(self.address, "/api/v1/query", query=expression))["data"]["result"]
