#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>

#include "records/instant.h"

namespace halfclosed::exporters {

/// How many follow /api/v1/live. Each answer is somebody who looks, until some time after he would have asked again. One
/// who asks faster than he is told to counts more than once: that makes the others ask less often, within the bounds of
/// poll_seconds.
class Viewers {
 public:
    /// Answers that are asked for at the same moment must not take each other for all there are; a poll of
    /// the page may be late, too.
    static constexpr std::chrono::seconds kGrace{1};

    void answered(Instant now, std::chrono::nanoseconds pause);
    std::size_t count(Instant now);

 private:
    static std::int64_t second(Instant instant);

    std::map<std::int64_t, std::size_t>
        until_;  ///< of each second, those who are counted until its end
};

}  // namespace halfclosed::exporters
