#include "observer/exact_sockets.h"

#include <algorithm>
#include <utility>

namespace halfclosed {

namespace {

/// Of a minisock as net/ipv4/inet_diag.c:inet_twsk_diag_fill says it.
SocketRecord record_of(const ExactSockets::Known& socket, NamespaceId space, Instant now) {
    const SocketIdentity& identity = socket.identity;
    SocketRecord record;
    record.cookie = identity.cookie;
    record.family = identity.family;
    if (socket.expires) {
        record.state = TcpState::fin_wait2;
        record.timer = {
            Timer::Kind::timewait, 0,
            std::max(std::chrono::floor<std::chrono::milliseconds>(*socket.expires - now),
                     std::chrono::milliseconds{0})};
    } else {
        record.state = socket.state;
        record.brief = true;
    }
    record.local = identity.local;
    record.remote = identity.remote;
    record.interface = identity.interface;
    record.netns = space;
    return record;
}

}  // namespace

bool ExactSockets::is_told(const ExactSocket& socket, Space& space, Instant now,
                           const Storm& storm) {
    const bool lasts = socket.held || (socket.state == TcpState::fin_wait2 && !socket.minisock);
    const bool waits = lasts && storm.turn && !has_turn(socket.identity.cookie, *storm.turn);
    if (!socket.since) {
        return waits;
    }
    const Duration age = now - *socket.since;
    if (socket.expires) {
        return age < kYoung;
    }
    if (age >= kOld) {
        return waits;
    }
    return socket.held && age < storm.young && ++space.young_asked > storm.most_asked;
}

/// The kernel gives cookies in order, and the ends of one connection every other: neighbours are spread.
bool ExactSockets::has_turn(Cookie cookie, unsigned turn) {
    constexpr std::uint64_t kGoldenRatio = 0x9e37'79b9'7f4a'7c15;  // of 2^64: Fibonacci hashing
    return ((static_cast<std::uint64_t>(cookie) * kGoldenRatio) >> 32U) % kTurns == turn % kTurns;
}

void ExactSockets::read(const exact::Source& source, Instant now, const Storm& storm) {
    spaces_.clear();
    source.for_each_socket([&](const ExactSocket& socket) { add(socket, now, storm); });
    for (auto& [id, space] : spaces_) {
        space.annotations->sort();
    }
}

void ExactSockets::add(const ExactSocket& socket, Instant now, const Storm& storm) {
    Space& space = spaces_[socket.space];
    space.annotations->add(socket);
    if (socket.state == TcpState::close) {
        return;
    }
    if (++space.half_closed > kMostKnown) {
        space.known = std::vector<Known>();  // so many are not asked for one by one
        return;
    }
    const bool told = is_told(socket, space, now, storm);
    space.known.push_back({socket.identity, socket.state, socket.minisock, socket.expires, told});
    space.to_ask += told ? 0 : 1;
}

ExactSockets::Look ExactSockets::look(NamespaceId space, Instant now,
                                      const tracking::CookieSet& doubtful) const {
    Look look;
    for (const Known& socket : known(space)) {
        if (socket.told && !doubtful.contains(socket.identity.cookie)) {
            look.told.push_back(record_of(socket, space, now));
        } else {
            look.ask.push_back(socket.identity);
        }
    }
    return look;
}

std::size_t ExactSockets::to_ask(NamespaceId space) const {
    const auto found = spaces_.find(space);
    return found == spaces_.end() ? 0 : found->second.to_ask;
}

std::span<const ExactSockets::Known> ExactSockets::known(NamespaceId space) const {
    const auto found = spaces_.find(space);
    return found == spaces_.end() ? std::span<const Known>() : found->second.known;
}

std::size_t ExactSockets::half_closed(NamespaceId space) const {
    const auto found = spaces_.find(space);
    return found == spaces_.end() ? 0 : found->second.half_closed;
}

std::optional<tracking::Annotations> ExactSockets::take_annotations(NamespaceId space) {
    const auto found = spaces_.find(space);
    return found == spaces_.end() ? tracking::Annotations()
                                  : std::exchange(found->second.annotations, std::nullopt);
}

}  // namespace halfclosed
