#pragma once

#include <string>

namespace halfclosed::ground {

/// Moves the calling process, which must have one thread, into a network namespace of its own: loopback is up, nothing
/// else is there, and the table of connections is its own and has `buckets` buckets, so that a dump is cheap. Without
/// root by way of a user namespace. Throws std::system_error, std::runtime_error if the kernel says no.
void enter_private_namespace(unsigned buckets = 1024);

/// Writes a sysctl of the calling thread's namespace: ("net/ipv4/tcp_fin_timeout", "2").
void set_sysctl(const std::string& name, const std::string& value);

}  // namespace halfclosed::ground
