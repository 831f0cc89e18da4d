#include "http/stream.h"

#include <algorithm>
#include <utility>

namespace halfclosed::http {

void Stream::write(const std::string& text) {
    {
        const std::lock_guard lock(mutex_);
        if (ended_) {
            return;
        }
        if (text.size() <= most_unread_ - unread_.size()) {
            unread_ += text;
            wake();
            return;
        }
    }
    gone();
}

void Stream::end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    wake();
}

void Stream::gone() {
    std::function<void()> tell;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(ended_, true)) {
            return;
        }
        unread_.clear();
        wake();
        tell = std::exchange(on_gone_, nullptr);
    }
    if (tell) {
        tell();
    }
}

std::optional<std::size_t> Stream::read(char* to, std::size_t room,
                                        const std::function<void()>& wait,
                                        std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    if (!unread_.empty()) {
        const std::size_t count = unread_.copy(to, room);
        unread_.erase(0, count);
        return count;
    }
    if (ended_) {
        return std::nullopt;
    }
    wake_ = std::move(wake);
    wait();
    return 0;
}

bool Stream::ended() const {
    const std::lock_guard lock(mutex_);
    return ended_;
}

void Stream::wake() {
    if (const auto wake = std::exchange(wake_, nullptr)) {
        wake();
    }
}

}  // namespace halfclosed::http
