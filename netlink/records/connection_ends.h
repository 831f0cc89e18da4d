#pragma once

#include "records/endpoint.h"

namespace halfclosed {

/// A connection as the socket at one of its ends sees it. Where addresses or ports are translated on the way, the other
/// end's are not these two turned round.
struct ConnectionEnds {
    Endpoint local;
    Endpoint remote;

    ConnectionEnds reversed() const { return {remote, local}; }
    bool operator==(const ConnectionEnds&) const = default;
};

}  // namespace halfclosed
