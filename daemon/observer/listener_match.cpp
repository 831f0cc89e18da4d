#include "observer/listener_match.h"

namespace halfclosed {

ListenerMatch::ListenerMatch(const std::vector<SocketRecord>& listeners) {
    for (const SocketRecord& listener : listeners) {
        // A subflow of MPTCP listens without a file.
        if (listener.state == TcpState::listen && listener.inode != 0) {
            by_port_[listener.local.port].push_back(listener);
        }
    }
}

std::vector<host::SocketInode> ListenerMatch::inodes_of(const SocketRecord& connection) const {
    const auto found = by_port_.find(connection.local.port);
    if (found == by_port_.end()) {
        return {};
    }
    int best = 0;
    std::vector<host::SocketInode> inodes;
    for (const SocketRecord& listener : found->second) {
        const bool same_address = listener.local.address == connection.local.address;
        const bool bound = listener.interface != 0;
        if (listener.netns != connection.netns || listener.family != connection.family ||
            !(same_address || listener.local.address.is_any()) ||
            (bound && listener.interface != connection.interface)) {
            continue;
        }
        const int score = 1 + (listener.cgroup_id == connection.cgroup_id ? 1 : 0) +
                          (bound ? 2 : 0) + (same_address ? 4 : 0);
        if (score > best) {
            best = score;
            inodes.clear();
        }
        if (score == best) {
            inodes.push_back(listener.inode);
        }
    }
    return inodes;
}

}  // namespace halfclosed
