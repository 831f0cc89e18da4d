#include "tracking/dead_sockets.h"

namespace halfclosed::tracking {

void DeadSockets::add(const TrackedSocket& socket, Instant now) {
    if (socket.record.inode == 0 || entries_.size() >= kMost) {
        return;
    }
    Entry& entry = entries_[socket.record.cookie];
    entry.dead = {socket, now};
    entry.dead.socket.record.state = TcpState::close;
    entry.dead.socket.record.timer = {};
}

std::vector<DescriptorQuestion> DeadSockets::to_check() const {
    std::vector<DescriptorQuestion> result;
    result.reserve(entries_.size());
    for (const auto& [cookie, entry] : entries_) {
        result.push_back({entry.dead.socket, entry.confirmed});
    }
    return result;
}

void DeadSockets::confirm(std::span<const DescriptorAnswer> answers, Instant now) {
    for (const DescriptorAnswer& answer : answers) {
        const auto found = entries_.find(answer.cookie);
        if (found == entries_.end()) {
            continue;
        }
        if (answer.state == DescriptorState::open) {
            found->second.confirmed = true;
            found->second.dead.socket.last_seen = now;
        } else {
            entries_.erase(found);
        }
    }
    std::erase_if(entries_, [now](const auto& item) {
        const Entry& entry = item.second;
        return !entry.confirmed && now - entry.dead.since > kPatience;
    });
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
            entry = entries_.erase(entry);
        }
    }
}

}  // namespace halfclosed::tracking
