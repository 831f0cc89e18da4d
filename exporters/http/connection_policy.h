#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace halfclosed::exporters {

/// Who may stay connected to the page, and for how long. A machine without a clock and without
/// sockets.
///
/// Every phase of a connection has a deadline that no trickle of bytes puts off. When all places
/// are taken, a new connection is not turned away: an old one makes room, of the peer that holds
/// most, and one that waits before one that is being answered. So a flood wears out itself: a
/// scraper that asks at once is served in milliseconds, even one that shares its address with the
/// flood, where a limit on connections per address would lock it out.
class ConnectionPolicy {
 public:
    using Clock = std::chrono::steady_clock;

    struct Limits {
        std::size_t connections = 256;
        /// From accept() to the end of the request's header.
        std::chrono::seconds first_request{5};
        /// The same for a further request, from the answer before.
        std::chrono::seconds next_request{10};
        /// From the header to the last byte of the answer.
        std::chrono::seconds answer{15};
        /// After which an answer's reader may make room.
        std::chrono::seconds slow_reader{1};
    };

    /// A connection to be ended.
    struct Cut {
        int descriptor = -1;
        bool rude = true;  ///< false where it merely was idle

        bool operator==(const Cut&) const = default;
    };

    explicit ConnectionPolicy(const Limits& limits) : limits_(limits) {}

    /// accept() returned `descriptor`. `peer` is what counts as one peer: an IPv4 address, an IPv6
    /// network.
    void accepted(int descriptor, const std::string& peer, Clock::time_point now);
    /// The server has it: from here until closed() it may be cut.
    void started(int descriptor);
    /// The header of a request has been read.
    void asked(int descriptor, Clock::time_point now);
    /// The answer has been sent; the connection may be used again.
    void answered(int descriptor, Clock::time_point now);
    /// The descriptor is about to be closed.
    void closed(int descriptor);

    /// Whether bytes of the connection are there that the server has not read: a request may be
    /// among them.
    using HasUnread = std::function<bool(int descriptor)>;

    /// The connections that have to go now; none of them is returned twice.
    std::vector<Cut> overdue(Clock::time_point now);
    std::vector<Cut> surplus(Clock::time_point now, const HasUnread& has_unread);
    /// The one to go when the process has no descriptor left, if any can.
    std::optional<Cut> spare(Clock::time_point now, const HasUnread& has_unread);

    /// Twice the places are taken: the server is slower in closing than the peers in coming.
    bool full() const { return connections_.size() >= 2 * limits_.connections; }
    std::size_t size() const { return connections_.size(); }

 private:
    enum class Phase { first_request, answering, next_request };
    struct Connection {
        std::string peer;
        Phase phase = Phase::first_request;
        Clock::time_point deadline;
        std::size_t order = 0;  ///< of arrival
        bool started = false;
        bool cut = false;
    };

    std::optional<Cut> cut_oldest_of_busiest_peer(Clock::time_point now,
                                                  const HasUnread& has_unread);
    bool can_go(int descriptor, const Connection& connection, Clock::time_point now,
                const HasUnread& has_unread) const;

    Limits limits_;
    std::map<int, Connection> connections_;
    std::size_t arrivals_ = 0;
};

}  // namespace halfclosed::exporters
