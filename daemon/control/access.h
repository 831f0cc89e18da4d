#pragma once

#include "http/peer.h"
#include "http/unix_listener.h"

namespace halfclosed::control {

/// Whether the peer may give orders: root, the daemon's own user, or a member of the socket's group. The mode of the
/// socket's file says the same, but a file's mode can be changed by mistake, and a descriptor can be handed on.
bool may_control(const http::PeerCredentials& peer, const http::SocketOwner& owner);

}  // namespace halfclosed::control
