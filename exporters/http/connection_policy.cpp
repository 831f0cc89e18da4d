#include "exporters/http/connection_policy.h"

#include <algorithm>
#include <tuple>

namespace halfclosed::exporters {

void ConnectionPolicy::accepted(int descriptor, const std::string& peer, Clock::time_point now) {
    connections_[descriptor] = {
        peer, Phase::first_request, now + limits_.first_request, arrivals_++, false, false};
}

void ConnectionPolicy::started(int descriptor) {
    const auto found = connections_.find(descriptor);
    if (found != connections_.end()) {
        found->second.started = true;
    }
}

void ConnectionPolicy::asked(int descriptor, Clock::time_point now) {
    const auto found = connections_.find(descriptor);
    if (found != connections_.end()) {
        found->second.phase = Phase::answering;
        found->second.deadline = now + limits_.answer;
    }
}

void ConnectionPolicy::answered(int descriptor, Clock::time_point now) {
    const auto found = connections_.find(descriptor);
    if (found != connections_.end()) {
        found->second.phase = Phase::next_request;
        found->second.deadline = now + limits_.next_request;
    }
}

void ConnectionPolicy::closed(int descriptor) {
    connections_.erase(descriptor);
}

std::vector<ConnectionPolicy::Cut> ConnectionPolicy::overdue(Clock::time_point now) {
    // What the server gave up before it began is forgotten: the number may mean another file by
    // now.
    std::erase_if(connections_, [now](const auto& item) {
        return !item.second.started && item.second.deadline <= now;
    });
    std::vector<Cut> cuts;
    for (auto& [descriptor, connection] : connections_) {
        if (!connection.cut && connection.deadline <= now) {
            connection.cut = true;
            cuts.push_back({descriptor, connection.phase != Phase::next_request});
        }
    }
    return cuts;
}

std::vector<ConnectionPolicy::Cut> ConnectionPolicy::surplus(Clock::time_point now,
                                                             const HasUnread& has_unread) {
    auto staying =
        static_cast<std::size_t>(std::count_if(connections_.begin(), connections_.end(),
                                               [](const auto& item) { return !item.second.cut; }));
    std::vector<Cut> cuts;
    while (staying > limits_.connections) {
        const std::optional<Cut> cut = cut_oldest_of_busiest_peer(now, has_unread);
        if (!cut) {
            break;
        }
        cuts.push_back(*cut);
        --staying;
    }
    return cuts;
}

std::optional<ConnectionPolicy::Cut> ConnectionPolicy::spare(Clock::time_point now,
                                                             const HasUnread& has_unread) {
    return cut_oldest_of_busiest_peer(now, has_unread);
}

std::optional<ConnectionPolicy::Cut> ConnectionPolicy::cut_oldest_of_busiest_peer(
    Clock::time_point now, const HasUnread& has_unread) {
    std::map<std::string, std::size_t> held;
    for (const auto& [descriptor, connection] : connections_) {
        held[connection.peer] += connection.cut ? 0 : 1;
    }
    std::pair<const int, Connection>* victim = nullptr;
    const auto worth = [&held](const Connection& connection) {
        // Ascending: the busiest peer first, who waits before who is answered, then the oldest.
        return std::tuple(-static_cast<long>(held[connection.peer]),
                          connection.phase == Phase::answering, connection.order);
    };
    for (auto& item : connections_) {
        const Connection& connection = item.second;
        if ((victim == nullptr || worth(connection) < worth(victim->second)) &&
            can_go(item.first, connection, now, has_unread)) {
            victim = &item;
        }
    }
    if (victim == nullptr) {
        return std::nullopt;
    }
    victim->second.cut = true;
    return Cut{victim->first, victim->second.phase != Phase::next_request};
}

bool ConnectionPolicy::can_go(int descriptor, const Connection& connection, Clock::time_point now,
                              const HasUnread& has_unread) const {
    if (!connection.started || connection.cut) {
        return false;
    }
    if (connection.phase == Phase::answering) {
        return connection.deadline - limits_.answer + limits_.slow_reader <= now;
    }
    return !has_unread(descriptor);
}

}  // namespace halfclosed::exporters
