"""A line for each case: "ok - …", or "not ok - …" with what was wrong. tests/run counts them."""

import traceback

failures = 0
registered = []


def case(what):
    """Registers a function as a case."""
    def register(function):
        registered.append((what, function))
        return function
    return register


def report(what, function):
    global failures
    try:
        found = function()
        print(f"ok - {what}" + (f" ({found})" if found else ""), flush=True)
    except Exception as error:  # a case may fail in any way; the others go on
        failures += 1
        print(f"not ok - {what}")
        text = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
        print("\n".join(f"#   {line}" for line in text.splitlines()[-40:]), flush=True)


def check(condition, what):
    if not condition:
        raise AssertionError(what)
