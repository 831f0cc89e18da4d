#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace halfclosed::http {

/// The process at the other end of a unix socket, as the kernel noted it at connect(): SO_PEERCRED and SO_PEERGROUPS,
/// unix(7).
struct PeerCredentials {
    pid_t pid = 0;  ///< 0 if it is in a PID namespace that is not below ours
    uid_t uid = 0;
    std::vector<gid_t> groups;  ///< its own first
};

/// Who is at the other end of a connection.
struct Peer {
    /// What counts as one peer: an IPv4 address; an IPv6 network of 64 bits, for whoever has an address in it has all
    /// the others; a user. Not for people to read.
    std::string key;
    std::optional<PeerCredentials> process;  ///< of a unix socket
};

/// Nothing if the kernel does not say.
std::optional<PeerCredentials> peer_credentials(int socket);

/// `address` is what accept() said.
Peer peer_of(int socket, const sockaddr* address);

/// The key of an IPv4 or IPv6 address.
std::string peer_key(const sockaddr* address);

}  // namespace halfclosed::http
