#include "tracking/watched_ports.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "tracking/custody.h"
#include "tracking/socket_counts.h"

namespace halfclosed::tracking {

namespace {

int width(const PortRange& range) {
    return range.last - range.first;
}

bool is_wide(const PortRange& range) {
    return width(range) >= static_cast<int>(WatchedPorts::kWidestRange);
}

std::string text(const PortRange& range) {
    return range.first == range.last
               ? std::to_string(range.first)
               : std::to_string(range.first) + "-" + std::to_string(range.last);
}

/// The ranges that have a label each: of narrow ones every port. The narrowest come first.
std::vector<PortRange> labelled(const std::vector<PortRange>& ports) {
    std::vector<PortRange> result;
    for (const PortRange& range : ports) {
        if (is_wide(range)) {
            result.push_back(range);
            continue;
        }
        for (unsigned port = range.first; port <= range.last; ++port) {
            const auto single = static_cast<std::uint16_t>(port);
            result.push_back({single, single});
        }
    }
    std::sort(result.begin(), result.end(), [](const PortRange& a, const PortRange& b) {
        return std::pair(width(a), a) < std::pair(width(b), b);
    });
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
}

/// The parts of `range` that none of `taken` (sorted, without overlap) has.
std::vector<PortRange> without(PortRange range, const std::vector<PortRange>& taken) {
    std::vector<PortRange> result;
    int next = range.first;
    for (const PortRange& other : taken) {
        if (other.last < next || other.first > range.last) {
            continue;
        }
        if (other.first > next) {
            result.push_back(
                {static_cast<std::uint16_t>(next), static_cast<std::uint16_t>(other.first - 1)});
        }
        next = other.last + 1;
    }
    if (next <= range.last) {
        result.push_back({static_cast<std::uint16_t>(next), range.last});
    }
    return result;
}

bool is_every_port(const PortRange& range) {
    return range == kEveryPort;
}

std::size_t index(Side side) {
    return static_cast<std::size_t>(side);
}

}  // namespace

const char* name(Side side) {
    return side == Side::server ? "server" : "client";
}

WatchedPorts::WatchedPorts(const std::vector<PortRange>& ports)
    : every_port_(std::any_of(ports.begin(), ports.end(), is_every_port)) {
    std::vector<PortRange> asked_for = ports;
    std::erase_if(asked_for, is_every_port);
    std::map<PortRange, std::string> labels;
    for (const PortRange& range : labelled(asked_for)) {
        const std::vector<PortRange> parts = without(range, ports_);
        for (const PortRange& part : parts) {
            // What others cut short is called what is left of it; what has holes keeps its name.
            labels[part] = text(parts.size() == 1 ? part : range);
            ports_.insert(std::upper_bound(ports_.begin(), ports_.end(), part), part);
        }
    }
    for (const auto& [range, label] : labels) {
        const auto known = std::find(labels_.begin(), labels_.end(), label);
        segments_.push_back({range, static_cast<std::size_t>(known - labels_.begin())});
        if (known == labels_.end()) {
            labels_.push_back(label);
        }
    }
    sides_.resize(labels_.size());
    asked_for_labels_ = labels_.size();
    if (every_port_) {
        ports_.clear();
        labels_.emplace_back(kOtherPorts);
        sides_.emplace_back();
    }
}

bool WatchedPorts::is_server(const SocketRecord& record) const {
    switch (record.state) {
        case TcpState::listen:
        case TcpState::syn_recv:
        case TcpState::new_syn_recv:
            return true;
        case TcpState::syn_sent:
            return false;
        default:
            break;
    }
    return !listeners_.known() || custody(record) == Custody::accept_queue ||
           listeners_.listens(record) || (servers_ && servers_->contains(record.cookie));
}

std::optional<PortMatch> WatchedPorts::match(const SocketRecord& record) const {
    const auto local = label_of(Side::server, record.local.port);
    if (local && is_server(record)) {
        return PortMatch{*local, record.local.port, Side::server};
    }
    if (const auto remote = label_of(Side::client, record.remote.port)) {
        return PortMatch{*remote, record.remote.port, Side::client};
    }
    // Nobody listens there: an outgoing connection whose local port happens to be watched.
    if (local && !every_port_) {
        return PortMatch{*local, record.local.port, Side::client};
    }
    return std::nullopt;
}

std::optional<PortMatch> WatchedPorts::match_again(const SocketRecord& record,
                                                   const PortMatch& before) const {
    if (const auto label = label_of(before.side, before.port)) {
        return PortMatch{*label, before.port, before.side};
    }
    return match(record);
}

/// The label of the range that was asked for and has the port.
std::optional<std::size_t> WatchedPorts::asked_for(std::uint16_t port) const {
    const auto after = std::upper_bound(
        segments_.begin(), segments_.end(), port,
        [](std::uint16_t value, const Segment& segment) { return value < segment.range.first; });
    if (after == segments_.begin() || !std::prev(after)->range.contains(port)) {
        return std::nullopt;
    }
    return std::prev(after)->label;
}

std::optional<std::size_t> WatchedPorts::label_of(Side side, std::uint16_t port) const {
    if (port == 0) {
        return std::nullopt;  // half taken apart (net/ipv4/tcp.c:tcp_done), or never connected
    }
    const auto label = asked_for(port);
    if (label || !every_port_) {
        return label;
    }
    const auto& named = named_[index(side)];
    const auto found = named.find(port);
    return found == named.end() ? labels_.size() - 1 : found->second;
}

void WatchedPorts::remember_servers(CookieSet servers) {
    servers_ = std::make_shared<const CookieSet>(std::move(servers));
}

void WatchedPorts::inherit(const WatchedPorts& other) {
    listeners_ = other.listeners_;
    servers_ = other.servers_;
}

bool WatchedPorts::name_busiest(const PortCounts& counts) {
    if (!every_port_) {
        return false;
    }
    const auto before = named_;
    std::map<std::uint16_t, Sides> ports;
    for (const Side side : kSides) {
        for (const std::uint16_t port : busiest(side, counts)) {
            Sides& sides = ports.try_emplace(port, Sides{false, false}).first->second;
            (side == Side::server ? sides.server : sides.client) = true;
        }
    }
    labels_.resize(asked_for_labels_);
    sides_.resize(asked_for_labels_);
    named_ = {};
    for (const auto& [port, sides] : ports) {
        for (const Side side : kSides) {
            if (sides.has(side)) {
                named_[index(side)][port] = labels_.size();
            }
        }
        labels_.push_back(std::to_string(port));
        sides_.push_back(sides);
    }
    labels_.emplace_back(kOtherPorts);
    sides_.emplace_back();
    return named_ != before;
}

void WatchedPorts::take_labels(const WatchedPorts& other) {
    labels_ = other.labels_;
    sides_ = other.sides_;
    named_ = other.named_;
}

std::vector<std::uint16_t> WatchedPorts::busiest(Side side, const PortCounts& counts) const {
    const auto& named = named_[index(side)];
    // An idle port keeps its label while nobody needs the place.
    std::map<std::uint16_t, double> scores;
    for (const auto& [port, label] : named) {
        scores[port] = 0.5;
    }
    for (const auto& [port, sockets] : counts.sockets(side)) {
        if (!asked_for(port)) {
            scores[port] = static_cast<double>(sockets) * (named.contains(port) ? 2 : 1);
        }
    }
    std::vector<std::pair<double, std::uint16_t>> ranked;
    ranked.reserve(scores.size());
    for (const auto& [port, score] : scores) {
        ranked.emplace_back(-score, port);
    }
    std::sort(ranked.begin(), ranked.end());
    ranked.resize(std::min(ranked.size(), kMostNamed));
    std::vector<std::uint16_t> result;
    result.reserve(ranked.size());
    for (const auto& [score, port] : ranked) {
        result.push_back(port);
    }
    return result;
}

}  // namespace halfclosed::tracking
