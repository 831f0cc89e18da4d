#include "commands/past_snapshot.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>

#include "cli/version.h"
#include "history/history_query.h"
#include "text/time.h"

namespace halfclosed {

namespace {

using history::HistoryRow;
using history::StateSpan;

[[noreturn]] void nobody_looked(const history::Connection& connection, WallTime time) {
    const auto spans = history::observed_spans(connection, WallTime{}, WallTime::max());
    const std::string at = text::rfc3339(time);
    if (spans.empty()) {
        throw std::runtime_error("nothing is known of " + at + ": the history is empty");
    }
    const std::string end = text::rfc3339(spans.back().to.time);
    const auto later = std::find_if(spans.begin(), spans.end(),
                                    [time](const auto& span) { return span.from.time > time; });
    if (later != spans.begin() && later != spans.end()) {
        throw std::runtime_error("nobody looked at " + at + ": no daemon wrote from " +
                                 text::rfc3339(std::prev(later)->to.time) + " to " +
                                 text::rfc3339(later->from.time));
    }
    throw std::runtime_error(
        time > spans.back().to.time
            ? "nothing is known of " + at + " yet: the history is written up to " + end +
                  " (a running daemon writes every ten seconds, or once a minute while nothing "
                  "changes)"
            : "nobody looked at " + at + ": the history goes from " +
                  text::rfc3339(spans.front().from.time) + " to " + end);
}

/// The index of the span that the socket was in.
std::optional<std::size_t> span_at(const std::vector<StateSpan>& spans, WallTime time) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        if (spans[i].began.time <= time || i == 0) {
            found = i;
        }
    }
    return found;
}

Owner owner_of(const history::RecordedSocket& socket) {
    const history::RecordedOwner& recorded = *socket.owner;
    Owner owner{recorded.name, recorded.unit, recorded.cgroup, {}};
    if (recorded.pid != 0) {
        owner.processes.push_back({recorded.pid, recorded.comm, socket.descriptor});
    }
    return owner;
}

/// Puts the sockets of a history into a snapshot.
class Past {
 public:
    explicit Past(exporters::Snapshot& snapshot) : snapshot_(snapshot) {}

    void add(const HistoryRow& row) {
        const history::RecordedSocket& recorded = row.socket;
        const auto index = span_at(recorded.spans, snapshot_.time);
        if (!index) {
            return;
        }
        const StateSpan& span = recorded.spans[*index];
        std::size_t first = *index;
        while (first > 0 && recorded.spans[first - 1].state == span.state) {
            --first;
        }
        tracking::TrackedSocket socket;
        socket.record = recorded.record;
        socket.record.state = span.state;
        socket.watched = {label(recorded.port), recorded.port, recorded.side};
        socket.custody = span.custody;
        socket.cause = span.cause;
        socket.since = std::min(recorded.spans[first].began.instant, snapshot_.instant);
        socket.dated = recorded.spans[first].dated;
        socket.last_seen = snapshot_.instant;
        if (kHalfClosedStates.contains(span.state)) {
            snapshot_.sockets.push_back(socket);
        } else if (span.state == TcpState::close &&
                   (!recorded.ended || recorded.ended->time > snapshot_.time)) {
            const Instant died = socket.since;
            const std::size_t before = first > 0 ? first - 1 : 0;
            socket.cause = recorded.spans[before].cause;
            socket.since = recorded.spans[before].began.instant;
            snapshot_.dead.push_back({socket, died});
        } else {
            return;
        }
        snapshot_.owners[socket.record.cookie] = owner_of(recorded);
        if (socket.record.netns != NamespaceId{}) {
            snapshot_.namespaces.watched[socket.record.netns].name = row.namespace_name;
        }
    }

 private:
    std::size_t label(std::uint16_t port) {
        const auto [known, added] = labels_.try_emplace(port, snapshot_.port_labels.size());
        if (added) {
            snapshot_.port_labels.push_back(std::to_string(port));
        }
        return known->second;
    }

    exporters::Snapshot& snapshot_;
    std::map<std::uint16_t, std::size_t> labels_;
};

}  // namespace

exporters::Snapshot snapshot_at(const history::Connection& connection, WallTime time,
                                const PastScope& scope) {
    const auto spans = history::observed_spans(connection, time, time);
    if (spans.empty()) {
        nobody_looked(connection, time);
    }
    const history::ObservedSpan& observed = spans.back();
    exporters::Snapshot snapshot;
    snapshot.build = {version(), revision()};
    snapshot.time = time;
    snapshot.instant =
        std::min(observed.from.instant + (time - observed.from.time), observed.to.instant);
    Past past(snapshot);
    history::SocketQuery query;
    query.from = query.to = time;
    history::for_each_socket(connection, query, [&](const HistoryRow& row) {
        if (row.boot == observed.boot && scope.has(row.socket)) {
            past.add(row);
        }
    });
    snapshot.closing.emplace(snapshot.port_labels.size());
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        snapshot.closing->add(socket.watched, socket.record.state, socket.custody);
    }
    if (snapshot.port_labels.empty()) {
        snapshot.every_port = true;  // nothing says which there were
    }
    return snapshot;
}

}  // namespace halfclosed
