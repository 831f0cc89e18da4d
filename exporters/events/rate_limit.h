#pragma once

#include <chrono>
#include <cstdint>

#include "records/instant.h"

namespace halfclosed::exporters {

/// At most so many of one kind in a second; what is above that is counted instead.
class RateLimit {
 public:
    explicit RateLimit(std::uint64_t per_second) : per_second_(per_second) {}

    struct Answer {
        bool admitted = false;
        std::uint64_t suppressed = 0;  ///< before this one, told once, by the first of a new second
    };
    Answer ask(Instant now);

    /// What was suppressed and not told yet, once the second is over; then 0 until there is more.
    std::uint64_t settle(Instant now);

 private:
    void turn(Instant now);

    std::uint64_t per_second_;
    Instant second_{};
    bool started_ = false;
    std::uint64_t admitted_ = 0;
    std::uint64_t suppressed_ = 0;  ///< in this second
    std::uint64_t untold_ = 0;      ///< in the seconds before
};

}  // namespace halfclosed::exporters
