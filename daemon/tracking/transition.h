#pragma once

#include <cstdint>
#include <optional>

#include "records/instant.h"
#include "records/socket_record.h"
#include "tracking/state_machine.h"
#include "tracking/watched_ports.h"

namespace halfclosed::tracking {

enum class Evidence : std::uint8_t {
    seen,     ///< one poll saw the state before, a later one the state after
    implied,  ///< must have been passed between what was seen
    exact,    ///< the kernel itself counted it when it happened
};

const char* name(Evidence evidence);

/// One socket went one edge.
struct Transition {
    SocketIdentity socket;
    PortMatch watched;
    Edge edge{};
    Evidence evidence = Evidence::seen;
    std::optional<Duration> held;  ///< how long it was in edge.from, if that is known

    bool operator==(const Transition&) const = default;
};

}  // namespace halfclosed::tracking
