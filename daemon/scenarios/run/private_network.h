#pragma once

#include <map>
#include <string>

namespace halfclosed::scenarios {

/// Moves the calling thread into a new network namespace with a small socket hash table of its own: a dump then takes
/// microseconds, and has no other sockets. Needs CAP_SYS_ADMIN and
/// CAP_NET_ADMIN over the present namespace, which is given up. Throws std::system_error that names
/// the attempt.
void enter_private_network();

/// Brings the loopback interface up and writes the sysctls ("net.ipv4.tcp_fin_timeout" to "2") of
/// the calling thread's network namespace. Throws std::system_error that names the attempt.
void set_up_network(const std::map<std::string, std::string>& sysctls);

}  // namespace halfclosed::scenarios
