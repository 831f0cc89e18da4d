#include "exporters/events/rate_limit.h"

#include <utility>

namespace halfclosed::exporters {

void RateLimit::turn(Instant now) {
    if (started_ && now - second_ < std::chrono::seconds{1}) {
        return;
    }
    started_ = true;
    second_ = now;
    admitted_ = 0;
    untold_ += std::exchange(suppressed_, 0);
}

RateLimit::Answer RateLimit::ask(Instant now) {
    turn(now);
    if (admitted_ >= per_second_) {
        ++suppressed_;
        return {};
    }
    ++admitted_;
    return {true, std::exchange(untold_, 0)};
}

std::uint64_t RateLimit::settle(Instant now) {
    turn(now);
    return std::exchange(untold_, 0);
}

}  // namespace halfclosed::exporters
