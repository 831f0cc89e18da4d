#include "scenarios/player/socket_reader.h"

#include <algorithm>

#include "host/netstat.h"
#include "posix/clock.h"

namespace halfclosed::scenarios {

namespace {

Instant now() {
    return Instant{posix::boot_clock_now()};
}

}  // namespace

SocketReader::SocketReader(std::uint16_t port)
    : tracker_(tracking::WatchedPorts({{port, port}})), estab_resets_(host::read_estab_resets()) {
    read(port, port);  // what is found at the first look was there before
}

packetdrill::Seen SocketReader::read(std::uint16_t local_port, std::uint16_t remote_port) {
    sockets_.clear();
    const Instant asked = now();
    session_.dump({}, [this](const SocketRecord& record) { sockets_.push_back(record); });
    take(tracker_.observe(sockets_, asked));
    std::vector<tracking::Confirmation> answers;
    for (const SocketIdentity& socket : tracker_.missing()) {
        const auto found = session_.get(socket);
        answers.push_back({socket.cookie, found ? std::optional(found->record) : std::nullopt});
    }
    if (!answers.empty()) {
        // The namespace has one connection at a time: whatever was reset, it was this one.
        const std::uint64_t resets = host::read_estab_resets();
        const bool reset = std::exchange(estab_resets_, resets) != resets;
        take(tracker_.confirm(answers, now(),
                              reset ? tracking::Resets::all : tracking::Resets::none));
    }
    packetdrill::Seen seen;
    for (const SocketRecord& record : sockets_) {
        // In CLOSE it is being taken apart (net/ipv4/tcp.c:tcp_done).
        if (record.local.port == local_port && record.remote.port == remote_port &&
            record.state != TcpState::listen && record.state != TcpState::close) {
            seen = {record.state, tracking::custody(record), tracking::cause(record)};
        }
    }
    return seen;
}

void SocketReader::take(const tracking::Changes& changes) {
    for (const tracking::Transition& transition : changes.transitions) {
        edges_.push_back(transition.edge);
    }
}

std::uint64_t SocketReader::count(TcpState state) const {
    return static_cast<std::uint64_t>(
        std::count_if(sockets_.begin(), sockets_.end(),
                      [state](const SocketRecord& record) { return record.state == state; }));
}

}  // namespace halfclosed::scenarios
