#include "scenarios/scenario_file.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <toml.hpp>

#include "programs/signal_name.h"
#include "scenarios/expectation_text.h"
#include "scenarios/toml_table.h"

namespace halfclosed::scenarios {

namespace {

constexpr const char* kSpan = "a time such as 60ms, 2s or fin_timeout + 1s";
constexpr const char* kState = "a TCP state such as fin_wait2";
constexpr const char* kCall = "a call such as read = 26 or write = -1 EPIPE";
constexpr std::array<const char*, 2> kPrograms{"daytime-server", "daytime-client"};

Actor read_actor(Table table) {
    Actor actor;
    actor.program =
        table.parsed("program", "daytime-server or daytime-client", [](const std::string& text) {
            return std::find(kPrograms.begin(), kPrograms.end(), text) != kPrograms.end()
                       ? std::optional(text)
                       : std::nullopt;
        });
    actor.flags = table.optional_texts("flags");
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
    step.held = when.optional_parsed("for", kSpan, parse_span).value_or(Span{});
    if (!step.when.server && !step.when.client) {
        when.fail("'when' names neither server nor client");
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
        state.may_be_implied = table.parsed("evidence", "seen, or seen or implied", parse_evidence);
        state.at_least = table.optional_parsed("at_least", kSpan, parse_span);
        state.at_most = table.optional_parsed("at_most", kSpan, parse_span);
        table.finish();
        states.push_back(state);
    }
    return states;
}

Expectation read_expectation(Table table) {
    Expectation expect;
    expect.states = {read_states(table.tables("server")), read_states(table.tables("client"))};
    if (expect.states.server.empty() || expect.states.client.empty()) {
        table.fail("'server' and 'client' must each name a state");
    }
    expect.calls = {table.parsed_list("server_calls", kCall, parse_call_text),
                    table.parsed_list("client_calls", kCall, parse_call_text)};
    expect.client_ends = table.parsed("client_ends", "an end such as SIGINT or exit 0", parse_exit);
    Table events = table.table("events");
    for (const std::string& event : events.keys()) {
        expect.events[event] = events.number(event);
        if (!is_judged_event(event)) {
            events.fail("'" + event + "' is not a counter that is judged");
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

Premise read_premise(Table table) {
    Premise premise;
    premise.from = table.parsed("from", "a call such as server close", parse_call_reference);
    premise.to = table.parsed("to", "a call such as client write", parse_call_reference);
    premise.at_most = table.parsed("at_most", kSpan, parse_span);
    table.finish();
    return premise;
}

Scenario read_scenario(Table table) {
    Scenario scenario;
    scenario.name = table.parsed("name", "a name of a-z, 0-9 and -", parse_name);
    scenario.summary = table.text("summary");
    scenario.explanation = table.text("explanation");
    scenario.governed_by = table.texts("governed_by");
    scenario.limit = table.parsed("limit", kSpan, parse_span);
    scenario.actors = {read_actor(table.table("server")), read_actor(table.table("client"))};
    for (const Table& step : table.optional_tables("step")) {
        scenario.steps.push_back(read_step(step));
    }
    if (table.has("sysctl")) {
        Table sysctls = table.table("sysctl");
        for (const std::string& key : sysctls.keys()) {
            scenario.sysctls[key] =
                sysctls.parsed(key, "a value", [&key](const std::string& value) {
                    return is_sysctl_name(key) ? std::optional(value) : std::nullopt;
                });
        }
        sysctls.finish();
    }
    scenario.expect = read_expectation(table.table("expect"));
    for (const Table& premise : table.optional_tables("premise")) {
        scenario.expect.premises.push_back(read_premise(premise));
    }
    table.finish();
    return scenario;
}

/// The first line of toml11's message, without its prefix; the rest is a picture of the place.
std::string first_line(const std::string& message) {
    const std::string_view prefix = "[error] ";
    const std::string line = message.substr(0, message.find('\n'));
    return line.starts_with(prefix) ? line.substr(prefix.size()) : line;
}

}  // namespace

Scenario parse_scenario(std::string_view text, const std::string& file) {
    std::istringstream stream{std::string(text)};
    try {
        const toml::value root = toml::parse(stream, file);
        return read_scenario({root, file});
    } catch (const toml::exception& error) {
        throw ScenarioFileError(file + ":" + std::to_string(error.location().line()) + ": " +
                                first_line(error.what()));
    }
}

}  // namespace halfclosed::scenarios
