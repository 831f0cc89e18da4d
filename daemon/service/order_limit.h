#pragma once

#include <chrono>

#include "records/instant.h"

namespace halfclosed {

/// How often something may be asked for: so often at once, then once in each pause. A machine without a clock.
class OrderLimit {
 public:
    OrderLimit(int at_once, std::chrono::nanoseconds pause)
        : at_once_(at_once), pause_(pause), next_(-at_once * pause) {}

    /// Whether it may be now; if so, it counts.
    bool take(Instant now) {
        const Instant earliest = now - at_once_ * pause_;
        next_ = next_ < earliest ? earliest : next_;
        if (next_ + pause_ > now) {
            return false;
        }
        next_ += pause_;
        return true;
    }

    /// How long until it may be.
    std::chrono::nanoseconds wait(Instant now) const {
        return next_ + pause_ > now ? next_ + pause_ - now : std::chrono::nanoseconds{0};
    }

 private:
    int at_once_;
    std::chrono::nanoseconds pause_;
    Instant next_;  ///< each that is taken moves it by a pause
};

/// A reload is asked for over the control socket.
inline OrderLimit reload_limit() {
    return {5, std::chrono::seconds{5}};
}

/// SIGHUP, which only root and the daemon's own user can send.
inline OrderLimit hangup_limit() {
    return {20, std::chrono::milliseconds{100}};
}

/// Anything is asked of the event loop over the control socket.
inline OrderLimit control_limit() {
    return {50, std::chrono::milliseconds{100}};
}

}  // namespace halfclosed
