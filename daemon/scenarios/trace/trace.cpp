#include "scenarios/trace/trace.h"

#include <algorithm>

namespace halfclosed::scenarios {

namespace {

/// Inserts `item` behind all that are not later.
template <typename Item, typename Time>
void insert_in_order(std::vector<Item>& items, const Item& item, Time time) {
    const auto later = std::upper_bound(
        items.begin(), items.end(), item,
        [&time](const Item& left, const Item& right) { return time(left) < time(right); });
    items.insert(later, item);
}

struct Adder {
    Trace& trace;

    void operator()(const StateObservation& it) const { trace.observations.push_back(it); }
    void operator()(const MadeCall& it) const {
        insert_in_order(trace.calls, it, [](const MadeCall& made) { return made.call.ended; });
    }
    void operator()(const SentSignal& it) const { trace.signals.push_back(it); }
    void operator()(const ProgramExit& it) const { trace.exits.push_back(it); }
    void operator()(const CountSample& it) const { trace.counts.push_back(it); }
    void operator()(const Packet& it) const {
        insert_in_order(trace.packets, it, [](const Packet& packet) { return packet.at; });
    }
    void operator()(const StateEnd& it) const { trace.state_ends.push_back(it); }
    void operator()(const ExactState& it) const {
        insert_in_order(trace.exact_states, it, [](const ExactState& state) { return state.at; });
    }
    void operator()(const ObservationGap& it) const { trace.gaps.push_back(it); }
    void operator()(const CounterDeltas& it) const { trace.counters = it; }
    void operator()(const RunError& it) const { trace.errors.push_back(it.what); }
    void operator()(const Refusal& it) const { trace.refusal = it.what; }
    void operator()(const Attempt&) const { trace = {}; }
    void operator()(const Finished& it) const { trace.finished = it.at; }
};

}  // namespace

void add(Trace& trace, const TraceEvent& event) {
    std::visit(Adder{trace}, event);
}

Instant beginning(const Trace& trace) {
    if (const auto* const connect = find_call(trace.calls, {Side::client, "connect"})) {
        return instant(connect->began);
    }
    std::optional<Instant> first;
    const auto consider = [&first](Instant at) { first = first ? std::min(*first, at) : at; };
    if (!trace.calls.empty()) {
        consider(instant(trace.calls.front().call.began));
    }
    if (!trace.observations.empty()) {
        consider(trace.observations.front().seen);
    }
    if (!trace.exits.empty()) {
        consider(trace.exits.front().at);
    }
    return first.value_or(Instant{});
}

const programs::Call* find_call(const std::vector<MadeCall>& calls,
                                const CallReference& reference) {
    std::uint64_t nth = 0;
    for (const MadeCall& made : calls) {
        if (made.who == reference.who && made.call.name == reference.call &&
            ++nth == reference.nth) {
            return &made.call;
        }
    }
    return nullptr;
}

}  // namespace halfclosed::scenarios
