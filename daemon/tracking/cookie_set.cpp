#include "tracking/cookie_set.h"

#include <bit>
#include <utility>

namespace halfclosed::tracking {

namespace {
constexpr std::size_t kSmallest = 64;
}

std::size_t CookieSet::slot(std::uint64_t value) const {
    // Fibonacci hashing: cookies come from counters, and a counter's neighbours land far apart.
    const int bits = std::countr_zero(slots_.size());
    auto index = static_cast<std::size_t>((value * 0x9E3779B97F4A7C15U) >> (64 - bits));
    while (slots_[index] != 0 && slots_[index] != value) {
        index = (index + 1) & (slots_.size() - 1);
    }
    return index;
}

bool CookieSet::insert(Cookie cookie) {
    if (8 * (size_ + 1) > 7 * slots_.size()) {
        grow();
    }
    const auto value = static_cast<std::uint64_t>(cookie);
    std::uint64_t& place = slots_[slot(value)];
    if (place == value) {
        return false;
    }
    place = value;
    ++size_;
    return true;
}

bool CookieSet::contains(Cookie cookie) const {
    const auto value = static_cast<std::uint64_t>(cookie);
    return !slots_.empty() && slots_[slot(value)] == value;
}

void CookieSet::clear() {
    slots_.clear();
    size_ = 0;
}

void CookieSet::grow() {
    std::vector<std::uint64_t> old(slots_.empty() ? kSmallest : 2 * slots_.size());
    old.swap(slots_);
    for (const std::uint64_t value : old) {
        if (value != 0) {
            slots_[slot(value)] = value;
        }
    }
}

}  // namespace halfclosed::tracking
