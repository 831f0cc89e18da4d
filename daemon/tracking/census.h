#pragma once

#include <cstdint>
#include <vector>

#include "tracking/cookie_set.h"
#include "tracking/reconciliation.h"
#include "tracking/socket_counts.h"
#include "tracking/watched_ports.h"

namespace halfclosed::tracking {

/// Connections that wait for accept(), of the LISTEN sockets of one port label.
struct AcceptQueue {
    std::uint64_t waiting = 0;
    std::uint64_t limit = 0;

    bool operator==(const AcceptQueue&) const = default;
};

/// Counts a dump of every socket, one record at a time, so that 200,000 of them need not be kept. A
/// socket that the dump has twice counts once.
class Census {
 public:
    /// `watch` must outlive the census.
    explicit Census(const WatchedPorts& watch);

    void add(const SocketRecord& record);

    const SocketCounts& socket_counts() const { return socket_counts_; }
    const std::vector<AcceptQueue>& accept_queues() const { return accept_queues_; }  ///< by label
    const KernelCounts& counts() const { return tally_.counts(); }  ///< of all ports

    /// The half-closed and TIME-WAIT sockets of the watched ports: what a tracker follows.
    const std::vector<SocketRecord>& followed() const { return followed_; }

    /// Those of the watched ports in ESTABLISHED. Leaves the census without them.
    CookieSet take_established() { return std::move(established_); }

 private:
    const WatchedPorts& watch_;
    CookieSet all_;
    CookieSet established_;
    SocketCounts socket_counts_;
    std::vector<AcceptQueue> accept_queues_;
    std::vector<SocketRecord> followed_;
    KernelStyleCounts tally_;
};

}  // namespace halfclosed::tracking
