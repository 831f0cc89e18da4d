#pragma once

#include "tracking/watched_ports.h"

namespace halfclosed::scenarios {

using tracking::Side;

/// One thing for each end of the connection.
template <typename Thing>
struct PerSide {
    Thing server;
    Thing client;

    Thing& of(Side side) { return side == Side::server ? server : client; }
    const Thing& of(Side side) const { return side == Side::server ? server : client; }
    bool operator==(const PerSide&) const = default;
};

constexpr Side other(Side side) {
    return side == Side::server ? Side::client : Side::server;
}

}  // namespace halfclosed::scenarios
