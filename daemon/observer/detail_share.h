#pragma once

#include <algorithm>
#include <cstddef>

#include "tracking/tracker.h"

namespace halfclosed {

/// What is kept in detail is bounded for all namespaces together: while this lives a tracker may keep what the others leave
/// of it. `in_detail` is the sum over all of them, and is kept up to date.
class DetailShare {
 public:
    DetailShare(std::size_t& in_detail, std::size_t most, tracking::Tracker& tracker)
        : in_detail_(in_detail), tracker_(tracker) {
        in_detail_ -= std::min(in_detail_, tracker.in_detail());
        tracker.keep_in_detail(most - std::min(most, in_detail_));
    }
    ~DetailShare() { in_detail_ += tracker_.in_detail(); }
    DetailShare(const DetailShare&) = delete;
    DetailShare& operator=(const DetailShare&) = delete;

 private:
    std::size_t& in_detail_;
    tracking::Tracker& tracker_;
};

}  // namespace halfclosed
