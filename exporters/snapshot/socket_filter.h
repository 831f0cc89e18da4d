#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"

namespace halfclosed::exporters {

/// Which sockets a person wants to see. What is not set lets everything through.
struct SocketFilter {
    std::vector<TcpState> states{};
    std::vector<tracking::Cause> causes{};
    std::vector<std::string> owners{};  ///< names, as owner_label() has them, or bare units
    std::chrono::nanoseconds older_than{0};

    bool operator==(const SocketFilter&) const = default;

    /// Shown, if it cannot be known: a socket of which only the least age is known may well be older than that.
    bool admits(const tracking::TrackedSocket& socket, const Snapshot& snapshot) const;

    bool admits(const tracking::DeadSocket& dead, const Snapshot& snapshot) const;

    /// A transition is of a state that it leaves or enters. Cause and owner are the socket's in that state, and its age
    /// is how long it was in the half-closed state that it leaves: `before` and `after` are the snapshots on either side
    /// of it.
    bool admits(const tracking::Transition& transition, const Snapshot& before,
                const Snapshot& after) const;

    /// Takes the sockets that it does not admit out of the snapshot.
    void apply(Snapshot& snapshot) const;
};

/// A half-closed state, or "close" for dead sockets: "close_wait", "close-wait" or "CLOSE-WAIT". Throws
/// std::invalid_argument with the value and what is expected.
TcpState parse_half_closed_state(const std::string& text);
tracking::Cause parse_cause(const std::string& text);

}  // namespace halfclosed::exporters
