#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

namespace halfclosed::control {

/// Who is at the other end of a unix socket, as the kernel noted it at connect(): SO_PEERCRED and SO_PEERGROUPS,
/// unix(7).
struct Peer {
    pid_t pid = 0;  ///< 0 where it is in a PID namespace that is not below ours
    uid_t uid = 0;
    std::vector<gid_t> groups;  ///< its own first
};

/// Nothing where the kernel does not say.
std::optional<Peer> peer_of(int socket);

/// Whose the socket is.
struct Owner {
    uid_t user = 0;
    gid_t group = 0;
};

/// Whether the peer may give orders: root, the daemon's own user, or a member of the socket's group. The mode of the
/// socket's file says the same, but a file's mode can be changed by mistake, and a descriptor can be handed on.
bool may_control(const Peer& peer, const Owner& owner);

}  // namespace halfclosed::control
