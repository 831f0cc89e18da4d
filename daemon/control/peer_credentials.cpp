#include "control/peer_credentials.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace halfclosed::control {

std::optional<Peer> peer_of(int socket) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) {
        return std::nullopt;
    }
    Peer peer{credentials.pid, credentials.uid, {credentials.gid}};
    // Asked first with no room: the kernel then says how much is needed (net/core/sock.c:sk_getsockopt).
    length = 0;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, nullptr, &length) < 0 && errno == ERANGE) {
        std::vector<gid_t> more(length / sizeof(gid_t));
        if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, more.data(), &length) == 0) {
            peer.groups.insert(peer.groups.end(), more.begin(), more.end());
        }
    }
    return peer;
}

bool may_control(const Peer& peer, const Owner& owner) {
    return peer.uid == 0 || peer.uid == owner.user ||
           std::find(peer.groups.begin(), peer.groups.end(), owner.group) != peer.groups.end();
}

}  // namespace halfclosed::control
