#include "scenarios/verdict/run_json.h"

#include "scenarios/programs/signal_name.h"
#include "scenarios/trace/timeline.h"
#include "text/json.h"

namespace halfclosed::scenarios {

namespace {

using text::Json;

Json states(const Trace& trace, Side side) {
    Json states = Json::array();
    for (const StateSpan& span : timeline(trace, side)) {
        states.push_back(name(span.state));
    }
    return states;
}

/// Seconds from the beginning of the trace.
double time_of(const Trace& trace, Instant at) {
    return std::chrono::duration<double>(at - beginning(trace)).count();
}

Json packets(const Trace& trace) {
    Json packets = Json::array();
    for (const Packet& packet : trace.packets) {
        packets.push_back({{"time", time_of(trace, packet.at)},
                           {"from", name(packet.from)},
                           {"flags", packet.flags},
                           {"length", packet.length}});
    }
    return packets;
}

Json calls(const Trace& trace) {
    Json calls = Json::array();
    for (const MadeCall& made : trace.calls) {
        const int error = made.call.error;
        calls.push_back({{"who", name(made.who)},
                         {"call", made.call.name},
                         {"result", made.call.result},
                         {"errno", error == 0 ? Json() : Json(programs::errno_name(error))},
                         {"began", time_of(trace, instant(made.call.began))},
                         {"ended", time_of(trace, instant(made.call.ended))}});
    }
    return calls;
}

Json span_json(const Trace& trace, Side side, const StateSpan& span) {
    Json holders = Json::array();
    for (const Holder& holder : span.holders) {
        holders.push_back(
            {{"custody", name(holder.custody)}, {"time", time_of(trace, holder.since)}});
    }
    Json held;
    if (span.ended) {
        held = std::chrono::duration<double>(*span.ended - span.began).count();
    }
    return {{"side", name(side)},
            {"state", name(span.state)},
            {"evidence", name(span.evidence)},
            {"time", time_of(trace, span.began)},
            {"held_seconds", held},
            {"holders", holders}};
}

Json timed_states(const Trace& trace) {
    Json states = Json::array();
    for (const Side side : tracking::kSides) {
        for (const StateSpan& span : timeline(trace, side)) {
            states.push_back(span_json(trace, side, span));
        }
    }
    return states;
}

Json signals(const Trace& trace) {
    Json signals = Json::array();
    for (const SentSignal& sent : trace.signals) {
        signals.push_back({{"to", name(sent.to)},
                           {"signal", programs::signal_name(sent.signal)},
                           {"time", time_of(trace, sent.at)}});
    }
    return signals;
}

Json program_exits(const Trace& trace) {
    Json ends = Json::array();
    for (const ProgramExit& it : trace.exits) {
        const Exit& exit = it.exit;
        ends.push_back(
            {{"who", name(it.who)},
             {"signal", exit.by_signal ? Json(programs::signal_name(exit.number)) : Json()},
             {"status", exit.by_signal ? Json() : Json(exit.number)},
             {"time", time_of(trace, it.at)}});
    }
    return ends;
}

Json counts(const Trace& trace) {
    Json counts = Json::array();
    for (const CountSample& it : trace.counts) {
        counts.push_back(
            {{"time", time_of(trace, it.at)},
             {"orphan", {{"counted", it.orphan_counted}, {"kernel", it.orphan_kernel}}},
             {"tw", {{"counted", it.tw_counted}, {"kernel", it.tw_kernel}}}});
    }
    return counts;
}

Json kernel_events(const Trace& trace) {
    Json events = Json::object();
    for (const auto& [name, moved] : trace.counters.value_or(CounterDeltas{}).moved) {
        if (moved != 0) {
            events.add(name, moved);
        }
    }
    return events;
}

}  // namespace

std::string run_json(const Run& run) {
    const auto& [scenario, parameters, trace, verdict, attempts] = run;
    return Json{{"schema", "halfclosed.scenario/1"},
                {"scenario", scenario.name},
                {"result", verdict.passed() ? "pass" : "fail"},
                {"fin_timeout_seconds", parameters.fin_timeout.count()},
                {"server", states(trace, Side::server)},
                {"client", states(trace, Side::client)},
                {"packets", packets(trace)},
                {"calls", calls(trace)},
                {"kernel_events", kernel_events(trace)},
                {"why", verdict.passed() ? Json() : Json(verdict.why())},
                {"conclusive", verdict.conclusive},
                {"states", timed_states(trace)},
                {"signals", signals(trace)},
                {"programs_ended", program_exits(trace)},
                {"counts", counts(trace)}}
        .dump();
}

std::string listing_json(const Scenario& scenario) {
    return Json{{"schema", "halfclosed.scenario-list/1"},
                {"scenario", scenario.name},
                {"summary", scenario.summary},
                {"explanation", scenario.explanation},
                {"governed_by", scenario.governed_by},
                {"unavailable", scenario.unavailable ? Json(*scenario.unavailable) : Json()}}
        .dump();
}

}  // namespace halfclosed::scenarios
