#include "tracking/exact_growth.h"

#include <algorithm>
#include <utility>

#include "tracking/state_machine.h"

namespace halfclosed::tracking {

namespace {

std::size_t index_of(const Edge& edge) {
    const std::vector<Edge>& edges = closing_edges();
    return static_cast<std::size_t>(std::find(edges.begin(), edges.end(), edge) - edges.begin());
}

ExactSteps steps_of(const ExactCounts& counts) {
    static const std::size_t kFinWait2ToClose = index_of({TcpState::fin_wait2, TcpState::close});
    ExactSteps steps;
    steps.edges = counts.edges;
    steps.expired = counts.fin_wait2_expired;
    const std::uint64_t ended = counts.edges[kFinWait2ToClose];
    steps.killed = ended - std::min(ended, counts.fin_wait2_expired);
    steps.resets_received = counts.resets_received;
    steps.resets_sent = counts.resets_sent;
    return steps;
}

/// What is more in `now` than was told, which it is from now on.
std::uint64_t take(std::uint64_t& told, std::uint64_t now) {
    const std::uint64_t grown = now - std::min(told, now);
    told += grown;
    return grown;
}

void add(ExactSteps& sum, const ExactSteps& more) {
    for (std::size_t edge = 0; edge < sum.edges.size(); ++edge) {
        sum.edges[edge] += more.edges[edge];
    }
    sum.expired += more.expired;
    sum.killed += more.killed;
    sum.resets_received += more.resets_received;
    for (std::size_t reason = 0; reason < sum.resets_sent.size(); ++reason) {
        sum.resets_sent[reason] += more.resets_sent[reason];
    }
}

}  // namespace

void ExactGrowth::leave(const std::set<NamespaceId>& spaces) {
    std::map<ExactKey, Told> rest;
    for (auto& [key, told] : told_) {
        const NamespaceId space = spaces.contains(key.space) ? NamespaceId{} : key.space;
        Told& sum = rest[{space, key.port, key.server}];
        add(sum.steps, told.steps);
        add(sum.before, told.before);
    }
    told_ = std::move(rest);
}

ExactGrowth::Steps ExactGrowth::advance(const ExactTotals& totals) {
    static const std::size_t kTimeWaitToClose = index_of({TcpState::time_wait, TcpState::close});
    Steps result;
    for (const auto& [key, counts] : totals) {
        const ExactSteps now = steps_of(counts);
        Told& told = told_[key];
        ExactSteps sure = now;
        std::uint64_t& time_waits = sure.edges[kTimeWaitToClose];
        time_waits = std::min(time_waits, told.before.edges[kTimeWaitToClose]);
        sure.killed = std::min(now.killed, told.before.killed);
        sure.resets_received = std::min(now.resets_received, told.before.resets_received);
        ExactSteps grown;
        for (std::size_t edge = 0; edge < sure.edges.size(); ++edge) {
            grown.edges[edge] = take(told.steps.edges[edge], sure.edges[edge]);
        }
        grown.expired = take(told.steps.expired, sure.expired);
        grown.killed = take(told.steps.killed, sure.killed);
        grown.resets_received = take(told.steps.resets_received, sure.resets_received);
        for (std::size_t reason = 0; reason < sure.resets_sent.size(); ++reason) {
            grown.resets_sent[reason] =
                take(told.steps.resets_sent[reason], sure.resets_sent[reason]);
        }
        told.before = now;
        if (grown != ExactSteps{}) {
            result[key] = grown;
        }
    }
    return result;
}

}  // namespace halfclosed::tracking
