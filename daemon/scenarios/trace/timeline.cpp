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

std::vector<StateSpan> seen_passages(const Trace& trace, Side side) {
    std::vector<StateSpan> seen;
    for (const StateObservation& observation : trace.observations) {
        const bool again = !seen.empty() && seen.back().state == observation.state;
        if (observation.side == side && is_from_established_on(observation.state) && !again) {
            seen.push_back(
                {observation.state, Evidence::seen, observation.not_before, observation.seen, {}});
        }
    }
    return seen;
}

/// Puts a proven state in its place, unless it was seen. The end may have come into it as soon as
/// into the one before, where nothing else is known.
void insert(std::vector<StateSpan>& spans, StateSpan proven) {
    const auto place = std::find_if(spans.begin(), spans.end(), [&proven](const StateSpan& span) {
        return rank(span.state) >= rank(proven.state);
    });
    if (place == spans.end() || rank(place->state) > rank(proven.state)) {
        if (place != spans.begin()) {
            proven.not_before = std::max(proven.not_before, std::prev(place)->not_before);
        } else if (proven.not_before == kUnknown) {
            proven.not_before = proven.at;
        }
        spans.insert(place, proven);
    }
}

/// Adds what lies on every way between neighbours.
std::vector<StateSpan> fill_gaps(const std::vector<StateSpan>& spans) {
    std::vector<StateSpan> whole;
    for (const StateSpan& span : spans) {
        if (!whole.empty()) {
            for (const tracking::Edge& edge :
                 tracking::certain_path(whole.back().state, span.state)) {
                if (edge.to != span.state) {
                    whole.push_back({edge.to, Evidence::implied, whole.back().not_before, span.at,
                                     "there is no other way to " + name(span.state)});
                }
            }
        }
        whole.push_back(span);
    }
    return whole;
}

}  // namespace

std::vector<StateSpan> spans(const Trace& trace, Side side) {
    std::vector<StateSpan> known = seen_passages(trace, side);
    for (const StateSpan& proven : proven_passages(trace, side, known)) {
        insert(known, proven);
    }
    return fill_gaps(known);
}

std::optional<Stay> stay(const std::vector<StateSpan>& spans, std::size_t index) {
    if (index + 1 >= spans.size()) {
        return std::nullopt;
    }
    const StateSpan& here = spans[index];
    const StateSpan& next = spans[index + 1];
    return Stay{std::max(next.not_before - here.at, Duration{0}), next.at - here.not_before};
}

}  // namespace halfclosed::scenarios
