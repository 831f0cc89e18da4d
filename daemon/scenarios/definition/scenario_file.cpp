#include "scenarios/definition/scenario_file.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "scenarios/definition/expectation_text.h"
#include "scenarios/definition/script_expectation.h"
#include "scenarios/definition/toml_table.h"
#include "scenarios/programs/script.h"
#include "scenarios/programs/signal_name.h"
#include "text/toml_text.h"
#include "text/utf8.h"

namespace halfclosed::scenarios {

namespace {

constexpr const char* kSpan = "a time such as 60ms, fin_timeout + 1s or hold";
constexpr const char* kState = "a TCP state such as fin_wait2";
constexpr const char* kCustody = "process, accept_queue, orphan, timewait or handshake";
constexpr const char* kEnd = "an end such as SIGINT, exit 0 or runs on";
constexpr const char* kCallReference = "a call such as server close or client write 2";
constexpr const char* kCall = "a call such as read = 26 or write = -1 EPIPE";
constexpr std::array<const char*, 2> kPrograms{"daytime-server", "daytime-client"};

/// The steps of --do as text; each is one, and they work together.
std::vector<std::string> read_script(Table& table, programs::Role role) {
    const std::string what = "one of: " + programs::known_actions();
    programs::Script script;
    auto steps = table.parsed_list(
        "do", what.c_str(), [&script](const std::string& text) -> std::optional<std::string> {
            const auto action = programs::parse_action(text);
            if (!action) {
                return std::nullopt;
            }
            script.push_back(*action);
            return text;
        });
    const std::string flaw = programs::flaw_of(script, role);
    if (!flaw.empty() || steps.empty()) {
        table.fail_at("do", flaw.empty() ? "'do' is empty" : "'do': " + flaw);
    }
    return steps;
}

Actor read_actor(Table table, programs::Role role) {
    Actor actor;
    actor.program =
        table.parsed("program", "daytime-server or daytime-client", [](const std::string& text) {
            return std::find(kPrograms.begin(), kPrograms.end(), text) != kPrograms.end()
                       ? std::optional(text)
                       : std::nullopt;
        });
    actor.flags = table.optional_texts("flags");
    if (table.has("do")) {
        actor.script = read_script(table, role);
    }
    table.finish();
    return actor;
}

Step read_step(Table table) {
    Step step;
    step.signal = table.parsed("signal", "a signal such as SIGINT", programs::signal_number);
    step.to = table.parsed("to", "server or client", parse_side);
    Table when = table.table("when");
    step.when.server = when.optional_parsed("server", kState, parse_state);
    step.when.client = when.optional_parsed("client", kState, parse_state);
    step.call = when.optional_parsed("call", kCallReference, parse_call_reference);
    step.held = when.optional_parsed("for", kSpan, parse_span).value_or(RelativeDuration{});
    if (!step.when.server && !step.when.client && !step.call) {
        when.fail("'when' names neither server nor client nor call");
    }
    when.finish();
    table.finish();
    return step;
}

std::vector<ExpectedState> read_states(std::vector<Table> tables) {
    std::vector<ExpectedState> states;
    for (Table& table : tables) {
        ExpectedState state;
        state.state = table.parsed("state", kState, parse_state);
        state.may_be_implied =
            table.optional_parsed("evidence", "seen, or seen or implied", parse_evidence)
                .value_or(false);
        state.at_least = table.optional_parsed("at_least", kSpan, parse_span);
        state.at_most = table.optional_parsed("at_most", kSpan, parse_span);
        state.custody = table.optional_parsed("custody", kCustody, parse_custody);
        table.finish();
        states.push_back(state);
    }
    return states;
}

/// The calls and the exit of one side: what the file says, else what follows from the scripts.
void read_program(Table& table, const Scenario& scenario, Side side, Expectation& expect) {
    const std::string calls_key = std::string(name(side)) + "_calls";
    const std::string exit_key = std::string(name(side)) + "_ends";
    const auto calls = calls_of_script(scenario.actors, side);
    expect.calls.of(side) = calls && !table.has(calls_key)
                                ? *calls
                                : table.parsed_list(calls_key, kCall, parse_call_text);
    const auto exit = exit_of_script(scenario.actors, side, scenario.steps);
    expect.exits.of(side) =
        exit && !table.has(exit_key) ? *exit : table.parsed(exit_key, kEnd, parse_exit);
}

Expectation read_expectation(Table table, const Scenario& scenario) {
    Expectation expect;
    expect.states = {read_states(table.tables("server")), read_states(table.tables("client"))};
    if (expect.states.server.empty() || expect.states.client.empty()) {
        table.fail("'server' and 'client' must each name a state");
    }
    for (const Side side : tracking::kSides) {
        read_program(table, scenario, side, expect);
    }
    if (table.has("events")) {
        Table events = table.table("events");
        for (const std::string& event : events.keys()) {
            expect.events[event] = events.number(event);
            if (!is_judged_event(event)) {
                events.fail("'" + event + "' is not a counter that is judged");
            }
        }
    }
    expect.minisocks = table.number("minisocks");
    expect.orphan = table.optional_numbers("orphan");
    expect.tw = table.optional_numbers("tw");
    expect.fin_wait2_ended = table.optional_parsed(
        "fin_wait2_ended", "peer_closed, expired or killed", parse_fin_wait2_end);
    if (table.has("packets")) {
        expect.packets = table.texts("packets");
    }
    table.finish();
    return expect;
}

TimingPrecondition read_premise(Table table) {
    TimingPrecondition precondition;
    precondition.from = table.parsed("from", kCallReference, parse_call_reference);
    precondition.to = table.parsed("to", kCallReference, parse_call_reference);
    precondition.at_most = table.parsed("at_most", kSpan, parse_span);
    table.finish();
    return precondition;
}

std::map<std::string, std::string> read_sysctls(Table table) {
    std::map<std::string, std::string> sysctls;
    for (const std::string& key : table.keys()) {
        sysctls[key] = table.text(key);
        if (!is_sysctl_name(key)) {
            table.fail_at(key, "'" + key + "' is not a sysctl of net.ipv4");
        }
        if (key == "net.ipv4.tcp_fin_timeout") {
            table.fail_at(key, "'" + key + "' is what --fin-timeout says, not the file");
        }
    }
    return sysctls;
}

Scenario read_scenario(Table table, const NameTaken& taken) {
    Scenario scenario;
    scenario.name = table.parsed("name", "a name of a-z, 0-9 and -", parse_name);
    if (taken(scenario.name)) {
        table.fail_at("name", "'name': there is a scenario '" + scenario.name + "' already");
    }
    scenario.summary = table.text("summary");
    scenario.explanation = table.prose("explanation");
    scenario.governed_by = table.texts("governed_by");
    scenario.unavailable = table.optional_text("unavailable");
    if (scenario.unavailable) {
        table.finish();
        return scenario;
    }
    scenario.limit = table.parsed("limit", kSpan, parse_span);
    scenario.actors = {read_actor(table.table("server"), programs::Role::server),
                       read_actor(table.table("client"), programs::Role::client)};
    for (const Table& step : table.optional_tables("step")) {
        scenario.steps.push_back(read_step(step));
    }
    if (table.has("sysctl")) {
        scenario.sysctls = read_sysctls(table.table("sysctl"));
    }
    scenario.expect = read_expectation(table.table("expect"), scenario);
    for (const Table& precondition : table.optional_tables("premise")) {
        scenario.expect.preconditions.push_back(read_premise(precondition));
    }
    table.finish();
    return scenario;
}

}  // namespace

ScenarioFileError::ScenarioFileError(const std::string& what)
    : std::runtime_error(text::printable(what)) {
}

Scenario parse_scenario(std::string_view text, const std::string& file, const NameTaken& taken) {
    try {
        return read_scenario({text::parse_toml(text, file), file}, taken);
    } catch (const text::TomlError& error) {
        throw ScenarioFileError(error.what());
    }
}

}  // namespace halfclosed::scenarios
