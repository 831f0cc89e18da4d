#include "scenarios/trace/timeline.h"

#include <algorithm>

#include "scenarios/trace/implied_states.h"
#include "tracking/state_machine.h"

namespace halfclosed::scenarios {

namespace {

using tracking::Evidence;

bool is_from_established_on(TcpState state) {
    switch (state) {
        case TcpState::established:
        case TcpState::fin_wait1:
        case TcpState::fin_wait2:
        case TcpState::closing:
        case TcpState::time_wait:
        case TcpState::close_wait:
        case TcpState::last_ack:
        case TcpState::close:
            return true;
        default:
            return false;
    }
}

/// How far along the way from ESTABLISHED to CLOSE a state is, whichever way it is.
int rank(TcpState state) {
    switch (state) {
        case TcpState::established:
            return 0;
        case TcpState::fin_wait1:
        case TcpState::close_wait:
            return 1;
        case TcpState::fin_wait2:
        case TcpState::closing:
        case TcpState::last_ack:
            return 2;
        case TcpState::time_wait:
            return 3;
        default:
            return 4;
    }
}

std::vector<Passage> seen_passages(const Story& story, Side side) {
    std::vector<Passage> seen;
    for (const Sighting& sighting : story.sightings) {
        const bool again = !seen.empty() && seen.back().state == sighting.state;
        if (sighting.side == side && is_from_established_on(sighting.state) && !again) {
            seen.push_back(
                {sighting.state, Evidence::seen, sighting.not_before, sighting.seen, {}});
        }
    }
    return seen;
}

/// Puts a proven state in its place, unless it was seen. The end may have come into it as soon as
/// into the one before, where nothing else is known.
void insert(std::vector<Passage>& passages, Passage proven) {
    const auto place = std::find_if(
        passages.begin(), passages.end(),
        [&proven](const Passage& passage) { return rank(passage.state) >= rank(proven.state); });
    if (place == passages.end() || rank(place->state) > rank(proven.state)) {
        if (place != passages.begin()) {
            proven.not_before = std::max(proven.not_before, std::prev(place)->not_before);
        } else if (proven.not_before == kUnknown) {
            proven.not_before = proven.at;
        }
        passages.insert(place, proven);
    }
}

/// Adds what lies on every way between neighbours.
std::vector<Passage> fill_gaps(const std::vector<Passage>& passages) {
    std::vector<Passage> whole;
    for (const Passage& passage : passages) {
        if (!whole.empty()) {
            for (const tracking::Edge& edge :
                 tracking::certain_path(whole.back().state, passage.state, false)) {
                if (edge.to != passage.state) {
                    whole.push_back({edge.to, Evidence::implied, whole.back().not_before,
                                     passage.at,
                                     "there is no other way to " + name(passage.state)});
                }
            }
        }
        whole.push_back(passage);
    }
    return whole;
}

}  // namespace

std::vector<Passage> passages(const Story& story, Side side) {
    std::vector<Passage> known = seen_passages(story, side);
    for (const Passage& proven : proven_passages(story, side, known)) {
        insert(known, proven);
    }
    return fill_gaps(known);
}

std::optional<Stay> stay(const std::vector<Passage>& passages, std::size_t index) {
    if (index + 1 >= passages.size()) {
        return std::nullopt;
    }
    const Passage& here = passages[index];
    const Passage& next = passages[index + 1];
    return Stay{std::max(next.not_before - here.at, Duration{0}), next.at - here.not_before};
}

}  // namespace halfclosed::scenarios
