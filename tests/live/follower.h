#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ground/connection.h"
#include "netlink/session.h"
#include "tracking/tracker.h"

namespace halfclosed {

/// Looks at one connection every 20 ms, the way the daemon looks at a host: closing polls, and an exact get for each
/// socket that one of them did not have.
class Follower {
 public:
    /// Looks once: what is there is adopted.
    Follower(const ground::Connection& connection, std::chrono::milliseconds fin_timeout);

    /// Goes on looking for so long.
    void watch(std::chrono::milliseconds time);

    /// Goes on looking until something ended so ("server fin_wait2 expired") or `most` is over.
    void watch_for(const std::string& ending, std::chrono::milliseconds most);

    /// "server established -> fin_wait1", in the order in which they came.
    const std::vector<std::string>& transitions() const { return transitions_; }
    bool went(const std::string& transition) const;

    /// "server fin_wait2 expired", "client close_wait closed".
    const std::vector<std::string>& endings() const { return endings_; }

    /// How long a state that ended so had lasted.
    std::optional<Duration> ended_after(const std::string& ending) const;

    /// How long the socket was in the state that this transition left; nothing if that is not known.
    std::optional<std::chrono::milliseconds> held(const std::string& transition) const;

 private:
    void look();
    void note(const tracking::Changes& changes);

    netlink::Session session_;
    netlink::Query query_;
    tracking::Tracker tracker_;
    std::vector<std::string> transitions_;
    std::vector<std::optional<Duration>> held_;
    std::vector<std::string> endings_;
    std::vector<std::optional<Duration>> ended_after_;
    std::uint64_t resets_ = 0;  ///< EstabResets before the last dump
};

}  // namespace halfclosed
