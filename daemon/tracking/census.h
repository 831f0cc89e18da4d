#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "records/instant.h"
#include "tracking/conservation.h"
#include "tracking/cookie_set.h"
#include "tracking/reconciliation.h"
#include "tracking/socket_counts.h"
#include "tracking/tracker_bounds.h"
#include "tracking/watched_ports.h"

namespace halfclosed::tracking {

/// Connections that wait for accept(), of the LISTEN sockets of one port label.
struct AcceptQueue {
    std::uint64_t waiting = 0;
    std::uint64_t limit = 0;
    /// How full the fullest of the queues is: from 0 to 1, where the kernel refuses. It takes one
    /// connection more than the limit (include/net/sock.h:sk_acceptq_is_full).
    double fullest = 0;

    bool operator==(const AcceptQueue&) const = default;
};

/// Half-closed sockets by state, in the order of kHalfClosed.
struct HalfClosedCounts {
    static constexpr std::array kStates{TcpState::fin_wait1, TcpState::fin_wait2,
                                        TcpState::close_wait, TcpState::last_ack,
                                        TcpState::closing};
    std::array<std::uint64_t, kStates.size()> counts{};

    void add(TcpState state);  ///< of others nothing is counted
    void add(const HalfClosedCounts& other);
    std::uint64_t total() const;
    bool operator==(const HalfClosedCounts&) const = default;
};

/// What a census counted, of one network namespace or of several.
struct CensusCounts {
    PortCounts watched;                                  ///< all states of the watched ports
    std::map<std::uint16_t, AcceptQueue> accept_queues;  ///< by port
    HalfClosedCounts unwatched;                          ///< on other ports
    KernelCounts all;                                    ///< of all ports, as the kernel counts

    void add(const CensusCounts& other);
    std::vector<AcceptQueue> accept_queues_by_label(const WatchedPorts& watch) const;
};

/// Counts a dump of every socket, one record at a time, so that 200,000 of them need not be kept. A
/// socket that the dump has twice counts once; the subflows of an MPTCP connection count for the
/// kernel's counts only. Listeners must come before the sockets of their ports, as a dump has them
/// (net/ipv4/inet_diag.c:inet_diag_dump_icsk walks the listening hash first).
class Census {
 public:
    /// A census whose dump asks for LISTEN too, at this moment; without one, who listens is as
    /// `watch` knows it.
    explicit Census(WatchedPorts watch, std::optional<Instant> asked = std::nullopt);

    /// How many sockets followed() is likely to have: saves memory, no more.
    void expect(std::size_t followed) { followed_.reserve(followed); }

    void add(const SocketRecord& record);

    /// What it has learnt of listeners, servers and labels. Leaves the census without it.
    WatchedPorts take_watch();

    CensusCounts totals() const;
    SocketCounts socket_counts() const { return counts_.watched.by_label(watch_); }
    std::vector<AcceptQueue> accept_queues() const {  ///< by label
        return counts_.accept_queues_by_label(watch_);
    }
    std::size_t watched() const { return watched_; }  ///< sockets, in any state
    const HalfClosedCounts& unwatched() const { return counts_.unwatched; }  ///< on other ports
    const KernelCounts& counts() const { return tally_.counts(); }           ///< of all ports

    /// With WatchedPorts::every_port(): chooses the labels by what was counted. Whether one changed.
    bool name_busiest() { return watch_.name_busiest(counts_.watched); }

    /// More sockets in TIME-WAIT are counted, and no tracker follows more.
    static constexpr std::size_t kMostTimeWaits = TrackerBounds::kMostTimeWaits;

    /// The half-closed and TIME-WAIT sockets of the watched ports: what a tracker follows.
    const std::vector<SocketRecord>& followed() const { return followed_; }

    /// How many of those there are, however many: what steps that were counted are held against.
    const Conservation::Sockets& conserved() const { return conserved_; }

    /// Whether there are sockets of MPTCP, listeners among them.
    bool has_mptcp() const { return has_mptcp_; }

    /// Those of the watched ports in ESTABLISHED. Leaves the census without them.
    CookieSet take_established() { return std::move(established_); }

 private:
    WatchedPorts watch_;
    CookieSet all_;
    CookieSet established_;
    CookieSet servers_;
    CensusCounts counts_;
    std::size_t watched_ = 0;
    std::size_t time_waits_ = 0;  ///< of followed_
    std::vector<SocketRecord> followed_;
    Conservation::Sockets conserved_;
    bool has_mptcp_ = false;
    KernelStyleCounts tally_;
};

}  // namespace halfclosed::tracking
