#include "scenarios/trace/timeline.h"

#include <algorithm>

#include "scenarios/trace/implied_states.h"
#include "scenarios/trace/state_entry.h"
#include "tracking/state_machine.h"

namespace halfclosed::scenarios {

namespace {

using tracking::Custody;
using tracking::Evidence;

/// How far along the way from ESTABLISHED to CLOSE a state is, whichever way it is; nothing for a state before it.
std::optional<int> rank(TcpState state) {
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
        case TcpState::close:
            return 4;
        default:
            return std::nullopt;
    }
}

/// What the polls saw, each state once, with its holders as they saw them.
std::vector<StateSpan> seen_states(const Trace& trace, Side side) {
    std::vector<StateSpan> seen;
    for (const StateObservation& it : trace.observations) {
        if (it.side != side || !rank(it.state)) {
            continue;
        }
        if (seen.empty() || seen.back().state != it.state) {
            seen.push_back({it.state, Evidence::seen, it.not_before, it.seen, {}, {}, {}});
        }
        std::vector<Holder>& holders = seen.back().holders;
        if (it.custody && (holders.empty() || holders.back().custody != *it.custody)) {
            holders.push_back({*it.custody, it.seen});
        }
    }
    return seen;
}

/// Dates what the kernel told of, and adds what no poll saw of it.
void add_exact_states(const Trace& trace, Side side, std::vector<StateSpan>& spans) {
    for (const ExactState& it : trace.exact_states) {
        if (it.side != side || !rank(it.state)) {
            continue;
        }
        const auto place = std::find_if(spans.begin(), spans.end(), [&it](const StateSpan& span) {
            return rank(span.state) >= rank(it.state);
        });
        if (place != spans.end() && place->state == it.state) {
            place->evidence = Evidence::exact;
            place->earliest = place->began = it.at;
        } else if (place == spans.end() || rank(place->state) != rank(it.state)) {
            spans.insert(place, StateSpan{it.state, Evidence::exact, it.at, it.at, {}, {}, {}});
        }
    }
}

/// Puts an implied state in its place, unless it was seen. If nothing else is known, the end may have entered it as
/// soon as the state before.
void insert(std::vector<StateSpan>& spans, StateSpan implied) {
    const auto place = std::find_if(spans.begin(), spans.end(), [&implied](const StateSpan& span) {
        return rank(span.state) >= rank(implied.state);
    });
    if (place != spans.end() && rank(place->state) == rank(implied.state)) {
        return;
    }
    if (place != spans.begin()) {
        implied.earliest = std::max(implied.earliest, std::prev(place)->earliest);
    } else if (implied.earliest == kUnknown) {
        implied.earliest = implied.began;
    }
    spans.insert(place, implied);
}

/// Adds the states that lie on every way between neighbours.
std::vector<StateSpan> without_gaps(const std::vector<StateSpan>& spans) {
    std::vector<StateSpan> whole;
    for (const StateSpan& span : spans) {
        if (!whole.empty()) {
            for (const tracking::Edge& edge :
                 tracking::certain_path(whole.back().state, span.state)) {
                if (edge.to != span.state) {
                    whole.push_back({edge.to,
                                     Evidence::implied,
                                     whole.back().earliest,
                                     span.began,
                                     {},
                                     {},
                                     "there is no other way to " + name(span.state)});
                }
            }
        }
        whole.push_back(span);
    }
    return whole;
}

/// Moves each beginning to the segment or call that made the state. One that only a poll tells is not later than an
/// exact one after it; none is earlier than the one before it.
void set_beginnings(const Trace& trace, Side side, std::vector<StateSpan>& spans) {
    std::vector<bool> exact;
    Instant from = Instant::min();
    std::optional<TcpState> before;
    for (StateSpan& span : spans) {
        const auto entered = span.evidence == Evidence::exact
                                 ? std::optional(span.began)
                                 : state_entry(trace, side, span, before, from);
        exact.push_back(entered.has_value());
        span.began = entered.value_or(span.began);
        from = entered.value_or(from);
        before = span.state;
    }
    for (std::size_t index = spans.size(); index-- > 1;) {
        if (!exact[index - 1]) {
            spans[index - 1].began = std::min(spans[index - 1].began, spans[index].began);
        }
    }
    for (std::size_t index = 1; index < spans.size(); ++index) {
        spans[index].began = std::max(spans[index].began, spans[index - 1].began);
        spans[index - 1].ended = spans[index].began;
    }
}

/// When accept() gave the socket to the process.
std::optional<Instant> accepted(const Trace& trace, Side side, const StateSpan& span) {
    for (const MadeCall& made : trace.calls) {
        const Instant at = instant(made.call.ended);
        if (made.who == side && made.call.name == "accept" && made.call.error == 0 &&
            at >= span.began && (!span.ended || at < *span.ended)) {
            return at;
        }
    }
    return std::nullopt;
}

/// The first holder had the socket from the beginning; accept() says when it left the accept queue.
void set_holder_times(const Trace& trace, Side side, StateSpan& span) {
    std::vector<Holder>& holders = span.holders;
    if (holders.empty()) {
        return;
    }
    holders.front().since = span.began;
    const std::optional<Instant> at = accepted(trace, side, span);
    if (!at || holders.front().custody != Custody::accept_queue) {
        return;
    }
    if (holders.size() == 1) {
        holders.push_back({Custody::process, *at});
    } else if (holders[1].custody == Custody::process) {
        holders[1].since = *at;
    }
}

}  // namespace

std::vector<StateSpan> timeline(const Trace& trace, Side side) {
    std::vector<StateSpan> known = seen_states(trace, side);
    add_exact_states(trace, side, known);
    for (const StateSpan& implied : implied_states(trace, side, known)) {
        insert(known, implied);
    }
    std::vector<StateSpan> spans = without_gaps(known);
    set_beginnings(trace, side, spans);
    for (StateSpan& span : spans) {
        set_holder_times(trace, side, span);
    }
    return spans;
}

std::optional<DurationBounds> duration_bounds(const std::vector<StateSpan>& spans,
                                              std::size_t index) {
    if (index + 1 >= spans.size()) {
        return std::nullopt;
    }
    const StateSpan& here = spans[index];
    const StateSpan& next = spans[index + 1];
    return DurationBounds{std::max(next.earliest - here.began, Duration{0}),
                          next.began - here.earliest};
}

}  // namespace halfclosed::scenarios
