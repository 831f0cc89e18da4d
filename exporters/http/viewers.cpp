#include "exporters/http/viewers.h"

namespace halfclosed::exporters {

void Viewers::answered(Instant now, std::chrono::nanoseconds pause) {
    ++until_[second(now + pause + kGrace)];
}

std::size_t Viewers::count(Instant now) {
    until_.erase(until_.begin(), until_.lower_bound(second(now)));
    std::size_t viewers = 0;
    for (const auto& [until, each] : until_) {
        viewers += each;
    }
    return viewers;
}

std::int64_t Viewers::second(Instant instant) {
    return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
}

}  // namespace halfclosed::exporters
