#pragma once

#include <optional>
#include <string>

#include "records/tcp_state.h"
#include "tracking/cause.h"
#include "tracking/custody.h"

namespace halfclosed::scenarios::packetdrill {

/// The connection of a script in one moment, as it was read, or as it must be.
struct Seen {
    TcpState state = TcpState::close;          ///< close: the kernel has no socket of it
    std::optional<tracking::Custody> custody;  ///< of a socket
    std::optional<tracking::Cause> cause;      ///< in CLOSE-WAIT

    bool operator==(const Seen&) const = default;
};

/// "CLOSE-WAIT (process, unread)", "CLOSE".
std::string to_string(const Seen& seen);

/// Whether what was read is what must be; a cause that is not implied is not compared.
bool agrees(const Seen& implied, const Seen& read);

}  // namespace halfclosed::scenarios::packetdrill
