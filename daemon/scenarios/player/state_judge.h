#pragma once

#include <functional>
#include <optional>
#include <string>

#include "scenarios/packetdrill/connection_model.h"
#include "scenarios/player/socket_reader.h"

namespace halfclosed::scenarios {

/// Compares what the daemon's own reader makes of the kernel's sockets, states, custody, causes and the tracker's
/// transitions, with what the script says must be.
class StateJudge {
 public:
    /// Throws netlink::Error.
    explicit StateJudge(std::uint16_t port) : reader_(port) {}

    packetdrill::ConnectionModel& model() { return model_; }

    /// Reads until what is read is what must be, and at most for kPatience, and calls `meanwhile` between: a call that is
    /// under way may return. Returns what is wrong in the end. Throws netlink::Error.
    std::optional<std::string> judge(std::uint16_t local_port, std::uint16_t remote_port,
                                     const std::function<void()>& meanwhile);

    /// As last read.
    const packetdrill::Seen& seen() const { return seen_; }
    /// Whether the script says how it must be.
    bool says() const { return model_.implied().has_value(); }
    /// How many sockets were last read in this state.
    std::uint64_t count(TcpState state) const { return reader_.count(state); }

 private:
    std::optional<std::string> compare_edges();

    packetdrill::ConnectionModel model_;
    SocketReader reader_;
    packetdrill::Seen seen_;
    std::vector<tracking::Edge> implied_edges_;  ///< since the last time that all agreed
    std::vector<tracking::Edge> told_edges_;
};

}  // namespace halfclosed::scenarios
