#!/usr/bin/env python3
"""Holds Grafana dashboards to the rules that make them load, read and tell the truth. Usage: dashboard_lint.py FILE...

The rules are those of Grafana's own dashboard-linter, and some of this project's: every series and label is of the
metric contract or a recording rule, panels do not overlap, ids are unique. Standard library and promtool only.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "prometheus"))

import contract  # noqa: E402
import promql    # noqa: E402
from rule_file import read_rules  # noqa: E402

RECORDED = {rule.name for name in ("halfclosed.rules.yml", "halfclosed.kubernetes.rules.yml")
            for rule in read_rules(HERE.parents[1] / "deploy/prometheus" / name)}
EXCLUSIONS = json.loads((HERE / "exclusions.json").read_text())

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Grafana's own names of the units in use; anything else is a slip of the pen, or belongs here.
UNITS = {"short", "s", "cps", "percentunit", "bytes", "dateTimeFromNow", "string"}
NEEDS_UNIT = {"stat", "gauge", "bargauge", "timeseries", "table", "canvas"}
# What Grafana puts in the place of its own variables, for a judgement by promtool.
STAND_INS = {"__rate_interval": "5m", "__range": "3h", "__interval": "1m", "job": ".+", "instance": ".+", "port": ".+"}


def panels(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def queries(board):
    """(where, target) of every query, those of annotations included."""
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield f"{panel['title']}: {target.get('refId')}", target
    for annotation in board["annotations"]["list"]:
        yield f"annotation {annotation['name']}", annotation


def expand(expr, values=STAND_INS):
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda m: values[m[1] or m[2]], expr)


def labels_of(name):
    """Labels of a series; a recorded one tells its own in its name, instance_state:… . None where there is none."""
    if name in RECORDED:
        return {"job": None, **{label: None for label in name.split(":")[0].split("_")}}
    return contract.labels_of(name)


def variable(board, name):
    return next((v for v in board["templating"]["list"] if v["name"] == name), {})


# ---- the rules: each yields what is wrong ----------------------------------------------------------------------------

def template_datasource(board):
    found = [v for v in board["templating"]["list"] if v["type"] == "datasource"]
    if [v["name"] for v in found] != ["datasource"] or found[0]["query"] != "prometheus":
        yield "there must be one data source variable, datasource, of type prometheus"
    elif found[0].get("label") != "Data source":
        yield "the data source variable is labelled Data source"


def template_of_targets(board, name, label):
    found = variable(board, name)
    if found.get("type") != "query" or found.get("datasource") != DATASOURCE:
        yield f"there must be a query variable {name} on the chosen data source"
    elif found.get("label") != label:
        yield f"the variable {name} is labelled {label}"
    elif not (found.get("multi") and found.get("includeAll") and found.get("allValue") == ".+"):
        yield f"the variable {name} takes several values, and .+ for all"


def template_job(board):
    return template_of_targets(board, "job", "Job")


def template_instance(board):
    return template_of_targets(board, "instance", "Instance")


def template_label_promql(board):
    for found in board["templating"]["list"]:
        if found["type"] != "query":
            continue
        match = re.fullmatch(r"label_values\((.+), (\w+)\)", str(found.get("query")))
        if not match:
            yield f"{found['name']}: not label_values(SELECTOR, LABEL)"
            continue
        try:
            selector, = promql.read(match[1]).selectors
        except ValueError as error:
            yield f"{found['name']}: {error}"
            continue
        if match[2] not in (labels_of(selector.metric) or ()):
            yield f"{found['name']}: {selector.metric} has no label {match[2]}"


def template_on_time_change_reload(board):
    for found in board["templating"]["list"]:
        if found["type"] == "query" and found.get("refresh") != 2:
            yield f"the variable {found['name']} is not read anew when the time range changes"


def panel_datasource(board):
    for panel in panels(board):
        if panel.get("datasource") != DATASOURCE:
            yield f"{panel['title']}: not the chosen data source"


def panel_title_description(board):
    for panel in panels(board):
        if not panel.get("title", "").strip() or len(panel.get("description", "").strip()) < 20:
            yield f"panel {panel['id']} ({panel.get('title')}): title and description are wanted"


def panel_units(board):
    for panel in panels(board):
        defaults = panel["fieldConfig"]["defaults"]
        units = [defaults.get("unit")] if panel["type"] in NEEDS_UNIT and not defaults.get("mappings") else []
        units += [p["value"] for o in panel["fieldConfig"]["overrides"] for p in o["properties"] if p["id"] == "unit"]
        if panel["type"] == "heatmap":
            units.append(panel["options"]["yAxis"].get("unit"))
        for unit in units:
            if unit not in UNITS and not str(unit).startswith("suffix:"):
                yield f"{panel['title']}: unit {unit}"
        if panel["type"] == "table" and defaults.get("unit") != "string":
            yield f"{panel['title']}: a column is text unless it says otherwise, or port 9999 is written as 10.00 K"


def panel_no_targets(board):
    for panel in panels(board):
        if not panel.get("targets"):
            yield f"{panel['title']}: no query"


def target_promql(board):
    """Every query is put into a rule file of its own making, for promtool to judge."""
    wheres, lines = [], ["groups:", "  - name: queries", "    rules:"]
    for where, target in queries(board):
        try:
            expr = expand(target["expr"])
        except KeyError as error:
            yield f"{where}: unknown variable {error}"
            continue
        lines += [f"      - record: query:{len(wheres)}", f"        expr: {json.dumps(expr)}"]
        wheres.append(where)
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        check = subprocess.run(["promtool", "check", "rules", file.name], capture_output=True, text=True, timeout=60)
    if check.returncode:
        for number, error in re.findall(r'"query:(\d+)"[^"]*?(could not parse.*)', check.stderr):
            yield f"{wheres[int(number)]}: {error}"
        if "query:" not in check.stderr:
            yield check.stderr.strip()


def selectors(board):
    for where, target in queries(board):
        try:
            for selector in promql.read(target["expr"]).selectors:
                yield where, selector
        except ValueError:
            pass                   # target_promql tells


def target_rate_interval(board):
    for where, selector in selectors(board):
        if selector.range and selector.range not in ("$__rate_interval", "$__range"):
            yield f"{where}: [{selector.range}] instead of [$__rate_interval]"
        if selector.range == "$__range" and {"rate", "irate"} & set(selector.functions):
            yield f"{where}: a rate over [$__range]"


def target_has(board, label):
    for where, selector in selectors(board):
        if selector.matcher(label) != promql.Matcher(label, "=~", f"${label}"):
            yield f'{where}: {selector.metric} without {label}=~"${label}"'


def target_job(board):
    return target_has(board, "job")


def target_instance(board):
    return target_has(board, "instance")


def target_counter_agg(board):
    for where, selector in selectors(board):
        if contract.is_counter(selector.metric) and not {"rate", "irate", "increase"} & set(selector.functions):
            yield f"{where}: the counter {selector.metric} outside rate, irate and increase"


def uneditable(board):
    if board.get("editable") is not False:
        yield "editable must be false: the file is the source"


def contract_series(board):
    for where, selector in selectors(board):
        labels = labels_of(selector.metric)
        if labels is None:
            yield f"{where}: there is no series {selector.metric}"
            continue
        for matcher in selector.matchers:
            if matcher.label not in labels:
                yield f"{where}: {selector.metric} has no label {matcher.label}"
            elif labels[matcher.label] and not matcher.value.startswith("$"):
                for value in set(matcher.value.split("|")) - set(labels[matcher.label]):
                    yield f"{where}: {selector.metric} never has {matcher.label}={value}"


def contract_labels(board):
    """Labels that a query groups by, or a legend shows, are labels of its series and outlive the aggregation."""
    for where, target in queries(board):
        try:
            read = promql.read(target["expr"])
        except ValueError:
            continue
        known = set().union(*(labels_of(s.metric) or () for s in read.selectors))
        kept = [set(labels) for clause, labels in read.clauses if clause == "by"]
        for clause, labels in read.clauses:
            for label in set(labels) - known:
                yield f"{where}: {clause} ({label}), which no series has"
        shown = " ".join(str(target.get(key, "")) for key in ("legendFormat", "titleFormat", "textFormat"))
        for label in set(re.findall(r"{{\s*(\w+)\s*}}", shown)):
            if label not in known or (kept and not any(label in labels for labels in kept)):
                yield f"{where}: the legend shows {label}, which the result has not"


def grid(board):
    placed = []
    for panel in board["panels"]:
        at = panel["gridPos"]
        box = (at["x"], at["y"], at["x"] + at["w"], at["y"] + at["h"])
        if at["x"] < 0 or at["y"] < 0 or at["w"] < 1 or at["h"] < 1 or box[2] > 24:
            yield f"{panel['title']}: outside of the 24 columns"
        for title, other in placed:
            if box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]:
                yield f"{panel['title']} lies on {title}"
        placed.append((panel["title"], box))


def identity(board):
    ids = [panel["id"] for panel in board["panels"]]
    titles = [panel["title"] for panel in panels(board)]
    for value in sorted({v for v in ids if ids.count(v) > 1}):
        yield f"panel id {value} stands twice"
    for value in sorted({v for v in titles if titles.count(v) > 1}):
        yield f"the title {value} stands twice"
    for panel in panels(board):
        refs = [target.get("refId") for target in panel.get("targets", [])]
        if len(refs) != len(set(refs)):
            yield f"{panel['title']}: a refId stands twice"
    if not re.fullmatch(r"[a-z0-9-]{1,40}", str(board.get("uid"))) or "id" in board:
        yield "a uid of its own, and no id: the id is the data base's"
    if board.get("schemaVersion") != 39:
        yield "schemaVersion 39: Grafana 10.3 and later load it and migrate upward"


HARM = re.compile(r"close_wait_leaked_sockets|dead_sockets|owner_descriptors|resets_total|dump_failures_total")


def is_harm(selector):
    return HARM.search(selector.metric) or (
        "oldest_socket_age" in selector.metric and selector.matcher("state") == promql.Matcher("state", "=", "close_wait"))


def colours_of_harm(board):
    """What does harm is not drawn in the colour of what is well: Grafana's palette begins with green."""
    harmful = {where.rsplit(": ", 1)[0] for where, selector in selectors(board) if is_harm(selector)}
    for panel in panels(board):
        defaults, overrides = panel["fieldConfig"]["defaults"], panel["fieldConfig"]["overrides"]
        if panel["title"] in harmful and panel["type"] == "timeseries" and \
                defaults.get("color", {}).get("mode", "palette-classic").startswith("palette"):
            yield f"{panel['title']}: harm in any colour of the palette"
        scales = [p["value"] for o in overrides for p in o["properties"] if p["id"] == "thresholds"]
        if panel["type"] == "stat":
            scales.append(defaults.get("thresholds", {"steps": []}))
        if panel["title"] in harmful and "unit" in defaults and defaults["unit"] in ("short", "string"):
            for steps in (scale["steps"] for scale in scales):
                if len(steps) > 0 and steps[0]["color"] == "green" and (len(steps) < 2 or steps[1]["value"] > 1):
                    yield f"{panel['title']}: one socket is green"


RULES = [template_datasource, template_job, template_instance, template_label_promql, template_on_time_change_reload,
         panel_datasource, panel_title_description, panel_units, panel_no_targets, target_promql, target_rate_interval,
         target_job, target_instance, target_counter_agg, uneditable, contract_series, contract_labels, grid,
         identity, colours_of_harm]


def lint(board):
    """[(rule, finding)], without those that exclusions.json gives a reason for."""
    excused = {(e["dashboard"], e["rule"], e["finding"]) for e in EXCLUSIONS}
    return [(rule.__name__, finding) for rule in RULES for finding in rule(board)
            if (board.get("uid"), rule.__name__, finding) not in excused]


def main():
    if len(sys.argv) < 2:
        print(__doc__.splitlines()[0], file=sys.stderr)
        return 2
    count = 0
    for name in sys.argv[1:]:
        for rule, finding in lint(json.loads(Path(name).read_text())):
            print(f"{name}: {rule}: {finding}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
