#include "tracking/event_counters.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace halfclosed::tracking {

namespace {
constexpr std::size_t kFewKinds = 8;
}

void DurationHistogram::observe(double seconds) {
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
    ++counts[static_cast<std::size_t>(bound - kBounds.begin())];
    sum += seconds;
}

std::uint64_t DurationHistogram::count() const {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

EventCounters::EventCounters(std::size_t labels) : EventCounters(std::vector<Sides>(labels)) {
}

EventCounters::EventCounters(const std::vector<Sides>& sides, bool exact)
    : sides_(sides), exact_(exact) {
    for (std::size_t label = 0; label < sides.size(); ++label) {
        for (const Side side : kSides) {
            if (sides[label].has(side)) {
                add_series(label, side);
            }
        }
    }
}

void EventCounters::add_series(std::size_t label, Side side) {
    for (const Edge& edge : closing_edges()) {
        for (const Evidence evidence : {Evidence::seen, Evidence::implied}) {
            transitions[{label, side, edge.from, edge.to, evidence}];
        }
        if (edge.from != TcpState::established) {
            durations[{label, side, edge.from}];
        }
    }
    for (const FinWait2End end : kFinWait2Ends) {
        fin_wait2_ended[{label, side, end}];
    }
    for (const CloseWaitEnd end : kCloseWaitEnds) {
        close_wait_ended[{label, side, end}];
    }
    if (exact_) {
        add_exact_series(label, side);
    }
}

void EventCounters::add_exact_series(std::size_t label, Side side) {
    for (const Edge& edge : closing_edges()) {
        transitions[{label, side, edge.from, edge.to, Evidence::exact}];
    }
    resets[{label, side, ResetKind{}}];
    for (std::size_t reason = 0; reason < kResetReasons; ++reason) {
        resets[{label, side, ResetKind{static_cast<ResetReason>(reason)}}];
    }
}

void EventCounters::count_exactly(bool exact) {
    exact_ = exact;
    for (std::size_t label = 0; exact && label < sides_.size(); ++label) {
        for (const Side side : kSides) {
            if (sides_[label].has(side)) {
                add_exact_series(label, side);
            }
        }
    }
}

void EventCounters::add(const Changes& changes, bool exact) {
    const auto counted_elsewhere = [exact](const SocketIdentity& socket) {
        return exact && socket.protocol == Protocol::tcp;
    };
    unconfirmed += changes.unconfirmed;
    // Of thousands that one look brings most are of a few kinds.
    std::vector<std::pair<TransitionKey, std::uint64_t>> kinds;
    for (const Transition& transition : changes.transitions) {
        if (counted_elsewhere(transition.socket)) {
            continue;
        }
        const auto& [label, port, side] = transition.watched;
        const TransitionKey key{label, side, transition.edge.from, transition.edge.to,
                                transition.evidence};
        const auto known = std::find_if(kinds.begin(), kinds.end(),
                                        [&key](const auto& kind) { return kind.first == key; });
        if (known != kinds.end()) {
            ++known->second;
        } else if (kinds.size() < kFewKinds) {
            kinds.emplace_back(key, 1);
        } else {
            ++transitions[key];
        }
    }
    for (const auto& [key, count] : kinds) {
        transitions[key] += count;
    }
    for (const StateEnd& end : changes.ends) {
        const auto& [label, port, side] = end.watched;
        if (end.held) {
            durations[{label, side, end.state}].observe(
                std::chrono::duration<double>(*end.held).count());
        }
        if (counted_elsewhere(end.socket)) {
            continue;
        }
        if (const auto* fin_wait2 = std::get_if<FinWait2End>(&end.how)) {
            ++fin_wait2_ended[{label, side, *fin_wait2}];
        }
        if (const auto* close_wait = std::get_if<CloseWaitEnd>(&end.how)) {
            ++close_wait_ended[{label, side, *close_wait}];
        }
    }
}

void EventCounters::add(const ExactGrowth::Steps& steps, const WatchedPorts& watch) {
    using enum TcpState;
    const std::vector<Edge>& edges = closing_edges();
    for (const auto& [key, grown] : steps) {
        const Side side = key.server ? Side::server : Side::client;
        // Ports for which there was no room are among the others; where every port has a name of its own, of none.
        const auto found = watch.label_of(side, key.port);
        if (!found && !(key.port == 0 && watch.every_port())) {
            continue;
        }
        const std::size_t label = found.value_or(watch.labels().size() - 1);
        for (std::size_t index = 0; index < edges.size(); ++index) {
            const auto& [from, to] = edges[index];
            const std::uint64_t count = grown.edges[index];
            transitions[{label, side, from, to, Evidence::exact}] += count;
            if (from == fin_wait2 && to == time_wait) {
                fin_wait2_ended[{label, side, FinWait2End::peer_closed}] += count;
            } else if (from == close_wait) {
                close_wait_ended[{label, side,
                                  to == close ? CloseWaitEnd::aborted : CloseWaitEnd::closed}] +=
                    count;
            }
        }
        fin_wait2_ended[{label, side, FinWait2End::expired}] += grown.expired;
        fin_wait2_ended[{label, side, FinWait2End::killed}] += grown.killed;
        resets[{label, side, ResetKind{}}] += grown.resets_received;
        for (std::size_t reason = 0; reason < kResetReasons; ++reason) {
            resets[{label, side, ResetKind{static_cast<ResetReason>(reason)}}] +=
                grown.resets_sent[reason];
        }
    }
}

namespace {

/// Takes the counts of one label over from another counters's map.
template <typename Counts>
void take_label(Counts& to, std::size_t new_label, const Counts& from, std::size_t old_label) {
    for (const auto& [key, count] : from) {
        if (std::get<0>(key) == old_label) {
            auto moved = key;
            std::get<0>(moved) = new_label;
            to[moved] = count;
        }
    }
}

}  // namespace

void EventCounters::relabel(const std::vector<std::string>& before,
                            const std::vector<std::string>& after,
                            const std::vector<Sides>& sides) {
    EventCounters result(sides, exact_);
    result.unconfirmed = unconfirmed;
    for (std::size_t label = 0; label < after.size(); ++label) {
        const auto found = std::find(before.begin(), before.end(), after[label]);
        if (found == before.end()) {
            continue;
        }
        const auto old_label = static_cast<std::size_t>(found - before.begin());
        take_label(result.transitions, label, transitions, old_label);
        take_label(result.durations, label, durations, old_label);
        take_label(result.fin_wait2_ended, label, fin_wait2_ended, old_label);
        take_label(result.close_wait_ended, label, close_wait_ended, old_label);
        take_label(result.resets, label, resets, old_label);
    }
    *this = std::move(result);
}

}  // namespace halfclosed::tracking
