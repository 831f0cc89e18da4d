#pragma once

#include <sys/socket.h>

#include "records/endpoint.h"

namespace halfclosed::programs {

/// The endpoint in an address that accept(), getsockname() or getaddrinfo() filled in, AF_INET or
/// AF_INET6.
Endpoint endpoint_of(const sockaddr_storage& address);

}  // namespace halfclosed::programs
