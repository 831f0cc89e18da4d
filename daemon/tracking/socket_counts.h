#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "tracking/custody.h"
#include "tracking/watched_ports.h"

namespace halfclosed::tracking {

/// How many sockets of each kind the watched ports have: counts by label, side, state and custody.
class SocketCounts {
 public:
    static constexpr std::size_t kStates = 14;  ///< the kernel's numbers 0 to 13

    explicit SocketCounts(std::size_t labels = 0) : counts_(labels * kPerLabel) {}

    /// States with a number that this kernel's headers do not know are not counted.
    void add(const PortMatch& watched, TcpState state, Custody custody, std::uint64_t sockets = 1);

    /// Of the same labels, or of none.
    void add(const SocketCounts& other);

    std::uint64_t count(std::size_t label, Side side, TcpState state, Custody custody) const;

    bool operator==(const SocketCounts&) const = default;

 private:
    static constexpr std::size_t kPerLabel = 2 * kStates * std::size(kCustodies);
    static std::size_t index(std::size_t label, Side side, TcpState state, Custody custody);

    std::vector<std::uint64_t> counts_;
};

/// The same by port, before ports have labels.
class PortCounts {
 public:
    void add(const PortMatch& watched, TcpState state, Custody custody);
    void add(const PortCounts& other);
    /// Of what was added before.
    void subtract(const PortCounts& other);

    SocketCounts by_label(const WatchedPorts& watch) const;

    /// How many sockets each port of this side has.
    std::map<std::uint16_t, std::uint64_t> sockets(Side side) const;

 private:
    /// Of the kinds that are there: one entry each, however many sockets.
    std::unordered_map<std::uint32_t, std::uint64_t> counts_;
};

/// A kind of socket that Linux can have.
struct SocketKind {
    Side side;
    TcpState state;
    Custody custody;

    bool operator==(const SocketKind&) const = default;
};

/// Every kind that can occur: what a page shows with 0 from the start.
const std::vector<SocketKind>& possible_kinds();

}  // namespace halfclosed::tracking
