#include "tracking/ledger.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace halfclosed::tracking {

void DurationHistogram::observe(double seconds) {
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
    ++counts[static_cast<std::size_t>(bound - kBounds.begin())];
    sum += seconds;
}

std::uint64_t DurationHistogram::count() const {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

Ledger::Ledger(std::size_t labels) {
    for (std::size_t label = 0; label < labels; ++label) {
        for (const Side side : kSides) {
            for (const Edge& edge : closing_edges()) {
                for (const Evidence evidence : {Evidence::seen, Evidence::implied}) {
                    transitions[{label, side, edge.from, edge.to, evidence}] = 0;
                }
                if (edge.from != TcpState::established) {
                    durations[{label, side, edge.from}] = {};
                }
            }
            for (const FinWait2End end :
                 {FinWait2End::peer_closed, FinWait2End::expired, FinWait2End::killed}) {
                fin_wait2_ended[{label, side, end}] = 0;
            }
            for (const CloseWaitEnd end : {CloseWaitEnd::closed, CloseWaitEnd::aborted}) {
                close_wait_ended[{label, side, end}] = 0;
            }
        }
    }
}

void Ledger::add(const Changes& changes) {
    for (const Transition& transition : changes.transitions) {
        const auto& [label, port, side] = transition.watched;
        ++transitions[{label, side, transition.edge.from, transition.edge.to, transition.evidence}];
        if (transition.held) {
            durations[{label, side, transition.edge.from}].observe(
                std::chrono::duration<double>(*transition.held).count());
        }
    }
    for (const Ending& ending : changes.endings) {
        const auto& [label, port, side] = ending.watched;
        if (ending.fin_wait2) {
            ++fin_wait2_ended[{label, side, *ending.fin_wait2}];
        }
        if (ending.close_wait) {
            ++close_wait_ended[{label, side, *ending.close_wait}];
        }
    }
}

}  // namespace halfclosed::tracking
