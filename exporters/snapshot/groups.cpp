#include "exporters/snapshot/groups.h"

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "exporters/snapshot/leaks.h"
#include "exporters/snapshot/listing.h"
#include "exporters/snapshot/owner_leaks.h"
#include "text/nearest.h"

namespace halfclosed::exporters {

namespace {

constexpr std::array<std::pair<const char*, GroupBy>, 4> kGroupings{{{"owner", GroupBy::owner},
                                                                     {"cause", GroupBy::cause},
                                                                     {"peer", GroupBy::peer},
                                                                     {"port", GroupBy::port}}};

std::vector<std::string> key_of(const ListedSocket& listed, GroupBy by, const Snapshot& snapshot) {
    const SocketRecord& record = listed.socket->record;
    switch (by) {
        case GroupBy::owner_and_cause:
            return {owner_label(snapshot.owner(record)), kind_of(listed)};
        case GroupBy::owner:
            return {owner_label(snapshot.owner(record))};
        case GroupBy::cause:
            return {kind_of(listed)};
        case GroupBy::peer:
            return {peer_address(record, snapshot.interfaces_of(record))};
        case GroupBy::port:
            return {std::to_string(listed.socket->watched.port)};
    }
    return {};
}

struct GroupTally {
    Group group;
    std::vector<tracking::Age> leaked;
};

bool by_owner(GroupBy by) {
    return by == GroupBy::owner || by == GroupBy::owner_and_cause;
}

/// What is known of an owner goes to its first group.
void add_owner_facts(std::vector<Group>& groups, const std::vector<OwnerLeaks>& owners, GroupBy by,
                     const Snapshot& snapshot) {
    for (const OwnerLeaks& owner : owners) {
        const auto first = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
            return group.key.front() == owner.owner;
        });
        if (first == groups.end()) {
            continue;
        }
        first->descriptors = owner.descriptors;
        first->time_left = owner.time_left;
        // What was watched is known of the owner; the ages that are there tell of each group, and less.
        const auto watched = snapshot.growth.find(owner.owner);
        if (by == GroupBy::owner ||
            (watched != snapshot.growth.end() && watched->second.sockets_per_hour)) {
            for (Group& group : groups) {
                if (group.key.front() == owner.owner) {
                    group.growth_per_hour.reset();
                }
            }
            first->growth_per_hour = owner.growth_per_hour;
        }
    }
}

}  // namespace

GroupBy parse_group_by(const std::string& text) {
    std::vector<std::string> names;
    for (const auto& [name, by] : kGroupings) {
        if (text == name) {
            return by;
        }
        names.emplace_back(name);
    }
    throw std::invalid_argument(text::not_one_of(text, "what can be grouped by", names));
}

std::vector<std::string> group_keys(GroupBy by) {
    if (by == GroupBy::owner_and_cause) {
        return {"owner", "cause"};
    }
    return {std::find_if(kGroupings.begin(), kGroupings.end(), [by](const auto& each) {
                return each.second == by;
            })->first};
}

std::vector<Group> groups_of(const Snapshot& snapshot, GroupBy by, const SocketFilter& filter) {
    std::map<std::vector<std::string>, GroupTally> gathered;
    for (const ListedSocket& listed : listing(snapshot, SocketOrder::age, filter)) {
        GroupTally& all = gathered[key_of(listed, by, snapshot)];
        const tracking::Age age = listed.age(snapshot.instant);
        if (all.group.sockets++ == 0 || age.value > all.group.oldest.value) {
            all.group.oldest = age;
        }
        if (listed.dead != nullptr || is_leaked(*listed.socket, snapshot)) {
            ++all.group.leaked;
            all.leaked.push_back(age);
        }
    }
    const std::vector<OwnerLeaks> owners = owner_leaks(snapshot);
    std::map<std::string, std::size_t> places;
    for (std::size_t place = 0; by_owner(by) && place < owners.size(); ++place) {
        places[owners[place].owner] = place;
    }
    using Rank =
        std::tuple<bool, std::size_t, std::uint64_t, std::uint64_t, std::vector<std::string>>;
    std::vector<std::pair<Rank, Group>> ranked;
    for (auto& [key, all] : gathered) {
        Group& group = all.group;
        group.key = key;
        group.growth_per_hour = leak_growth(all.leaked, snapshot.leak_after);
        // Groups of an owner with leaks stay together, its harmless ones too.
        const auto place = places.find(key.front());
        const bool leaks = by_owner(by) ? place != places.end() : group.leaked > 0;
        ranked.emplace_back(Rank{!leaks, place == places.end() ? 0 : place->second, ~group.leaked,
                                 ~group.sockets, key},
                            std::move(group));
    }
    std::sort(ranked.begin(), ranked.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Group> result;
    result.reserve(ranked.size());
    for (auto& [rank, group] : ranked) {
        result.push_back(std::move(group));
    }
    if (by_owner(by)) {
        add_owner_facts(result, owners, by, snapshot);
    }
    return result;
}

}  // namespace halfclosed::exporters
