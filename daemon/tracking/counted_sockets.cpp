#include "tracking/counted_sockets.h"

#include <bit>

namespace halfclosed::tracking {

namespace {
constexpr std::size_t kFewestSlots = 1'024;
}

std::size_t CountedSockets::home(Cookie cookie) const {
    // Fibonacci hashing, as in CookieSet.
    const int bits = std::countr_zero(slots_.size());
    return static_cast<std::size_t>((static_cast<std::uint64_t>(cookie) * 0x9E3779B97F4A7C15U) >>
                                    (64 - bits));
}

/// Where it is, or where it would be.
std::size_t CountedSockets::slot(Cookie cookie) const {
    std::size_t index = home(cookie);
    while (slots_[index].cookie != Cookie{} && slots_[index].cookie != cookie) {
        index = (index + 1) & (slots_.size() - 1);
    }
    return index;
}

bool CountedSockets::add(const TrackedSocket& socket, std::uint64_t poll) {
    if (size_ >= share_.most() && find(socket.record.cookie) == nullptr) {
        return false;
    }
    if (5 * (size_ + 1) > 4 * slots_.size()) {
        grow();
    }
    const SocketRecord& record = socket.record;
    Socket& place = slots_[slot(record.cookie)];
    size_ += place.cookie == Cookie{} ? 1 : 0;
    share_.hold(size_);
    place = {record.cookie,
             socket.since,
             record.cgroup_id.value_or(0),
             poll,
             static_cast<std::uint32_t>(socket.watched.label),
             socket.watched.port,
             record.state,
             socket.watched.side,
             socket.custody,
             socket.cause,
             socket.dated};
    return true;
}

CountedSockets::Socket* CountedSockets::find(Cookie cookie) {
    if (size_ == 0) {
        return nullptr;
    }
    Socket& place = slots_[slot(cookie)];
    return place.cookie == cookie ? &place : nullptr;
}

void CountedSockets::erase(Cookie cookie) {
    if (find(cookie) == nullptr) {
        return;
    }
    // What comes behind and could not have its home moves up: no search ends at the hole.
    const std::size_t mask = slots_.size() - 1;
    std::size_t hole = slot(cookie);
    for (std::size_t next = (hole + 1) & mask; slots_[next].cookie != Cookie{};
         next = (next + 1) & mask) {
        if (((next - home(slots_[next].cookie)) & mask) >= ((next - hole) & mask)) {
            slots_[hole] = slots_[next];
            hole = next;
        }
    }
    slots_[hole] = {};
    share_.hold(--size_);
    if (size_ == 0) {
        slots_ = std::vector<Socket>();  // `= {}` would keep the memory
    }
}

TrackedSocket CountedSockets::in_full(const Socket& socket, const SocketRecord& record) {
    TrackedSocket full;
    full.record = record;
    full.record.cookie = socket.cookie;
    full.record.state = socket.state;
    full.watched = socket.watched();
    full.custody = socket.custody;
    full.cause = socket.cause;
    full.since = socket.since;
    full.dated = socket.dated;
    full.last_seen = socket.since;
    if (socket.cgroup_id != 0) {
        full.record.cgroup_id = socket.cgroup_id;
    }
    return full;
}

void CountedSockets::grow() {
    std::vector<Socket> old(slots_.empty() ? kFewestSlots : 2 * slots_.size());
    old.swap(slots_);
    for (const Socket& socket : old) {
        if (socket.cookie != Cookie{}) {
            slots_[slot(socket.cookie)] = socket;
        }
    }
}

}  // namespace halfclosed::tracking
