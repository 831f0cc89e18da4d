#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "records/tcp_state.h"
#include "scenarios/definition/per_side.h"
#include "scenarios/definition/relative_duration.h"
#include "tracking/custody.h"

namespace halfclosed::scenarios {

/// A state that an end must pass through, in its place in the order.
struct ExpectedState {
    TcpState state = TcpState::close;
    bool may_be_implied =
        false;  ///< it may be shorter than any poll: then calls and counters must prove it
    std::optional<RelativeDuration> at_least;  ///< how long the end is in it
    std::optional<RelativeDuration> at_most;
    /// Who holds it when it leaves the state. Before that others may have: close() sends the FIN an
    /// instant before it lets go of the socket.
    std::optional<tracking::Custody> custody;

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

/// A call on which something hangs: the nth of this name that a program makes.
struct CallReference {
    Side who = Side::client;
    std::string call;
    std::uint64_t nth = 1;

    bool operator==(const CallReference&) const = default;
};

/// What the machine must have managed in time for the run to be a case of the scenario at all: from
/// the begin of one call to the end of the other. A run that missed it says nothing, and is
/// repeated.
struct TimingPrecondition {
    CallReference from;
    CallReference to;
    RelativeDuration at_most;

    bool operator==(const TimingPrecondition&) const = default;
};

/// The trace as TCP should write it.
struct Expectation {
    PerSide<std::vector<ExpectedState>> states;
    PerSide<std::vector<ExpectedCall>> calls;
    PerSide<std::optional<Exit>> exits;  ///< nothing: the program runs on to the end of the trace
    /// How far each counter moves; one of the judged counters that is not named must not move.
    std::map<std::string, std::uint64_t> events;
    std::uint64_t minisocks = 0;  ///< how many FIN-WAIT-2 or TIME-WAIT minisocks are made
    std::optional<std::vector<std::uint64_t>> orphan;  ///< the counts one after another: 0, 1, 0
    std::optional<std::vector<std::uint64_t>> tw;
    /// What the tracker must say of the end that was in FIN-WAIT-2: peer_closed, expired, killed.
    std::optional<std::string> fin_wait2_ended;
    std::optional<std::vector<std::string>> packets;  ///< "client S", "server S.", "client P. 4"
    std::vector<TimingPrecondition> preconditions;

    bool operator==(const Expectation&) const = default;
};

}  // namespace halfclosed::scenarios
