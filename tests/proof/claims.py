"""The claims of claims.toml, what of the README must be one, and whether the commands that they name exist."""

import re
import shlex
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).resolve().parent / "claims.toml"

FIGURE = (r"\d[\d,.]*(?:–\d[\d,.]*)?\s?"
          r"(?:%|(?:ms|µs|us|s|h|hours?|seconds|minutes|kB|MB|MiB|GB|cores?|series|sockets|connections)\b)")
PROMISE = (r"\b(?:never|always|at most|at least|nothing|bounds?|equals?|equalled|each transition|no privilege|compares"
           r"|checks its own|go silent|goes silent)\b")
# Their tables are made from the sources, and other tests hold them to these.
GENERATED = ("Metrics", "Scenarios", "Layers")


def read_claims():
    return tomllib.loads(FILE.read_text())["claim"]


def sentences(text):
    """(headline, sentence) outside of samples; a row of a table and an item of a list are sentences too."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    headline = ""
    for part in re.split(r"\n\s*\n|\n(?=[|-] ?)", text):
        if part.startswith("#"):
            headline = part.strip("# ").splitlines()[0]
        elif not part.startswith("    ") and not (part.startswith("|") and headline in GENERATED):
            for sentence in re.split(r"(?<=[.:?])\s+(?=[A-Z*`])", " ".join(part.split())):
                yield headline, sentence


def uncovered(readme, content=None):
    """Sentences with a figure or a promise that neither a claim nor an aside has."""
    content = tomllib.loads(FILE.read_text()) if content is None else content
    known = [phrase for claim in content["claim"] for phrase in claim.get("readme", [])]
    known += [aside["readme"] for aside in content.get("aside", [])]
    sections = {aside["section"] for aside in content.get("aside_section", [])}
    return [sentence for headline, sentence in sentences(readme)
            if headline not in sections and (re.search(FIGURE, sentence) or re.search(PROMISE, sentence, re.IGNORECASE))
            and not any(phrase in sentence for phrase in known)]


def missing_commands(claims):
    """A line for each claim whose command nobody could run: no such script, no such gate, no such flag."""
    wrong = []
    gates = set(re.findall(r"^gate_(\w+)\(\)", (ROOT / "tests/run").read_text(), re.MULTILINE))
    for claim in claims:
        script, *words = shlex.split(claim["command"])
        path = ROOT / script
        if not path.is_file() or not path.stat().st_mode & 0o100:
            wrong.append(f"there is no program {script}: {claim['says']}")
        elif script == "tests/run":
            wrong += [f"tests/run has no gate {word}: {claim['says']}" for word in words if word not in gates]
        else:
            text = path.read_text()
            wrong += [f"{script} knows no {word}: {claim['says']}" for word in words
                      if word.startswith("--") and word not in text]
    return wrong
