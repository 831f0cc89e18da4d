#include "http/connection_policy.h"

#include <algorithm>
#include <tuple>

namespace halfclosed::http {

void ConnectionPolicy::accepted(int descriptor, const std::string& peer, bool favoured,
                                Clock::time_point now) {
    connections_[descriptor] = {peer,  favoured, Phase::first_request, now, now, arrivals_++,
                                false, false,    std::nullopt};
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
        found->second.since = found->second.asked = now;
        found->second.picked.reset();
    }
}

void ConnectionPolicy::streaming(int descriptor) {
    const auto found = connections_.find(descriptor);
    if (found != connections_.end()) {
        found->second.phase = Phase::streaming;
    }
}

void ConnectionPolicy::answered(int descriptor, Clock::time_point now) {
    const auto found = connections_.find(descriptor);
    if (found != connections_.end()) {
        found->second.phase = Phase::next_request;
        found->second.since = now;
    }
}

void ConnectionPolicy::cut(int descriptor) {
    const auto found = connections_.find(descriptor);
    if (found != connections_.end()) {
        found->second.cut = true;
    }
}

bool ConnectionPolicy::closed(int descriptor) {
    const auto found = connections_.find(descriptor);
    const bool cut = found != connections_.end() && found->second.cut;
    connections_.erase(descriptor);
    return cut;
}

std::vector<ConnectionPolicy::Cut> ConnectionPolicy::overdue(Clock::time_point now,
                                                             const Look& look) {
    // What the server gave up before it began is forgotten: the number may mean another file by
    // now.
    std::erase_if(connections_, [this, now](const auto& item) {
        return !item.second.started && deadline(item.second, false) <= now;
    });
    std::vector<Cut> cuts;
    for (auto& [descriptor, connection] : connections_) {
        if (connection.cut) {
            continue;
        }
        const bool unsent = connection.phase == Phase::next_request && look(descriptor).unsent;
        if (deadline(connection, unsent) <= now) {
            connection.cut = true;
            cuts.push_back({descriptor, connection.phase != Phase::next_request || unsent});
        }
    }
    return cuts;
}

std::vector<ConnectionPolicy::Cut> ConnectionPolicy::surplus(Clock::time_point now,
                                                             const Look& look) {
    std::vector<Cut> cuts;
    std::size_t staying = 0;
    for (Item& item : connections_) {
        Connection& connection = item.second;
        if (connection.picked && !connection.cut && *connection.picked + kNotice <= now) {
            const Queues queues = look(item.first);
            if (can_go(connection, queues, now)) {
                cuts.push_back(take(item, queues));
            } else {
                connection.picked.reset();
            }
        }
        staying += connection.stays() ? 1 : 0;
    }
    for (; staying > limits_.connections; --staying) {
        Item* const victim = oldest_of_busiest_peer(now, look);
        if (victim == nullptr) {
            break;
        }
        const Queues queues = look(victim->first);
        if (is_silent(victim->second) && !queues.unsent) {
            victim->second.picked = now;
        } else {
            cuts.push_back(take(*victim, queues));
        }
    }
    return cuts;
}

bool ConnectionPolicy::has_picked() const {
    return std::any_of(connections_.begin(), connections_.end(),
                       [](const auto& item) { return item.second.picked && !item.second.cut; });
}

std::optional<ConnectionPolicy::Cut> ConnectionPolicy::spare(Clock::time_point now,
                                                             const Look& look) {
    Item* const victim = oldest_of_busiest_peer(now, look);
    return victim != nullptr ? std::optional(take(*victim, look(victim->first))) : std::nullopt;
}

ConnectionPolicy::Item* ConnectionPolicy::oldest_of_busiest_peer(Clock::time_point now,
                                                                 const Look& look) {
    std::map<std::string, std::size_t> held;
    for (const auto& [descriptor, connection] : connections_) {
        held[connection.peer] += connection.stays() ? 1 : 0;
    }
    Item* victim = nullptr;
    const auto worth = [&held](const Connection& connection) {
        // Ascending: the busiest peer first, who waits before who is answered, then the oldest.
        return std::tuple(connection.favoured, -static_cast<long>(held[connection.peer]),
                          !is_silent(connection), connection.order);
    };
    for (Item& item : connections_) {
        const Connection& connection = item.second;
        if (connection.started && connection.stays() &&
            (victim == nullptr || worth(connection) < worth(victim->second)) &&
            can_go(connection, look(item.first), now)) {
            victim = &item;
        }
    }
    return victim;
}

ConnectionPolicy::Cut ConnectionPolicy::take(Item& item, Queues queues) {
    item.second.cut = true;
    return {item.first, item.second.phase != Phase::next_request || queues.unsent};
}

bool ConnectionPolicy::is_silent(const Connection& connection) {
    return connection.phase == Phase::first_request || connection.phase == Phase::next_request;
}

ConnectionPolicy::Clock::time_point ConnectionPolicy::deadline(const Connection& connection,
                                                               bool unsent) const {
    switch (connection.phase) {
        case Phase::first_request:
            return connection.since + limits_.first_request;
        case Phase::answering:
            return connection.asked + limits_.answer;
        case Phase::streaming:
            return Clock::time_point::max();
        case Phase::next_request:
            break;
    }
    return unsent ? connection.asked + limits_.answer : connection.since + limits_.next_request;
}

bool ConnectionPolicy::can_go(const Connection& connection, Queues queues,
                              Clock::time_point now) const {
    const bool slow = connection.asked + limits_.slow_reader <= now;
    switch (connection.phase) {
        case Phase::answering:
            return slow;
        case Phase::streaming:
            return slow && queues.unsent;
        case Phase::next_request:
            return queues.unsent ? slow : !queues.unread;
        case Phase::first_request:
            break;
    }
    return !queues.unread;
}

}  // namespace halfclosed::http
