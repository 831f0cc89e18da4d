#include "commands/past_transitions.h"

#include <algorithm>

#include "history/history_query.h"

namespace halfclosed {

namespace {

/// A snapshot of this socket alone, as it was in the state of the span; `first` is the state's first span.
exporters::Snapshot snapshot_of(const history::RecordedSocket& recorded,
                                const history::StateSpan& first, const history::StateSpan& span,
                                Instant instant) {
    tracking::TrackedSocket socket;
    socket.record = recorded.record;
    socket.record.state = span.state;
    socket.custody = span.custody;
    socket.cause = span.cause;
    socket.since = first.began.instant;
    socket.dated = first.dated;
    exporters::Snapshot snapshot;
    snapshot.instant = instant;
    snapshot.sockets.push_back(socket);
    snapshot.owners[recorded.record.cookie] =
        Owner{recorded.owner->name, recorded.owner->unit, recorded.owner->cgroup, {}};
    return snapshot;
}

}  // namespace

std::vector<std::pair<tracking::Transition, WallTime>> transitions_since(
    const history::Connection& connection, WallTime from, const PastScope& scope,
    const exporters::SocketFilter& filter) {
    std::vector<std::pair<tracking::Transition, WallTime>> transitions;
    history::SocketQuery query;
    query.from = from;
    history::for_each_socket(connection, query, [&](const history::HistoryRow& row) {
        const history::RecordedSocket& socket = row.socket;
        if (!scope.has(socket)) {
            return;
        }
        std::size_t first = 0;  // of the state's spans
        for (std::size_t i = 1; i < socket.spans.size(); ++i) {
            const history::StateSpan& span = socket.spans[i];
            const history::StateSpan& before = socket.spans[i - 1];
            if (span.state == before.state) {
                continue;
            }
            if (span.evidence && span.began.time >= from) {
                tracking::Transition transition;
                transition.socket = identity(socket.record);
                transition.watched = {0, socket.port, socket.side};
                transition.edge = {before.state, span.state};
                transition.evidence = *span.evidence;
                if (socket.spans[first].dated != tracking::Age::Kind::at_least) {
                    transition.held = span.began.instant - socket.spans[first].began.instant;
                }
                const Instant instant = span.began.instant;
                if (filter.admits(transition,
                                  snapshot_of(socket, socket.spans[first], before, instant),
                                  snapshot_of(socket, span, span, instant))) {
                    transitions.emplace_back(transition, span.began.time);
                }
            }
            first = i;
        }
    });
    std::stable_sort(transitions.begin(), transitions.end(),
                     [](const auto& a, const auto& b) { return a.second < b.second; });
    return transitions;
}

}  // namespace halfclosed
