#include "tracking/dead_sockets.h"

#include <utility>

namespace halfclosed::tracking {

namespace {

/// Half of a candidate's places are kept for sockets that were in CLOSE-WAIT for so long: what comes and goes within a
/// moment is hardly ever a descriptor that somebody forgot.
constexpr std::chrono::seconds kLong{3};

}  // namespace

bool DeadSockets::add(const TrackedSocket& socket, Instant now, bool pending) {
    const bool long_lived = socket.last_seen - socket.since >= kLong;
    const std::size_t most = candidates_share_.most() / (long_lived ? 1 : 2);
    if (socket.record.inode == 0 || entries_.size() >= all_.most() || candidates_ >= most) {
        return false;
    }
    const auto [known, is_new] = entries_.try_emplace(socket.record.cookie);
    Entry& entry = known->second;
    candidates_ += is_new ? 1 : 0;
    entry.dead = {socket, now};
    entry.dead.socket.record.state = TcpState::close;
    entry.dead.socket.record.timer = {};
    entry.pending = pending;
    tell_shares();
    return true;
}

void DeadSockets::tell_shares() {
    all_.hold(entries_.size());
    candidates_share_.hold(candidates_);
}

std::vector<DescriptorQuestion> DeadSockets::to_check() const {
    std::vector<DescriptorQuestion> result;
    result.reserve(entries_.size());
    for (const auto& [cookie, entry] : entries_) {
        result.push_back({&entry.dead.socket, entry.confirmed});
    }
    return result;
}

std::vector<DeadSockets::Ended> DeadSockets::confirm(std::span<const DescriptorAnswer> answers,
                                                     Instant now) {
    std::vector<Ended> ended;
    const auto settle = [&ended](Entry& entry, CloseWaitEnd how) {
        if (std::exchange(entry.pending, false)) {
            ended.push_back({entry.dead, how});
        }
    };
    for (const DescriptorAnswer& answer : answers) {
        const auto found = entries_.find(answer.cookie);
        if (found == entries_.end()) {
            continue;
        }
        if (answer.state == DescriptorState::open) {
            settle(found->second, CloseWaitEnd::aborted);
            candidates_ -= found->second.confirmed ? 0 : 1;
            found->second.confirmed = true;
            found->second.dead.socket.last_seen = now;
        } else {
            settle(found->second, CloseWaitEnd::unknown);
            candidates_ -= found->second.confirmed ? 0 : 1;
            entries_.erase(found);
        }
    }
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        if (!entry->second.confirmed && now - entry->second.dead.since > kPatience) {
            settle(entry->second, CloseWaitEnd::unknown);
            --candidates_;
            entry = entries_.erase(entry);
        } else {
            ++entry;
        }
    }
    tell_shares();
    return ended;
}

std::vector<DeadSocket> DeadSockets::dead() const {
    std::vector<DeadSocket> result;
    for (const auto& [cookie, entry] : entries_) {
        if (entry.confirmed) {
            result.push_back(entry.dead);
        }
    }
    return result;
}

void DeadSockets::watch_other(const WatchedPorts& watch) {
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        TrackedSocket& socket = entry->second.dead.socket;
        if (const auto watched = watch.match_again(socket.record, socket.watched)) {
            socket.watched = *watched;
            ++entry;
        } else {
            candidates_ -= entry->second.confirmed ? 0 : 1;
            entry = entries_.erase(entry);
        }
    }
    tell_shares();
}

}  // namespace halfclosed::tracking
