#pragma once

#include <chrono>

#include "exact/bpf/layout_in_cpp.h"
#include "records/instant.h"

namespace halfclosed::exact {

// Steps that no program was told of, of sockets that the table has still: those that a get proves.

/// Of a closed socket that is in TIME-WAIT now.
exact_counters steps_into_time_wait(const exact_socket& last_seen);

/// Of a socket that is gone: from LAST-ACK, and from FIN-WAIT-2 when its time was up, one way only leads out. Otherwise
/// nothing: nobody knows. `tick`: a jiffy's length; 0: what becomes of minisocks is not told.
exact_counters steps_to_the_end(const exact_socket& last_seen, Instant now,
                                std::chrono::nanoseconds tick);

}  // namespace halfclosed::exact
