#include "tracking/watched_ports.h"

#include <algorithm>
#include <utility>

namespace halfclosed::tracking {

namespace {

/// Sorted, and without overlap: a port belongs to the first range that has it.
std::vector<PortRange> disjoint(std::vector<PortRange> ports) {
    std::sort(ports.begin(), ports.end());
    std::vector<PortRange> result;
    for (PortRange range : ports) {
        if (!result.empty() && range.first <= result.back().last) {
            if (range.last <= result.back().last) {
                continue;
            }
            range.first = static_cast<std::uint16_t>(result.back().last + 1);
        }
        result.push_back(range);
    }
    return result;
}

}  // namespace

const char* name(Side side) {
    return side == Side::server ? "server" : "client";
}

WatchedPorts::WatchedPorts(std::vector<PortRange> ports) {
    for (const PortRange& range : disjoint(std::move(ports))) {
        if (range.last - range.first >= static_cast<int>(kWidestRange)) {
            ports_.push_back(range);
            labels_.push_back(std::to_string(range.first) + "-" + std::to_string(range.last));
            continue;
        }
        for (unsigned port = range.first; port <= range.last; ++port) {
            const auto single = static_cast<std::uint16_t>(port);
            ports_.push_back({single, single});
            labels_.push_back(std::to_string(port));
        }
    }
}

std::optional<PortMatch> WatchedPorts::match(const SocketRecord& record) const {
    if (const auto label = label_of(record.local.port)) {
        return PortMatch{*label, record.local.port, Side::server};
    }
    if (const auto label = label_of(record.remote.port)) {
        return PortMatch{*label, record.remote.port, Side::client};
    }
    return std::nullopt;
}

std::optional<std::size_t> WatchedPorts::label_of(std::uint16_t port) const {
    const auto after = std::upper_bound(
        ports_.begin(), ports_.end(), port,
        [](std::uint16_t value, const PortRange& range) { return value < range.first; });
    if (after == ports_.begin() || !std::prev(after)->contains(port)) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(std::prev(after) - ports_.begin());
}

}  // namespace halfclosed::tracking
