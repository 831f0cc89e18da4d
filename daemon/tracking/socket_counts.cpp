#include "tracking/socket_counts.h"

#include <algorithm>

namespace halfclosed::tracking {

std::size_t SocketCounts::index(std::size_t label, Side side, TcpState state, Custody custody) {
    const auto side_index = static_cast<std::size_t>(side);
    const auto state_index = static_cast<std::size_t>(state);
    const auto custody_index = static_cast<std::size_t>(custody);
    return label * kPerLabel + (side_index * kStates + state_index) * std::size(kCustodies) +
           custody_index;
}

void SocketCounts::add(const PortMatch& watched, TcpState state, Custody custody,
                       std::uint64_t sockets) {
    if (static_cast<std::size_t>(state) < kStates) {
        counts_[index(watched.label, watched.side, state, custody)] += sockets;
    }
}

void SocketCounts::add(const SocketCounts& other) {
    counts_.resize(std::max(counts_.size(), other.counts_.size()));
    for (std::size_t i = 0; i < other.counts_.size(); ++i) {
        counts_[i] += other.counts_[i];
    }
}

std::uint64_t SocketCounts::count(std::size_t label, Side side, TcpState state,
                                  Custody custody) const {
    return counts_[index(label, side, state, custody)];
}

namespace {

/// A kind of socket of a port, in one number: 8 bits of custody, 7 of state, 1 of side, 16 of port.
std::uint32_t packed(Side side, std::uint16_t port, TcpState state, Custody custody) {
    return std::uint32_t{port} << 16U | static_cast<std::uint32_t>(side) << 15U |
           static_cast<std::uint32_t>(state) << 8U | static_cast<std::uint32_t>(custody);
}

std::uint16_t port_in(std::uint32_t kind) {
    return static_cast<std::uint16_t>(kind >> 16U);
}

Side side_in(std::uint32_t kind) {
    return static_cast<Side>(kind >> 15U & 1U);
}

}  // namespace

void PortCounts::add(const PortMatch& watched, TcpState state, Custody custody) {
    if (static_cast<std::size_t>(state) < SocketCounts::kStates) {
        ++counts_[packed(watched.side, watched.port, state, custody)];
    }
}

void PortCounts::add(const PortCounts& other) {
    for (const auto& [kind, sockets] : other.counts_) {
        counts_[kind] += sockets;
    }
}

void PortCounts::subtract(const PortCounts& other) {
    for (const auto& [kind, sockets] : other.counts_) {
        const auto found = counts_.find(kind);
        if (found != counts_.end() && (found->second -= std::min(found->second, sockets)) == 0) {
            counts_.erase(found);
        }
    }
}

SocketCounts PortCounts::by_label(const WatchedPorts& watch) const {
    SocketCounts result(watch.labels().size());
    for (const auto& [kind, sockets] : counts_) {
        if (const auto label = watch.label_of(side_in(kind), port_in(kind))) {
            result.add({*label, port_in(kind), side_in(kind)},
                       static_cast<TcpState>(kind >> 8U & 0x7fU),
                       static_cast<Custody>(kind & 0xffU), sockets);
        }
    }
    return result;
}

std::map<std::uint16_t, std::uint64_t> PortCounts::sockets(Side side) const {
    std::map<std::uint16_t, std::uint64_t> result;
    for (const auto& [kind, sockets] : counts_) {
        if (side_in(kind) == side) {
            result[port_in(kind)] += sockets;
        }
    }
    return result;
}

const std::vector<SocketKind>& possible_kinds() {
    static const std::vector<SocketKind> kinds = [] {
        using enum TcpState;
        using enum Custody;
        const std::pair<TcpState, Custody> of_both_sides[] = {
            {established, process}, {fin_wait1, process},  {fin_wait1, orphan},
            {fin_wait2, process},   {fin_wait2, orphan},   {fin_wait2, timewait},
            {time_wait, timewait},  {close_wait, process}, {last_ack, process},
            {last_ack, orphan},     {closing, process},    {closing, orphan},
        };
        std::vector<SocketKind> result;
        for (const Side side : kSides) {
            for (const auto& [state, custody] : of_both_sides) {
                result.push_back({side, state, custody});
            }
        }
        result.push_back({Side::client, syn_sent, process});
        for (const auto& [state, custody] :
             {std::pair{listen, process}, std::pair{syn_recv, handshake},
              std::pair{established, accept_queue}, std::pair{close_wait, accept_queue}}) {
            result.push_back({Side::server, state, custody});
        }
        return result;
    }();
    return kinds;
}

}  // namespace halfclosed::tracking
