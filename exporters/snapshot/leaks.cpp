#include "exporters/snapshot/leaks.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "exporters/snapshot/named_owners.h"
#include "tracking/leak_watch.h"

namespace halfclosed::exporters {

namespace {

/// An unaccepted connection is always the server's: the client's end was made by connect().
/// What is still being sent is no leak.
bool can_occur(tracking::Side side, tracking::Cause cause) {
    return cause != tracking::Cause::sending &&
           (side == tracking::Side::server || cause != tracking::Cause::not_accepted);
}

/// Nothing if the port is not watched any more.
std::optional<std::size_t> label_of(const LeakKey& leak, const Snapshot& snapshot) {
    const auto label =
        std::find(snapshot.port_labels.begin(), snapshot.port_labels.end(), leak.port_label);
    return label == snapshot.port_labels.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(label - snapshot.port_labels.begin()));
}

}  // namespace

bool is_leaked(const tracking::TrackedSocket& socket, const Snapshot& snapshot) {
    return tracking::is_leaked(socket, snapshot.leak_after, snapshot.instant);
}

std::vector<LeakCount> leak_counts(const Snapshot& snapshot) {
    const NamedOwners owners(snapshot);
    std::map<std::tuple<std::size_t, tracking::Side, tracking::Cause, std::string>, std::uint64_t>
        counts;
    for (std::size_t label = 0; label < snapshot.port_labels.size(); ++label) {
        for (const tracking::Side side : tracking::kSides) {
            for (const tracking::Cause cause : tracking::kCauses) {
                if (can_occur(side, cause) && snapshot.has_side(label, side)) {
                    counts[{label, side, cause, kUnknownOwner}] = 0;
                }
            }
        }
    }
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        if (is_leaked(socket, snapshot) && socket.cause) {
            ++counts[{socket.watched.label, socket.watched.side, *socket.cause,
                      owners.label(owner_label(snapshot.owner(socket.record)))}];
        }
    }
    for (const auto& [leak, sockets] : snapshot.without_detail.leaks) {
        counts[{leak.label, leak.side, leak.cause,
                owners.label(owner_label(snapshot.owner_of_cgroup(leak.cgroup_id)))}] += sockets;
    }
    for (const LeakKey& leak : snapshot.recent_leaks) {
        const auto label = label_of(leak, snapshot);
        if (label && leak.cause && owners.contains(leak.owner)) {
            counts.try_emplace({*label, leak.side, *leak.cause, leak.owner}, 0);
        }
    }
    std::vector<LeakCount> result;
    for (const auto& [key, sockets] : counts) {
        const auto& [label, side, cause, owner] = key;
        result.push_back({label, side, cause, owner, sockets});
    }
    return result;
}

std::vector<DeadCount> dead_counts(const Snapshot& snapshot) {
    const NamedOwners owners(snapshot);
    std::map<std::tuple<std::size_t, tracking::Side, std::string>, std::uint64_t> counts;
    for (std::size_t label = 0; label < snapshot.port_labels.size(); ++label) {
        for (const tracking::Side side : tracking::kSides) {
            counts[{label, side, kUnknownOwner}] = 0;
        }
    }
    for (const tracking::DeadSocket& dead : snapshot.dead) {
        const tracking::PortMatch& watched = dead.socket.watched;
        ++counts[{watched.label, watched.side,
                  owners.label(owner_label(snapshot.owner(dead.socket.record)))}];
    }
    for (const LeakKey& leak : snapshot.recent_leaks) {
        const auto label = label_of(leak, snapshot);
        if (label && !leak.cause && owners.contains(leak.owner)) {
            counts.try_emplace({*label, leak.side, leak.owner}, 0);
        }
    }
    std::vector<DeadCount> result;
    for (const auto& [key, sockets] : counts) {
        const auto& [label, side, owner] = key;
        result.push_back({label, side, owner, sockets});
    }
    return result;
}

void LeakMemory::observe(const Snapshot& snapshot) {
    for (const LeakCount& leak : leak_counts(snapshot)) {
        if (leak.sockets > 0 && leak.owner != kUnknownOwner) {
            last_seen_[{snapshot.port_labels[leak.label], leak.side, leak.cause, leak.owner}] =
                snapshot.instant;
        }
    }
    for (const DeadCount& dead : dead_counts(snapshot)) {
        if (dead.sockets > 0 && dead.owner != kUnknownOwner) {
            last_seen_[{snapshot.port_labels[dead.label], dead.side, std::nullopt, dead.owner}] =
                snapshot.instant;
        }
    }
    std::erase_if(last_seen_,
                  [&](const auto& leak) { return snapshot.instant - leak.second > kKept; });
    while (last_seen_.size() > kMost) {
        last_seen_.erase(
            std::min_element(last_seen_.begin(), last_seen_.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; }));
    }
}

std::vector<LeakKey> LeakMemory::recent(Instant now) const {
    std::vector<std::pair<Instant, LeakKey>> dated;
    for (const auto& [leak, seen] : last_seen_) {
        if (now - seen <= kKept) {
            dated.emplace_back(seen, leak);
        }
    }
    std::stable_sort(dated.begin(), dated.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<LeakKey> result;
    result.reserve(dated.size());
    for (auto& [seen, leak] : dated) {
        result.push_back(std::move(leak));
    }
    return result;
}

}  // namespace halfclosed::exporters
