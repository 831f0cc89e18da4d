#include "tracking/listeners.h"

#include <algorithm>

namespace halfclosed::tracking {

namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr Bytes kMappedAny{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const Bytes& bytes) {
    return std::equal(bytes.begin(), bytes.begin() + 12, kMappedAny.begin());
}

}  // namespace

void Listeners::begin_look(Instant now) {
    known_ = true;
    now_ = now;
    const auto forgotten = [now](const auto& told) { return now - told.second > kMemory; };
    if (std::erase_if(last_told_, forgotten) + std::erase_if(on_any_address_, forgotten) == 0) {
        return;
    }
    ports_.reset();
    for (const auto& [key, told] : last_told_) {
        ports_.set(std::get<std::uint16_t>(key));
    }
    for (const auto& [port, told] : on_any_address_) {
        ports_.set(port);
    }
}

void Listeners::see(const SocketRecord& listener) {
    const Key key{listener.family, listener.local.address.bytes, listener.local.port};
    if (last_told_.size() < kMost || last_told_.contains(key)) {
        last_told_[key] = now_;
    } else {
        on_any_address_[listener.local.port] = now_;
    }
    ports_.set(listener.local.port);
}

bool Listeners::listens(const SocketRecord& socket) const {
    const std::uint16_t port = socket.local.port;
    if (!ports_.test(port)) {
        return false;
    }
    if (on_any_address_.contains(port)) {
        return true;
    }
    const Bytes& address = socket.local.address.bytes;
    return last_told_.contains({socket.family, address, port}) ||
           last_told_.contains({socket.family, Bytes{}, port}) ||
           (socket.family == Family::ipv6 && is_mapped(address) &&
            last_told_.contains({socket.family, kMappedAny, port}));
}

}  // namespace halfclosed::tracking
