#include <iterator>
#include <utility>

#include "tracking/tracker.h"

namespace halfclosed::tracking {

// Which ports are followed, what they are called, and who listens there.

void Tracker::watch_other(WatchedPorts watch) {
    adoption_.relabel(watch_.labels(), watch.labels());
    watch.inherit(watch_);
    watch_ = std::move(watch);
    dead_.watch_other(watch_);
    relabel_counted();
    for (Entries* const table : {&entries_, &time_waits_}) {
        for (auto known = table->begin(); known != table->end();) {
            TrackedSocket& socket = known->second.socket;
            const auto watched = watch_.match_again(socket.record, socket.watched);
            socket.watched = watched.value_or(socket.watched);
            known = watched ? std::next(known) : table->erase(known);
        }
    }
    tell_shares();
}

void Tracker::learn_listeners(std::span<const SocketRecord> dump, Instant asked) {
    watch_.listeners().begin_look(asked);
    for (const SocketRecord& record : dump) {
        if (record.state == TcpState::listen) {
            watch_.listeners().see(record);
        }
    }
}

void Tracker::learn(WatchedPorts watch) {
    // A census comes with the labels that there are: a port that a reload has added is the only new one then.
    const bool renamed = watch.labels() != watch_.labels();
    watch_ = std::move(watch);
    if (renamed) {
        adoption_.rename(watch_.labels().size());
    }
    dead_.watch_other(watch_);
    relabel_counted();
    for (Entries* const table : {&entries_, &time_waits_}) {
        for (auto& [cookie, entry] : *table) {
            TrackedSocket& socket = entry.socket;
            socket.watched =
                watch_.match_again(socket.record, socket.watched).value_or(socket.watched);
        }
    }
}

void Tracker::take_labels(const WatchedPorts& named) {
    WatchedPorts watch = watch_;
    watch.take_labels(named);
    learn(std::move(watch));
}

}  // namespace halfclosed::tracking
