"""Reads out of a PromQL expression what the rules and dashboards are judged by: its series selectors, with their
matchers, ranges and the functions around them. It does not decide whether an expression is valid: promtool does.
"""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(r"""
    (?P<space>\s+|\#[^\n]*)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<range>\[[^\]]*\])
  | (?P<duration>\d+(?:ms|[smhdwy])(?![A-Za-z0-9_]))
  | (?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)
  | (?P<name>[A-Za-z_:$][A-Za-z0-9_:]*)
  | (?P<operator>=~|!~|!=|==|>=|<=|[-+*/%^<>=(){},@])
""", re.VERBOSE | re.IGNORECASE)

AGGREGATIONS = {"sum", "min", "max", "avg", "count", "group", "topk", "bottomk", "quantile", "stddev", "stdvar",
                "count_values"}
CLAUSES = {"by", "without", "on", "ignoring", "group_left", "group_right"}
WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan"}


@dataclass
class Matcher:
    label: str
    operator: str
    value: str


@dataclass
class Selector:
    metric: str
    matchers: list = field(default_factory=list)
    range: str | None = None
    functions: tuple = ()          # the calls around it, outermost first

    def matcher(self, label):
        return next((m for m in self.matchers if m.label == label), None)


@dataclass
class Expression:
    selectors: list
    clauses: list                  # ("by", ["state", "side"]) …
    functions: set


def tokens(text):
    position, result = 0, []
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            raise ValueError(f"cannot read {text[position:position + 20]!r}")
        position = match.end()
        if match.lastgroup != "space":
            result.append((match.lastgroup, match.group()))
    return result


def read(text):
    """Raises ValueError on what is no PromQL at all."""
    stream = tokens(text) + [("end", "")]
    result = Expression([], [], set())
    calls, pending, i = [], None, 0
    while stream[i][0] != "end":
        kind, word = stream[i]
        follows = stream[i + 1][1]
        if kind == "name" and word in CLAUSES:
            i, labels = read_list(stream, i + 1)
            result.clauses.append((word, labels))
            continue
        if kind == "name" and word.lower() not in WORDS:
            if word in AGGREGATIONS or (follows == "(" and word not in CLAUSES):
                pending = word
                result.functions.add(word)
            else:
                i, selector = read_selector(stream, i)
                selector.functions = tuple(call for call in calls if call)
                result.selectors.append(selector)
                continue
        elif word == "(":
            calls.append(pending)
            pending = None
        elif word == ")":
            if not calls:
                raise ValueError("a ) without its (")
            calls.pop()
        elif word == "{":
            raise ValueError("a selector without a metric name")
        i += 1
    if calls:
        raise ValueError("a ( without its )")
    return result


def read_list(stream, i):
    """A clause's labels in parentheses; group_left may come without any."""
    if stream[i][1] != "(":
        return i, []
    labels = []
    i += 1
    while stream[i][1] != ")":
        if stream[i][0] == "end":
            raise ValueError("a ( without its )")
        if stream[i][0] == "name":
            labels.append(stream[i][1])
        i += 1
    return i + 1, labels


def read_selector(stream, i):
    selector = Selector(stream[i][1])
    i += 1
    if stream[i][1] == "{":
        i += 1
        while stream[i][1] != "}":
            label, operator, value = stream[i:i + 3] if len(stream) > i + 2 else [("end", "")] * 3
            if (label[0], value[0]) != ("name", "string"):
                raise ValueError(f"cannot read the matchers of {selector.metric}")
            selector.matchers.append(Matcher(label[1], operator[1], value[1][1:-1]))
            i += 3
            if stream[i][1] == ",":
                i += 1
        i += 1
    if stream[i][0] == "range":
        selector.range = stream[i][1][1:-1]
        i += 1
    return i, selector
