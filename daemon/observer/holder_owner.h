#pragma once

#include <vector>

#include "host/socket_holders.h"
#include "records/owner.h"

namespace halfclosed {

/// Whose a socket is that these hold, each process once: at least one. `maker`: by the cgroup in which the socket was made;
/// null if that is not known.
Owner owner_of(const std::vector<const host::Holder*>& holders, const Owner* maker);

}  // namespace halfclosed
