#pragma once

#include <chrono>

#include "records/instant.h"

namespace halfclosed {

/// How often the configuration may be read anew: a few times at once, then once in a while. A machine without a clock.
class ReloadLimit {
 public:
    static constexpr int kAtOnce = 5;
    static constexpr std::chrono::seconds kPause{5};

    /// Whether it may be now; if so, it counts.
    bool take(Instant now) {
        const Instant earliest = now - kAtOnce * kPause;
        next_ = next_ < earliest ? earliest : next_;
        if (next_ + kPause > now) {
            return false;
        }
        next_ += kPause;
        return true;
    }

    /// How long until it may be.
    std::chrono::nanoseconds wait(Instant now) const {
        return next_ + kPause > now ? next_ + kPause - now : std::chrono::nanoseconds{0};
    }

 private:
    Instant next_{-kAtOnce * kPause};  ///< each that is taken moves it by a pause
};

}  // namespace halfclosed
