#pragma once

#include "posix/clock.h"
#include "records/instant.h"

namespace halfclosed {

/// The clock that looks and ages are told in (CLOCK_MONOTONIC).
inline Instant now() {
    return Instant{posix::monotonic_clock_now()};
}

}  // namespace halfclosed
