#include "commands/past_transitions.h"

#include <algorithm>

#include "history/history_query.h"

namespace halfclosed {

namespace {

bool has(const std::vector<PortRange>& ports, std::uint16_t port) {
    return ports.empty() || std::any_of(ports.begin(), ports.end(), [port](const PortRange& range) {
               return range.first <= port && port <= range.last;
           });
}

}  // namespace

std::vector<std::pair<tracking::Transition, WallTime>> transitions_since(
    const history::Connection& connection, WallTime from, const std::vector<PortRange>& ports) {
    std::vector<std::pair<tracking::Transition, WallTime>> transitions;
    history::SocketQuery query;
    query.from = from;
    history::for_each_socket(connection, query, [&](const history::HistoryRow& row) {
        const history::RecordedSocket& socket = row.socket;
        if (!has(ports, socket.port)) {
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
                transitions.emplace_back(transition, span.began.time);
            }
            first = i;
        }
    });
    std::stable_sort(transitions.begin(), transitions.end(),
                     [](const auto& a, const auto& b) { return a.second < b.second; });
    return transitions;
}

}  // namespace halfclosed
