"""Completions for bash, zsh and fish, from the option tree."""

from __future__ import annotations

from command_tree import Command, Option

# What a positional stands for where words can be offered for it: asked from the program when Tab is pressed.
ASKED = {("halfclosed", "scenario", "run"): "halfclosed scenario list 2>/dev/null | awk '/^[a-z]/ { print $1 }'"}


def _below_options(program: Command, command: Command) -> list[Option]:
    """Options valid at a command: its own and those of the commands above it, which it passes on."""
    seen: dict[str, Option] = {}
    for depth in range(len(command.words), 0, -1):
        for option in program.find(command.words[:depth]).options:
            seen.setdefault(option.long, option)
    return list(seen.values())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def bash(program: Command) -> str:
    name = program.words[0]
    function = "_" + name.replace("-", "_")
    takes_value = sorted({n for c in program.walk() for o in c.options if o.value for n in o.names})
    lines = [
        f"# bash completion for {name}",
        f"{function}() {{",
        "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= word skip=",
        "    COMPREPLY=()",
        "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD - 1}\"; do",
        "        if [ -n \"$skip\" ]; then skip=; continue; fi",
        "        case $command\\ $word in",
    ]
    for command in program.walk():
        for sub in command.subcommands:
            lines.append(f"            {_quoted(' '.join(command.words[1:]) + ' ' + sub.words[-1])}) "
                         f"command={_quoted(' '.join(sub.words[1:]))} ;;")
    if takes_value:
        lines.append("            " + "|".join(f"*\" {flag}\"" for flag in takes_value) + ") skip=yes ;;")
    lines += ["        esac", "    done", "    case $command\\ $previous in"]
    for command in program.walk():
        prefix = " ".join(command.words[1:])
        for option in _below_options(program, command):
            if not option.value:
                continue
            patterns = "|".join(_quoted(f"{prefix} {n}") for n in option.names)
            if option.choices:
                action = f"COMPREPLY=($(compgen -W {_quoted(' '.join(option.choices))} -- \"$current\"))"
            elif option.is_file:
                action = "compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\"))"
            else:
                action = ":"
            lines.append(f"        {patterns}) {action}; return ;;")
    lines += ["    esac", "    case $command in"]
    for command in program.walk():
        words = [n for o in _below_options(program, command) for n in o.names if n.startswith("--")]
        words += [sub.words[-1] for sub in command.subcommands]
        offer = _quoted(" ".join(words))
        asked = ASKED.get(tuple(command.words))
        if asked:
            offer += f"\" $({asked})\""
        files = any(p.is_file or p.long == "file" for p in command.positionals)
        lines.append(f"        {_quoted(' '.join(command.words[1:]))})")
        lines.append(f"            COMPREPLY=($(compgen -W {offer} -- \"$current\"))")
        if files:
            lines.append("            [[ $current == -* ]] || "
                         "{ compopt -o filenames; COMPREPLY+=($(compgen -f -- \"$current\")); }")
        lines.append("            ;;")
    lines += ["    esac", "}", f"complete -F {function} {name}", ""]
    return "\n".join(lines)


def _zsh_option(option: Option) -> list[str]:
    text = option.help.replace("[", "(").replace("]", ")").replace(":", " -")
    repeat = "*" if option.repeatable else ""
    action = ""
    if option.value:
        if option.choices:
            action = f":value:({' '.join(option.choices)})"
        elif option.is_file:
            action = ":file:_files"
        else:
            action = ":value: "
    return [_quoted(f"{repeat}{name}[{text}]{action}") for name in option.names]


def zsh(program: Command) -> str:
    name = program.words[0]
    lines = [f"#compdef {name}", ""]
    for command in program.walk():
        function = "_" + "_".join(command.words).replace("-", "_")
        specs = [spec for o in _below_options(program, command) for spec in _zsh_option(o)]
        lines.append(f"{function}() {{")
        asked = ASKED.get(tuple(command.words))
        if command.subcommands:
            lines.append("    local context state state_descr line")
            lines.append("    typeset -A opt_args")
            specs += ["'1:command:->command'", "'*::argument:->argument'"]
        elif asked:
            specs.append("'*:name:($(" + asked.replace("'", "'\\''") + "))'")
        elif command.positionals:
            action = "_files" if any(p.is_file or p.long == "file" for p in command.positionals) else "_hosts"
            specs.append(f"'*:argument:{action}'")
        lines.append("    _arguments -S " + " \\\n        ".join(specs))
        if command.subcommands:
            lines += ["    case $state in", "        command)", "            local -a commands=("]
            lines += [f"                {_quoted(s.words[-1] + ':' + s.summary.replace(':', ' -'))}"
                      for s in command.subcommands]
            lines += ["            )", "            _describe command commands", "            ;;",
                      "        argument)", "            case $words[1] in"]
            lines += [f"                {s.words[-1]}) {'_' + '_'.join(s.words).replace('-', '_')} ;;"
                      for s in command.subcommands]
            lines += ["            esac", "            ;;", "    esac"]
        lines += ["}", ""]
    lines.append(f"_{name.replace('-', '_')} \"$@\"")
    return "\n".join(lines) + "\n"


def fish(program: Command) -> str:
    name = program.words[0]
    lines = [f"# fish completion for {name}"]

    def condition(command: Command) -> str:
        words = command.words[1:]
        seen = [f"__fish_seen_subcommand_from {word}" for word in words]
        below = [sub.words[-1] for sub in command.subcommands]
        if below:
            seen.append(f"not __fish_seen_subcommand_from {' '.join(below)}")
        return "; and ".join(seen)

    for command in program.walk():
        when = condition(command)
        n = f" -n {_quoted(when)}" if when else ""
        for sub in command.subcommands:
            lines.append(f"complete -c {name}{n} -f -a {sub.words[-1]} -d {_quoted(sub.summary)}")
        asked = ASKED.get(tuple(command.words))
        if asked:
            lines.append(f"complete -c {name}{n} -f -a {_quoted('(' + asked + ')')}")
        # Options of a command hold below it too.
        above = "; and ".join(f"__fish_seen_subcommand_from {word}" for word in command.words[1:])
        n = f" -n {_quoted(above)}" if above else ""
        for option in command.options:
            if option.long in {o.long for o in program.options} and len(command.words) > 1:
                continue
            spelled = "".join(f" -l {x[2:]}" if x.startswith("--") else f" -s {x[1:]}" for x in option.names)
            value = ""
            if option.value:
                value = " -r" if option.is_file else " -x"
                if option.choices:
                    value += f" -a {_quoted(' '.join(option.choices))}"
            lines.append(f"complete -c {name}{n}{spelled}{value} -d {_quoted(option.help)}")
    return "\n".join(lines) + "\n"
