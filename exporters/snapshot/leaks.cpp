#include "exporters/snapshot/leaks.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace halfclosed::exporters {

namespace {

constexpr const char* kOtherOwners = "other";

/// An unaccepted connection is always the server's: the client's end was made by connect().
bool can_occur(tracking::Side side, tracking::Cause cause) {
    return side == tracking::Side::server || cause != tracking::Cause::not_accepted;
}

std::set<std::string> worst_owners(const std::map<std::string, std::uint64_t>& by_owner) {
    std::vector<std::pair<std::string, std::uint64_t>> ranked(by_owner.begin(), by_owner.end());
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::set<std::string> worst;
    for (const auto& [owner, sockets] : ranked) {
        if (worst.size() == kMaxLeakOwners) {
            break;
        }
        worst.insert(owner);
    }
    return worst;
}

}  // namespace

bool is_leaked(const tracking::TrackedSocket& socket, const Snapshot& snapshot) {
    return socket.cause && socket.age(snapshot.instant).value > snapshot.leak_after;
}

std::vector<LeakCount> leak_counts(const Snapshot& snapshot) {
    std::map<std::string, std::uint64_t> by_owner;
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        if (is_leaked(socket, snapshot)) {
            ++by_owner[owner_label(snapshot.owner(socket.record))];
        }
    }
    // "unknown" is on every page, so it never takes the place of an owner with a name.
    by_owner.erase(kUnknownOwner);
    const std::set<std::string> named = worst_owners(by_owner);

    std::map<std::tuple<std::size_t, tracking::Side, tracking::Cause, std::string>, std::uint64_t>
        counts;
    for (std::size_t label = 0; label < snapshot.port_labels.size(); ++label) {
        for (const tracking::Side side : tracking::kSides) {
            for (const tracking::Cause cause : tracking::kCauses) {
                if (can_occur(side, cause)) {
                    counts[{label, side, cause, kUnknownOwner}] = 0;
                }
            }
        }
    }
    for (const tracking::TrackedSocket& socket : snapshot.sockets) {
        if (is_leaked(socket, snapshot)) {
            std::string owner = owner_label(snapshot.owner(socket.record));
            if (owner != kUnknownOwner && !named.contains(owner)) {
                owner = kOtherOwners;
            }
            ++counts[{socket.watched.label, socket.watched.side, *socket.cause, owner}];
        }
    }
    std::vector<LeakCount> result;
    for (const auto& [key, sockets] : counts) {
        const auto& [label, side, cause, owner] = key;
        result.push_back({label, side, cause, owner, sockets});
    }
    return result;
}

}  // namespace halfclosed::exporters
