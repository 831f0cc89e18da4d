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
};

const char* name(Evidence evidence);

/// One socket went one edge.
struct Transition {
    SocketIdentity socket;
    PortMatch watched;
    Edge edge{};
    Evidence evidence = Evidence::seen;
    std::optional<Duration> held;  ///< how long it was in edge.from, where that is known

    bool operator==(const Transition&) const = default;
};

/// How FIN-WAIT-2 ended.
enum class FinWait2End : std::uint8_t { peer_closed, expired, killed };
const char* name(FinWait2End end);

/// How CLOSE-WAIT ended: with our FIN, or with a reset.
enum class CloseWaitEnd : std::uint8_t { closed, aborted };
const char* name(CloseWaitEnd end);

/// A half-closed state is over.
struct Ending {
    SocketIdentity socket;
    PortMatch watched;
    std::optional<FinWait2End> fin_wait2;  ///< one of the two is set
    std::optional<CloseWaitEnd> close_wait;

    bool operator==(const Ending&) const = default;
};

}  // namespace halfclosed::tracking
