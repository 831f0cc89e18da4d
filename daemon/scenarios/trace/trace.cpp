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
    Story& story;

    void operator()(const Sighting& fact) const { story.sightings.push_back(fact); }
    void operator()(const MadeCall& fact) const {
        insert_in_order(story.calls, fact, [](const MadeCall& made) { return made.call.ended; });
    }
    void operator()(const SentSignal& fact) const { story.signals.push_back(fact); }
    void operator()(const Ended& fact) const { story.endings.push_back(fact); }
    void operator()(const Gauges& fact) const { story.gauges.push_back(fact); }
    void operator()(const Packet& fact) const {
        insert_in_order(story.packets, fact, [](const Packet& packet) { return packet.at; });
    }
    void operator()(const HowEnded& fact) const { story.tracked.push_back(fact); }
    void operator()(const BlindSpan& fact) const { story.blind.push_back(fact); }
    void operator()(const EventDeltas& fact) const { story.events = fact; }
    void operator()(const Trouble& fact) const { story.troubles.push_back(fact.what); }
    void operator()(const Refusal& fact) const { story.refusal = fact.what; }
    void operator()(const Attempt&) const { story = {}; }
    void operator()(const Finished& fact) const { story.finished = fact.at; }
};

}  // namespace

void tell(Story& story, const Fact& fact) {
    std::visit(Teller{story}, fact);
}

Instant beginning(const Story& story) {
    for (const MadeCall& made : story.calls) {
        if (made.who == Side::client && made.call.name == "connect") {
            return instant(made.call.began);
        }
    }
    std::optional<Instant> first;
    const auto consider = [&first](Instant at) { first = first ? std::min(*first, at) : at; };
    if (!story.calls.empty()) {
        consider(instant(story.calls.front().call.began));
    }
    if (!story.sightings.empty()) {
        consider(story.sightings.front().seen);
    }
    if (!story.endings.empty()) {
        consider(story.endings.front().at);
    }
    return first.value_or(Instant{});
}

}  // namespace halfclosed::scenarios
