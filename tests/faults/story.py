"""One case after the other, a line each: "ok - …", or "not ok - …" with what was wrong. tests/run counts them."""

import traceback

failures = 0
cases = []


def case(what):
    """Registers a function as a case of the story."""
    def register(function):
        cases.append((what, function))
        return function
    return register


def tell(what, function, *arguments):
    global failures
    try:
        found = function(*arguments)
        print(f"ok - {what}" + (f" ({found})" if found else ""), flush=True)
    except Exception as error:  # a case may fail in any way; the others go on
        failures += 1
        print(f"not ok - {what}")
        text = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
        print("\n".join(f"#   {line}" for line in text.splitlines()[-40:]), flush=True)


def check(condition, what):
    if not condition:
        raise AssertionError(what)
