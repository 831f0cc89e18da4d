#include "observer/exact_sockets.h"

#include <algorithm>
#include <utility>

namespace halfclosed {

namespace {

bool is_told(const ExactSockets::Known& socket, Instant now) {
    return socket.expires && socket.since && now - *socket.since < ExactSockets::kYoung;
}

/// As net/ipv4/inet_diag.c:inet_twsk_diag_fill says it.
SocketRecord record_of(const ExactSockets::Known& socket, NamespaceId space, Instant now) {
    const SocketIdentity& identity = socket.identity;
    SocketRecord record;
    record.cookie = identity.cookie;
    record.family = identity.family;
    record.state = TcpState::fin_wait2;
    record.timer = {Timer::Kind::timewait, 0,
                    std::max(std::chrono::floor<std::chrono::milliseconds>(*socket.expires - now),
                             std::chrono::milliseconds{0})};
    record.local = identity.local;
    record.remote = identity.remote;
    record.interface = identity.interface;
    record.netns = space;
    return record;
}

}  // namespace

void ExactSockets::read(const exact::Source& source, Instant now) {
    spaces_.clear();
    source.for_each_socket([this, now](const ExactSocket& socket) {
        Space& space = spaces_[socket.space];
        space.annotations->add(socket);
        if (socket.state == TcpState::close || ++space.half_closed > kMostKnown) {
            return;
        }
        space.known.push_back({socket.identity, socket.minisock, socket.since, socket.expires});
        space.to_ask += is_told(space.known.back(), now) ? 0 : 1;
    });
    for (auto& [id, space] : spaces_) {
        space.annotations->sort();
    }
}

ExactSockets::Look ExactSockets::look(NamespaceId space, Instant now) const {
    Look look;
    for (const Known& socket : known(space)) {
        if (is_told(socket, now)) {
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
