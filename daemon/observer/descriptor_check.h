#pragma once

#include <span>
#include <vector>

#include "observer/socket_owners.h"
#include "tracking/dead_sockets.h"

namespace halfclosed {

/// Looks whether the descriptors of sockets that left every dump are still open, at the holders that `owners` knows. One
/// of which it knows no holder is not answered for: it may be found yet. If every known holder of a dead socket has
/// closed it, all processes are looked through: the descriptor may have been handed on. Who may not be looked at is not
/// known.
std::vector<tracking::DescriptorAnswer> check_descriptors(
    std::span<const tracking::DescriptorQuestion> questions, const SocketOwners& owners);

}  // namespace halfclosed
