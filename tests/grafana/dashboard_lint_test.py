#!/usr/bin/env python3
"""The dashboards pass the linter, and the linter refuses each way in which a dashboard can be wrong."""

import json
import subprocess
import sys
import unittest
from copy import deepcopy
from pathlib import Path

import dashboard_lint

FOLDER = dashboard_lint.HERE.parents[1] / "deploy/grafana/dashboards"
FILES = sorted(FOLDER.glob("*.json"))
HOST = json.loads((FOLDER / "halfclosed-host.json").read_text())


def panel(board, title):
    return next(p for p in board["panels"] if p["title"] == title)


def variable(board, name):
    return next(v for v in board["templating"]["list"] if v["name"] == name)


def expr(board, text):
    panel(board, "Leaked in CLOSE-WAIT")["targets"][0]["expr"] = text


SERIES = 'halfclosed_transitions_total{job=~"$job", instance=~"$instance"}'

# rule -> what breaks it, each on a whole copy of the host's dashboard
BREAKS = {
    "template_datasource": [
        lambda b: variable(b, "datasource").update(name="source"),
        lambda b: variable(b, "datasource").update(query="loki"),
        lambda b: variable(b, "datasource").update(label="DS")],
    "template_job": [
        lambda b: variable(b, "job").update(name="jobs"),
        lambda b: variable(b, "job").update(label="job"),
        lambda b: variable(b, "job").update(multi=False),
        lambda b: variable(b, "job").update(allValue=".*"),
        lambda b: variable(b, "job").update(datasource={"type": "prometheus", "uid": "abc"})],
    "template_instance": [
        lambda b: variable(b, "instance").update(type="custom"),
        lambda b: variable(b, "instance").update(label="Host")],
    "template_label_promql": [
        lambda b: variable(b, "job").update(query="query_result(up)"),
        lambda b: variable(b, "job").update(query="label_values(halfclosed_build_info{, job)"),
        lambda b: variable(b, "port").update(query="label_values(halfclosed_sockets, ports)"),
        lambda b: variable(b, "port").update(query="label_values(halfclosed_socket, port)")],
    "template_on_time_change_reload": [lambda b: variable(b, "port").update(refresh=1)],
    "panel_datasource": [
        lambda b: panel(b, "CPU").update(datasource={"type": "prometheus", "uid": "P1809F7CD0C75ACF3"}),
        lambda b: panel(b, "CPU").pop("datasource")],
    "panel_title_description": [
        lambda b: panel(b, "CPU").update(title=" "),
        lambda b: panel(b, "CPU").pop("description")],
    "panel_units": [
        lambda b: panel(b, "CPU")["fieldConfig"]["defaults"].pop("unit"),
        lambda b: panel(b, "CPU")["fieldConfig"]["defaults"].update(unit="percent of a core"),
        lambda b: panel(b, "Leaks now, worst first")["fieldConfig"]["defaults"].update(unit="short"),
        lambda b: panel(b, "How long CLOSE-WAIT lasted")["options"]["yAxis"].pop("unit")],
    "panel_no_targets": [lambda b: panel(b, "CPU").update(targets=[])],
    "target_promql": [
        lambda b: expr(b, "sum(halfclosed_sockets"),
        lambda b: expr(b, "rate(halfclosed_sockets)"),
        lambda b: expr(b, "sum(halfclosed_sockets{port=~\"$ports\"})"),
        lambda b: b["annotations"]["list"][0].update(expr="ALERTS{")],
    "target_rate_interval": [
        lambda b: expr(b, f"sum(rate({SERIES}[5m]))"),
        lambda b: expr(b, f"sum(rate({SERIES}[$__interval]))"),
        lambda b: expr(b, f"sum(rate({SERIES}[$__range]))")],
    "target_job": [
        lambda b: expr(b, 'sum(halfclosed_sockets{instance=~"$instance"})'),
        lambda b: expr(b, 'sum(halfclosed_sockets{job="halfclosed", instance=~"$instance"})')],
    "target_instance": [lambda b: expr(b, 'sum(halfclosed_sockets{job=~"$job"})')],
    "target_counter_agg": [
        lambda b: expr(b, f"sum({SERIES})"),
        lambda b: expr(b, f"sum(delta({SERIES}[$__rate_interval]))")],
    "uneditable": [lambda b: b.update(editable=True), lambda b: b.pop("editable")],
    "contract_series": [
        lambda b: expr(b, 'sum(halfclosed_socket{job=~"$job", instance=~"$instance"})'),
        lambda b: expr(b, 'sum(halfclosed_sockets{job=~"$job", instance=~"$instance", cause="unread"})'),
        lambda b: expr(b, 'sum(halfclosed_sockets{job=~"$job", instance=~"$instance", state="CLOSE-WAIT"})'),
        lambda b: expr(b, 'sum(instance:halfclosed_sockets:sum{job=~"$job", instance=~"$instance"})')],
    "contract_labels": [
        lambda b: expr(b, 'sum by (owner) (halfclosed_sockets{job=~"$job", instance=~"$instance"})'),
        lambda b: panel(b, "Interval in force")["targets"][0].update(legendFormat="{{port}}"),
        lambda b: panel(b, "How FIN-WAIT-2 ends")["targets"][0].update(legendFormat="{{port}}")],
    "grid": [
        lambda b: panel(b, "CPU")["gridPos"].update(x=20),
        lambda b: panel(b, "CPU")["gridPos"].update(w=9),
        lambda b: panel(b, "CPU")["gridPos"].update(h=0)],
    "identity": [
        lambda b: panel(b, "CPU").update(id=panel(b, "Memory")["id"]),
        lambda b: panel(b, "CPU").update(title="Memory"),
        lambda b: panel(b, "Memory")["targets"][1].update(refId="A"),
        lambda b: b.update(id=17),
        lambda b: b.update(uid=""),
        lambda b: b.update(schemaVersion="39")],
    "colours_of_harm": [
        lambda b: panel(b, "Leaked sockets by owner and cause")["fieldConfig"]["defaults"].update(color={"mode": "palette-classic"}),
        lambda b: panel(b, "Dead sockets by owner")["fieldConfig"]["defaults"].pop("color"),
        lambda b: panel(b, "Leaked in CLOSE-WAIT")["fieldConfig"]["defaults"]["thresholds"]["steps"][1].update(value=50),
        lambda b: panel(b, "Leaks now, worst first")["fieldConfig"]["overrides"][0]["properties"].append(
            {"id": "thresholds", "value": {"mode": "absolute", "steps": [{"color": "green", "value": None}]}})],
}


class Dashboards(unittest.TestCase):
    def test_they_pass(self):
        self.assertEqual([path.stem for path in FILES], ["halfclosed-fleet", "halfclosed-host"])
        for path in FILES:
            with self.subTest(path.name):
                self.assertEqual(dashboard_lint.lint(json.loads(path.read_text())), [])

    def test_uids_differ_and_the_link_to_the_host_leads_there(self):
        fleet, host = (json.loads(path.read_text()) for path in FILES)
        self.assertEqual((fleet["uid"], host["uid"]), ("halfclosed-fleet", "halfclosed-host"))
        self.assertIn(f'/d/{host["uid"]}?', json.dumps(fleet))

    def test_the_state_machine_shows_what_its_queries_return(self):
        canvas = panel(HOST, "State machine at a glance")
        boxes = {e["name"] for e in canvas["options"]["root"]["elements"]}
        for element in canvas["options"]["root"]["elements"]:
            for connection in element.get("connections", []):
                self.assertIn(connection["targetName"], boxes)
            field = element["config"]["text"].get("field", "leaked")
            states = field.split(" to ")
            self.assertTrue(field in ("leaked", "dead") or set(states) <= dashboard_lint.contract.STATES, field)


class Linter(unittest.TestCase):
    def test_every_rule_is_tried(self):
        self.assertEqual(set(BREAKS), {rule.__name__ for rule in dashboard_lint.RULES})

    def test_each_break_is_refused_by_its_rule(self):
        for rule, breaks in BREAKS.items():
            for number, damage in enumerate(breaks):
                with self.subTest(rule=rule, number=number):
                    board = deepcopy(HOST)
                    damage(board)
                    self.assertIn(rule, {found for found, _ in dashboard_lint.lint(board)})

    def test_every_exclusion_has_a_reason_and_is_needed(self):
        boards = {board["uid"]: board for board in (json.loads(path.read_text()) for path in FILES)}
        for exclusion in dashboard_lint.EXCLUSIONS:
            with self.subTest(exclusion["finding"]):
                self.assertGreater(len(exclusion["reason"]), 30)
                rule = getattr(dashboard_lint, exclusion["rule"])
                self.assertIn(exclusion["finding"], list(rule(boards[exclusion["dashboard"]])))

    def test_the_command_tells_by_its_exit_status(self):
        command = [sys.executable, str(Path(dashboard_lint.__file__))]
        good = subprocess.run(command + FILES, capture_output=True, text=True, timeout=60)
        self.assertEqual((good.returncode, good.stdout), (0, ""))
        self.assertEqual(subprocess.run(command, capture_output=True, timeout=60).returncode, 2)


if __name__ == "__main__":
    unittest.main()
