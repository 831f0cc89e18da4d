#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include "records/instant.h"

namespace halfclosed {

/// How often looks are really made, against how often somebody wanted them. A machine without a clock.
class LookPace {
 public:
    explicit LookPace(std::chrono::nanoseconds wanted) : wanted_(wanted), average_(wanted) {}

    /// A look starts.
    void note(Instant start);

    /// The next look is to be made so long after the last.
    void plan(std::chrono::nanoseconds interval) { planned_ = interval; }

    /// From one look to the next: as planned, or as they really were made, smoothed, where that is longer.
    std::chrono::nanoseconds in_force() const { return std::max(planned_, average_); }

    /// "A look each 92ms, where 5ms was asked for."; empty if they are made as wanted, give or take a fifth, or too
    /// few were made to tell.
    std::string sentence() const;

    /// As sentence(), once; anew where the pace has halved since it was told.
    std::string news();

 private:
    std::chrono::nanoseconds wanted_;
    std::chrono::nanoseconds average_;
    std::chrono::nanoseconds planned_{0};
    std::chrono::nanoseconds told_{0};
    Instant last_{};
    unsigned looks_ = 0;
};

}  // namespace halfclosed
