"""The option tree of a program, read from what its --help prints (CLI11's layout)."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field

# CLI11 puts descriptions from this column on, on the same line where the name leaves room.
DESCRIPTION_COLUMN = 30


@dataclass
class Option:
    names: list[str]  # "-h", "--help"
    value: str = ""  # the value's type as shown, "" for a flag
    default: str = ""
    environment: str = ""
    repeatable: bool = False
    required: bool = False
    help: str = ""

    @property
    def long(self) -> str:
        return next((name for name in self.names if name.startswith("--")), self.names[0])

    @property
    def choices(self) -> list[str]:
        """The words that the value may be: "{a,b,c}" in its type, or "a, b or c" as the whole of its help."""
        braces = re.search(r"\{([^}]*)\}", self.value)
        if braces:
            return braces.group(1).split(",")
        listed = re.match(r"([a-z]+(?:, [a-z]+)+ or [a-z]+)(?:;|$)", self.help)
        return re.split(r", | or ", listed.group(1)) if listed else []

    @property
    def is_file(self) -> bool:
        return bool(re.match(r"(FILE|PATH|DIR|SOCKET)\b", self.value))


@dataclass
class Command:
    words: list[str]  # ["halfclosed", "scenario", "run"]
    summary: str = ""
    positionals: list[Option] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    subcommands: list["Command"] = field(default_factory=list)

    def find(self, words: list[str]) -> "Command":
        if self.words == words:
            return self
        for command in self.subcommands:
            if command.words == words[: len(command.words)]:
                return command.find(words)
        raise KeyError(" ".join(words))

    def walk(self):
        yield self
        for command in self.subcommands:
            yield from command.walk()


def _split_entry(line: str, following: str) -> tuple[str, str]:
    """An entry's left side, and its description as far as it stands on the same line.

    A left side too long for its column has the description on the next line; it may have a space where the column
    ends, too.
    """
    in_column = line[DESCRIPTION_COLUMN - 1:DESCRIPTION_COLUMN] == " "
    padded = line[DESCRIPTION_COLUMN - 2:DESCRIPTION_COLUMN] == "  "
    if padded or (in_column and not following.startswith(" " * DESCRIPTION_COLUMN)):
        return line[:DESCRIPTION_COLUMN].strip(), line[DESCRIPTION_COLUMN:].strip()
    return line.strip(), ""


def _option(left: str, text: str) -> Option:
    names, _, rest = left.partition(" ")
    option = Option(names=names.split(","), help=text)
    environment = re.search(r"\s*\(Env:(\w+)\)", rest)
    if environment:
        option.environment = environment.group(1)
        rest = rest.replace(environment.group(0), "")
    rest = re.sub(r"\s(Needs|Excludes):.*$", "", " " + rest).strip()
    while True:
        stripped = re.sub(r"\s*(REQUIRED|\.\.\.)$", "", rest)
        if stripped == rest:
            break
        option.required |= rest.endswith("REQUIRED")
        option.repeatable |= rest.endswith("...")
        rest = stripped
    option.value, _, option.default = rest.partition("=")
    option.default = option.default.strip("[]")
    return option


def parse_help(words: list[str], text: str) -> tuple[Command, list[str]]:
    """The command that a help text describes, and the names of its subcommands."""
    command = Command(words=words)
    subcommands: list[str] = []
    section = ""
    target: list[Option] = []
    summary: list[str] = []
    lines = text.splitlines()
    for line, following in zip(lines, lines[1:] + [""]):
        heading = re.match(r"(\S[^:]*):$", line)
        if heading:
            section = heading.group(1)
            # Those of the command above, which its own help has.
            inherited = section == "Common options"
            target = command.positionals if section == "Positionals" else [] if inherited else command.options
        elif not section:
            if line.startswith("Usage:"):
                section = "Usage"
            elif line.strip():
                summary.append(line.strip())
        elif section == "Subcommands":
            if re.match(r"  \S", line):
                subcommands.append(line.split()[0])
        elif re.match(r"  \S", line):
            target.append(_option(*_split_entry(line, following)))
        elif line.startswith(" " * DESCRIPTION_COLUMN) and target:
            target[-1].help = f"{target[-1].help} {line.strip()}".strip()
    command.summary = " ".join(summary)
    return command, subcommands


def read_tree(program: str, words: list[str]) -> Command:
    """Asks `program` for the help of these words and of everything below them."""
    text = subprocess.run([program, *words[1:], "--help"], check=True, text=True,
                          stdout=subprocess.PIPE, env={"PATH": "/usr/bin:/bin"}).stdout
    command, names = parse_help(words, text)
    command.subcommands = [read_tree(program, [*words, name]) for name in names]
    return command
