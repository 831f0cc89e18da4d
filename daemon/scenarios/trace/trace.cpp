#include "scenarios/trace/trace.h"

#include <algorithm>

namespace halfclosed::scenarios {

namespace {

/// Puts `fact` behind all that are not later than it.
template <typename Kind, typename Time>
void insert_in_order(std::vector<Kind>& facts, const Kind& fact, Time time) {
    const auto later = std::upper_bound(
        facts.begin(), facts.end(), fact,
        [&time](const Kind& left, const Kind& right) { return time(left) < time(right); });
    facts.insert(later, fact);
}

struct Teller {
    Trace& trace;

    void operator()(const StateObservation& fact) const { trace.observations.push_back(fact); }
    void operator()(const MadeCall& fact) const {
        insert_in_order(trace.calls, fact, [](const MadeCall& made) { return made.call.ended; });
    }
    void operator()(const SentSignal& fact) const { trace.signals.push_back(fact); }
    void operator()(const Ended& fact) const { trace.endings.push_back(fact); }
    void operator()(const CountSample& fact) const { trace.gauges.push_back(fact); }
    void operator()(const Packet& fact) const {
        insert_in_order(trace.packets, fact, [](const Packet& packet) { return packet.at; });
    }
    void operator()(const HowEnded& fact) const { trace.tracked.push_back(fact); }
    void operator()(const ObservationGap& fact) const { trace.blind.push_back(fact); }
    void operator()(const CounterDeltas& fact) const { trace.events = fact; }
    void operator()(const RunError& fact) const { trace.troubles.push_back(fact.what); }
    void operator()(const Refusal& fact) const { trace.refusal = fact.what; }
    void operator()(const Attempt&) const { trace = {}; }
    void operator()(const Finished& fact) const { trace.finished = fact.at; }
};

}  // namespace

void tell(Trace& trace, const TraceEvent& fact) {
    std::visit(Teller{trace}, fact);
}

Instant beginning(const Trace& trace) {
    for (const MadeCall& made : trace.calls) {
        if (made.who == Side::client && made.call.name == "connect") {
            return instant(made.call.began);
        }
    }
    std::optional<Instant> first;
    const auto consider = [&first](Instant at) { first = first ? std::min(*first, at) : at; };
    if (!trace.calls.empty()) {
        consider(instant(trace.calls.front().call.began));
    }
    if (!trace.observations.empty()) {
        consider(trace.observations.front().seen);
    }
    if (!trace.endings.empty()) {
        consider(trace.endings.front().at);
    }
    return first.value_or(Instant{});
}

}  // namespace halfclosed::scenarios
