#include "control/access.h"

#include <algorithm>

namespace halfclosed::control {

bool may_control(const http::PeerCredentials& peer, const http::SocketOwner& owner) {
    return peer.uid == 0 || peer.uid == owner.user ||
           std::find(peer.groups.begin(), peer.groups.end(), owner.group) != peer.groups.end();
}

}  // namespace halfclosed::control
