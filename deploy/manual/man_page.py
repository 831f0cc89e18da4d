"""Man pages: prose from pages/, with what the option tree says put in its place.

A template ends in .in; it is a man(7) page with lines for what is generated:

    @SYNOPSIS COMMAND@   how the command is called
    @OPTIONS COMMAND@    its positionals and options
    @COMMANDS COMMAND@   its subcommands, a line each
    @KEYS COMMAND@       its options as keys of the configuration file
    @EXAMPLE FILE@       the file of that name in examples/, as it is
"""

from __future__ import annotations

import pathlib
import re

from command_tree import Command, Option


def roff(text: str) -> str:
    """Text as roff shows it: hyphens that can be copied, no line that is taken for a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def _value_name(option: Option) -> str:
    """"NUMBER:INT in [1 - 65535]" says NUMBER; "WHAT:{a,b}" says a|b; "ADDRESS:PORT" says that."""
    if option.choices and "{" in option.value:
        return "|".join(option.choices)
    return re.sub(r":(U?INT|FLOAT|[A-Z]*POSITIVE|NONNEGATIVE)\b.*", "", option.value)


def _limits(option: Option) -> str:
    found = re.search(r"in \[(\S+) - (\S+)\]", option.value)
    return f"{found.group(1)} to {found.group(2)}" if found else ""


def _sentence(option: Option) -> str:
    text = option.help.rstrip(".")
    notes = [_limits(option)]
    if option.default:
        notes.append(f"{option.default} by default")
    if option.repeatable and "repeatable" not in text:
        notes.append("may be given several times")
    notes = [note for note in notes if note]
    return roff(text) + (f" ({roff(', '.join(notes))})" if notes else "") + "."


def synopsis(command: Command) -> str:
    parts = [f".B {roff(' '.join(command.words))}"]
    if command.options:
        parts.append("[\\fIOPTION\\fR...]")
    for positional in command.positionals:
        name = f"\\fI{roff(positional.long.upper())}\\fR" + ("..." if positional.repeatable else "")
        parts.append(name if positional.required else f"[{name}]")
    if command.subcommands:
        parts.append("\\fICOMMAND\\fR")
    return "\n".join(parts)


def options(command: Command) -> str:
    lines = []
    for option in command.positionals + command.options:
        names = ", ".join(f"\\fB{roff(name)}\\fR" for name in option.names)
        value = f" \\fI{roff(_value_name(option))}\\fR" if option.value and option in command.options else ""
        lines += [".TP", names + value, _sentence(option)]
        if option.environment:
            lines += [".br", f"Environment: {roff(option.environment)}"]
    if len(command.words) > 1 and command.words[0] == "halfclosed":
        lines += [".PP", "The options of every command, \\fB\\-\\-port\\fR and \\fB\\-\\-config\\fR among them, are in", ".BR halfclosed (1)."]
    return "\n".join(lines)


def commands(command: Command) -> str:
    lines = []
    for sub in command.subcommands:
        lines += [".TP", f".B {roff(' '.join(sub.words))}", roff(sub.summary)]
    return "\n".join(lines)


def keys(command: Command) -> str:
    lines = []
    for option in command.options:
        if not option.environment or option.long == "--config":
            continue
        value = f" = \\fI{roff(_value_name(option))}\\fR" if option.value else " = true"
        lines += [".TP", f"\\fB{roff(option.long[2:])}\\fR{value}", _sentence(option)]
    return "\n".join(lines)


_GENERATED = {"SYNOPSIS": synopsis, "OPTIONS": options, "COMMANDS": commands, "KEYS": keys}


def example(name: str) -> str:
    text = (pathlib.Path(__file__).parent / "examples" / name).read_text(encoding="utf-8")
    return "\n".join([".nf", *(roff(line) for line in text.splitlines()), ".fi"])


def fill(template: str, programs: dict[str, Command], facts: dict[str, str]) -> str:
    """The page that a template makes. Throws KeyError for a command or a fact that there is not, and
    OSError for an example."""
    def generated(match: re.Match) -> str:
        words = match.group(2).split()
        if match.group(1) == "EXAMPLE":
            return example(words[0])
        return _GENERATED[match.group(1)](programs[words[0]].find(words))

    page = re.sub(r"^@([A-Z]+) (.+)@$", generated, template, flags=re.MULTILINE)
    page = re.sub(r"@([a-z]+)@", lambda match: facts[match.group(1)], page)
    # No names of commands, files and keys in two lines.
    return re.sub(r"^(\.TH .*)$", r"\1\n.nh\n.ad l", page, flags=re.MULTILINE)
