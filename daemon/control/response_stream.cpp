#include "control/response_stream.h"

#include <utility>

namespace halfclosed::control {

void Stream::write(const std::string& text) {
    if (ended_) {
        return;
    }
    unread_ += text;
    if (unread_.size() > kMostUnread) {
        gone();
    } else {
        wake();
    }
}

void Stream::end() {
    ended_ = true;
    wake();
}

void Stream::gone() {
    if (std::exchange(ended_, true)) {
        return;
    }
    unread_.clear();
    wake();
    if (on_gone_) {
        on_gone_();
    }
}

void Stream::wake() {
    if (const auto wake = std::exchange(wake_, nullptr)) {
        wake();
    }
}

}  // namespace halfclosed::control
