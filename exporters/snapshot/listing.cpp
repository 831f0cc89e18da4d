#include "exporters/snapshot/listing.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "exporters/snapshot/half_closed.h"
#include "text/nearest.h"

namespace halfclosed::exporters {

namespace {

constexpr std::array<std::pair<const char*, SocketOrder>, 7> kOrders{{{"age", SocketOrder::age},
                                                                      {"owner", SocketOrder::owner},
                                                                      {"cause", SocketOrder::cause},
                                                                      {"state", SocketOrder::state},
                                                                      {"queue", SocketOrder::queue},
                                                                      {"peer", SocketOrder::peer},
                                                                      {"port", SocketOrder::port}}};

/// What comes first has the smaller key.
using SortKey = std::pair<std::string, std::uint64_t>;

SortKey sort_key(const ListedSocket& listed, SocketOrder order, const Snapshot& snapshot) {
    const SocketRecord& record = listed.socket->record;
    switch (order) {
        case SocketOrder::age:
            break;
        case SocketOrder::owner:
            return {owner_label(snapshot.owner(record)), 0};
        case SocketOrder::cause:
            return {kind_of(listed), 0};
        case SocketOrder::state:
            return {name(record.state), 0};
        case SocketOrder::queue:  // the fullest first
            return {{}, ~(std::uint64_t{record.recv_queue} + record.send_queue)};
        case SocketOrder::peer:
            return {peer_address(record, snapshot.interfaces_of(record)), 0};
        case SocketOrder::port:
            return {{}, listed.socket->watched.port};
    }
    return {};
}

}  // namespace

SocketOrder parse_socket_order(const std::string& text) {
    std::vector<std::string> names;
    for (const auto& [name, order] : kOrders) {
        if (text == name) {
            return order;
        }
        names.emplace_back(name);
    }
    throw std::invalid_argument(text::not_one_of(text, "an order", names));
}

std::vector<ListedSocket> listing(const Snapshot& snapshot, SocketOrder order,
                                  const SocketFilter& filter) {
    std::vector<ListedSocket> list;
    for (const tracking::TrackedSocket* const socket : oldest_first(snapshot)) {
        if (filter.admits(*socket, snapshot)) {
            list.push_back({socket, nullptr});
        }
    }
    for (const tracking::DeadSocket* const dead : dead_first(snapshot)) {
        if (filter.admits(*dead, snapshot)) {
            list.push_back({&dead->socket, dead});
        }
    }
    if (order == SocketOrder::age) {
        return list;
    }
    std::vector<std::pair<SortKey, ListedSocket>> keyed;
    keyed.reserve(list.size());
    for (const ListedSocket& each : list) {
        keyed.emplace_back(sort_key(each, order, snapshot), each);
    }
    std::stable_sort(keyed.begin(), keyed.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::transform(keyed.begin(), keyed.end(), list.begin(),
                   [](const auto& each) { return each.second; });
    return list;
}

std::string kind_of(const ListedSocket& listed) {
    if (listed.dead != nullptr) {
        return "dead";
    }
    return listed.socket->cause ? name(*listed.socket->cause) : name(listed.socket->record.state);
}

std::string peer_address(const SocketRecord& record, const InterfaceNames& interfaces) {
    const std::string address = remote_address(identity(record), interfaces);
    return address.substr(0, address.rfind(':'));
}

}  // namespace halfclosed::exporters
