#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace halfclosed::http {

/// Who may stay connected, and for how long. A machine without a clock and without
/// sockets.
///
/// Every phase of a connection has a deadline that no trickle of bytes puts off. When all places
/// are taken, a new connection is not turned away: an old one makes room, of the peer that holds
/// most, and one that waits before one that is being answered. So a flood wears out itself: a
/// scraper that asks at once is served in milliseconds, even one that shares its address with the
/// flood, where a limit on connections per address would lock it out. Who does not read an answer is
/// not idle: as long as some of it waits in the socket, the answer's deadline holds.
class ConnectionPolicy {
 public:
    using Clock = std::chrono::steady_clock;

    struct Limits {
        std::size_t connections = 256;
        /// Places beside them: of those that are on their way out.
        std::size_t margin = 192;
        /// From accept() to the end of the request's header.
        std::chrono::seconds first_request{5};
        /// The same for a further request, from the answer before.
        std::chrono::seconds next_request{10};
        /// From the header to the last byte of the answer.
        std::chrono::seconds answer{15};
        /// After which an answer's reader may make room.
        std::chrono::seconds slow_reader{1};
    };

    /// From when a silent connection is picked to make room until it does, if it is still silent. What the server has
    /// just read is neither unread any more nor told by asked() yet.
    static constexpr std::chrono::milliseconds kNotice{10};

    /// A connection to be ended.
    struct Cut {
        int descriptor = -1;
        bool rude = true;  ///< false if it merely was idle

        bool operator==(const Cut&) const = default;
    };

    explicit ConnectionPolicy(const Limits& limits) : limits_(limits) {}

    /// accept() returned `descriptor`. `peer` is what counts as one peer: Peer::key. A `favoured` one makes room last.
    void accepted(int descriptor, const std::string& peer, bool favoured, Clock::time_point now);
    /// The server has it: from here until closed() it may be cut.
    void started(int descriptor);
    /// The header of a request has been read.
    void asked(int descriptor, Clock::time_point now);
    /// The answer is a stream: it takes as long as it takes, but who does not read it makes room.
    void streaming(int descriptor);
    /// The answer has been sent; the connection may be used again.
    void answered(int descriptor, Clock::time_point now);
    /// Somebody else says that the connection has to go.
    void cut(int descriptor);
    /// The descriptor is about to be closed. Returns whether the connection was cut.
    bool closed(int descriptor);

    /// What waits in a connection's socket.
    struct Queues {
        bool unread = false;  ///< by the server: a request may be among it
        bool unsent = false;  ///< or not yet acknowledged: the peer has not read the answer
    };
    using Look = std::function<Queues(int descriptor)>;

    /// The connections that have to go now; none of them is returned twice.
    std::vector<Cut> overdue(Clock::time_point now, const Look& look);
    std::vector<Cut> surplus(Clock::time_point now, const Look& look);
    /// Whether surplus() has picked some that go kNotice later.
    bool has_picked() const;
    /// The one to go when the process has no descriptor left, if any can.
    std::optional<Cut> spare(Clock::time_point now, const Look& look);

    /// The margin is taken too, by `others` of it: the server is slower in closing than the peers in coming.
    bool full(std::size_t others) const {
        return connections_.size() + others >= limits_.connections + limits_.margin;
    }
    std::size_t size() const { return connections_.size(); }

 private:
    enum class Phase { first_request, answering, streaming, next_request };
    struct Connection {
        std::string peer;
        bool favoured = false;
        Phase phase = Phase::first_request;
        Clock::time_point since;  ///< of the phase
        Clock::time_point asked;  ///< when the last request's header was there
        std::size_t order = 0;    ///< of arrival
        bool started = false;
        bool cut = false;
        std::optional<Clock::time_point> picked;  ///< to make room

        bool stays() const { return !cut && !picked; }
    };

    using Item = std::pair<const int, Connection>;

    Item* oldest_of_busiest_peer(Clock::time_point now, const Look& look);
    static Cut take(Item& item, Queues queues);
    static bool is_silent(const Connection& connection);
    Clock::time_point deadline(const Connection& connection, bool unsent) const;
    bool can_go(const Connection& connection, Queues queues, Clock::time_point now) const;

    Limits limits_;
    std::map<int, Connection> connections_;
    std::size_t arrivals_ = 0;
};

}  // namespace halfclosed::http
