#include "follower.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>

namespace halfclosed {

namespace {

Instant now() {
    timespec time{};
    clock_gettime(CLOCK_BOOTTIME, &time);
    return Instant{std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec}};
}

}  // namespace

Follower::Follower(const ground::Connection& connection, std::chrono::milliseconds fin_timeout)
    : query_{StateSet(kHalfClosedStates, {TcpState::established}),
             {{connection.server_port, connection.server_port}}},
      tracker_(tracking::WatchedPorts(query_.ports)) {
    tracker_.set_fin_timeout(fin_timeout);
    look();
}

void Follower::watch(std::chrono::milliseconds time) {
    const Instant end = now() + time;
    while (now() < end) {
        look();
        usleep(20'000);
    }
    look();
}

void Follower::watch_for(const std::string& ending, std::chrono::milliseconds most) {
    const Instant end = now() + most;
    while (now() < end && std::find(endings_.begin(), endings_.end(), ending) == endings_.end()) {
        look();
        usleep(20'000);
    }
}

bool Follower::went(const std::string& transition) const {
    return std::find(transitions_.begin(), transitions_.end(), transition) != transitions_.end();
}

std::optional<std::chrono::milliseconds> Follower::held(const std::string& transition) const {
    const auto found = std::find(transitions_.begin(), transitions_.end(), transition);
    if (found == transitions_.end()) {
        return std::nullopt;
    }
    const auto& held = held_[static_cast<std::size_t>(found - transitions_.begin())];
    return held ? std::optional(std::chrono::duration_cast<std::chrono::milliseconds>(*held))
                : std::nullopt;
}

void Follower::look() {
    const Instant asked = now();
    std::vector<SocketRecord> records;
    session_.dump(query_, [&records](const SocketRecord& record) { records.push_back(record); });
    note(tracker_.observe(records, asked));
    std::vector<tracking::Confirmation> answers;
    for (const SocketIdentity& socket : tracker_.missing()) {
        const auto found = session_.get(socket);
        answers.push_back({socket.cookie, found ? std::optional(found->record) : std::nullopt});
    }
    note(tracker_.confirm(answers, now()));
}

void Follower::note(const tracking::Changes& changes) {
    for (const tracking::Transition& transition : changes.transitions) {
        transitions_.push_back(std::string(name(transition.watched.side)) + " " +
                               name(transition.edge.from) + " -> " + name(transition.edge.to));
        held_.push_back(transition.held);
    }
    for (const tracking::Ending& ending : changes.endings) {
        const std::string side = name(ending.watched.side);
        endings_.push_back(ending.fin_wait2 ? side + " fin_wait2 " + name(*ending.fin_wait2)
                                            : side + " close_wait " + name(*ending.close_wait));
    }
}

}  // namespace halfclosed
