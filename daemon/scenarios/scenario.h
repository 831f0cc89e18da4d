#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "records/tcp_state.h"
#include "tracking/instant.h"
#include "tracking/watch.h"

namespace halfclosed::scenarios {

using tracking::Duration;
using tracking::Instant;
using tracking::Side;

/// One thing for each end of the connection.
template <typename Thing>
struct Ends {
    Thing server;
    Thing client;

    Thing& of(Side side) { return side == Side::server ? server : client; }
    const Thing& of(Side side) const { return side == Side::server ? server : client; }
    bool operator==(const Ends&) const = default;
};

constexpr Side other(Side side) {
    return side == Side::server ? Side::client : Side::server;
}

/// A stretch of time, in part in terms of the run's FIN-WAIT-2 timeout: "60ms", "fin_timeout",
/// "fin_timeout + 1s".
struct Span {
    bool fin_timeout = false;
    Duration fixed{0};

    Duration in(std::chrono::seconds timeout) const {
        return fixed + (fin_timeout ? Duration{timeout} : Duration{0});
    }
    bool operator==(const Span&) const = default;
};

/// A reference program and what it is told.
struct Actor {
    std::string program;
    std::vector<std::string> flags;

    bool operator==(const Actor&) const = default;
};

/// A signal that the lab sends when both ends are as said and have been for `held`.
struct Step {
    Ends<std::optional<TcpState>> when;
    Span held;
    Side to = Side::client;
    int signal = 0;

    bool operator==(const Step&) const = default;
};

/// A state that an end must pass through, in its place in the order.
struct ExpectedState {
    TcpState state = TcpState::close;
    bool may_be_implied =
        false;  ///< it may be shorter than any poll: then calls and counters must prove it
    std::optional<Span> at_least;  ///< how long the end is in it
    std::optional<Span> at_most;

    bool operator==(const ExpectedState&) const = default;
};

/// "read = 26", "write = -1 EPIPE"; "accept" alone: whatever it returns, it does not fail.
struct ExpectedCall {
    std::string name;
    std::optional<std::int64_t> result;
    std::string error;  ///< the errno's name; empty: none

    bool operator==(const ExpectedCall&) const = default;
};

/// How a process ends.
struct Exit {
    bool by_signal = false;
    int number = 0;  ///< of the signal, or the exit status

    bool operator==(const Exit&) const = default;
};

/// A call on which a premise hangs: the first of this name.
struct CallReference {
    Side who = Side::client;
    std::string call;

    bool operator==(const CallReference&) const = default;
};

/// What the machine must have managed in time for the run to be a case of the scenario at all: from
/// the begin of one call to the end of the other. A run that missed it says nothing, and is
/// repeated.
struct Premise {
    CallReference from;
    CallReference to;
    Span at_most;

    bool operator==(const Premise&) const = default;
};

/// The story as TCP should write it.
struct Expectation {
    Ends<std::vector<ExpectedState>> states;
    Ends<std::vector<ExpectedCall>> calls;
    Exit client_ends;
    /// How far each counter moves; one of the judged counters that is not named must not move.
    std::map<std::string, std::uint64_t> events;
    std::uint64_t minisocks = 0;  ///< how many FIN-WAIT-2 or TIME-WAIT minisocks are made
    std::optional<std::vector<std::uint64_t>> orphan;  ///< the counts one after another: 0, 1, 0
    std::optional<std::vector<std::uint64_t>> tw;
    std::optional<std::string>
        fin_wait2_ended;  ///< what the tracker must say: peer_closed, expired, killed
    std::optional<std::vector<std::string>> packets;  ///< "client S", "server S.", "client P. 4"
    std::vector<Premise> premises;

    bool operator==(const Expectation&) const = default;
};

/// One way for a connection to end: who does what, and what must be seen. Read from a scenario
/// file.
struct Scenario {
    std::string name;
    std::string summary;                   ///< one line
    std::string explanation;               ///< two sentences
    std::vector<std::string> governed_by;  ///< the sysctls that decide how it goes
    std::map<std::string, std::string>
        sysctls;  ///< set in the namespace before the start; tcp_fin_timeout aside
    Ends<Actor> actors;
    std::vector<Step> steps;
    Span limit;  ///< the run is given up after this time
    Expectation expect;

    bool operator==(const Scenario&) const = default;
};

}  // namespace halfclosed::scenarios
