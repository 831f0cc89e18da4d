#pragma once

#include "records/namespace_id.h"

namespace halfclosed::netlink {

/// The network namespace of a socket that the calling thread has made in its own.
NamespaceId namespace_of(int socket);

/// That of the calling thread.
NamespaceId own_namespace();

}  // namespace halfclosed::netlink
