# For scripts that print a line for each case: "ok - …", or "not ok - …" with what the command printed. tests/run counts
# them. Sourced by bash.

failures=0

# expect WHAT COMMAND...: the command succeeds.
expect() {
    local output
    if output=$("${@:2}" 2>&1); then
        echo "ok - $1"
    else
        echo "not ok - $1"
        printf '%s\n' "$output" | tail -n 60 | sed 's/^/#   /'
        failures=$((failures + 1))
    fi
}

# no_output COMMAND...: the command has nothing to say.
no_output() {
    local output
    output=$("$@" 2>&1)
    [ -z "$output" ] || { echo "$output"; false; }
}
