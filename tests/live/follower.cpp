#include "follower.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "host/netstat.h"

namespace halfclosed {

namespace {

Instant now() {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return Instant{std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec}};
}

}  // namespace

Follower::Follower(const ground::Connection& connection, std::chrono::milliseconds fin_timeout)
    : query_{StateSet(kHalfClosedStates, {TcpState::established}),
             {{connection.server_port, connection.server_port}}},
      tracker_(tracking::WatchedPorts(query_.ports)) {
    tracker_.set_fin_timeout(fin_timeout);
    resets_ = host::read_estab_resets();
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

std::optional<Duration> Follower::ended_after(const std::string& ending) const {
    const auto found = std::find(endings_.begin(), endings_.end(), ending);
    return found == endings_.end()
               ? std::nullopt
               : ended_after_[static_cast<std::size_t>(found - endings_.begin())];
}

void Follower::look() {
    const std::uint64_t before = std::exchange(resets_, host::read_estab_resets());
    const Instant asked = now();
    std::vector<SocketRecord> records;
    session_.dump(query_, [&records](const SocketRecord& record) { records.push_back(record); });
    note(tracker_.observe(records, asked));
    std::vector<tracking::Confirmation> answers;
    for (const SocketIdentity& socket : tracker_.missing()) {
        const auto found = session_.get(socket);
        answers.push_back({socket.cookie, found ? std::optional(found->record) : std::nullopt});
    }
    const bool none = host::read_estab_resets() == before;
    note(tracker_.confirm(answers, now(),
                          none ? tracking::Resets::none : tracking::Resets::not_known));
}

void Follower::note(const tracking::Changes& changes) {
    for (const tracking::Transition& transition : changes.transitions) {
        transitions_.push_back(std::string(name(transition.watched.side)) + " " +
                               name(transition.edge.from) + " -> " + name(transition.edge.to));
        held_.push_back(transition.held);
    }
    for (const tracking::StateEnd& end : changes.ends) {
        if (const char* how = name(end.how)) {
            endings_.push_back(std::string(name(end.watched.side)) + " " + name(end.state) + " " +
                               how);
            ended_after_.push_back(end.held);
        }
    }
}

}  // namespace halfclosed
