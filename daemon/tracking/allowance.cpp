#include "tracking/allowance.h"

#include <algorithm>
#include <utility>

namespace halfclosed::tracking {

Allowance::Share& Allowance::Share::operator=(Share&& other) noexcept {
    if (this != &other) {
        if (allowance_) {
            hold(0);
        }
        allowance_ = std::move(other.allowance_);
        size_ = other.size_;
    }
    return *this;
}

Allowance::Share::~Share() {
    if (allowance_) {
        hold(0);
    }
}

void Allowance::Share::hold(std::size_t size) {
    allowance_->taken_ = allowance_->taken_ - size_ + size;
    size_ = size;
}

std::size_t Allowance::Share::most() const {
    const std::size_t others = allowance_->taken_ - size_;
    return allowance_->most_ - std::min(allowance_->most_, others);
}

}  // namespace halfclosed::tracking
