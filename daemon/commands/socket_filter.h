#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "exporters/snapshot/snapshot.h"

namespace CLI {
class App;
}

namespace halfclosed {

/// Which sockets a person wants to see. What is not set lets everything through.
struct SocketFilter {
    std::vector<TcpState> states{};
    std::vector<tracking::Cause> causes{};
    std::vector<std::string> owners{};
    std::chrono::nanoseconds older_than{0};

    void add_flags(CLI::App& command);
    bool admits(const tracking::TrackedSocket& socket, const exporters::Snapshot& snapshot) const;

    /// A transition is of a state that it leaves or enters; cause, owner and age are a socket's, not a transition's.
    bool admits(const tracking::Transition& transition) const;

    /// Takes the sockets that it does not admit out of the snapshot.
    void apply(exporters::Snapshot& snapshot) const;
};

}  // namespace halfclosed
