#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "records/socket_record.h"

namespace halfclosed::exporters {

/// Interfaces by index. One that is not among them is called by its number, a zone too (RFC 4007 section 11.2).
using InterfaceNames = std::map<std::uint32_t, std::string>;

/// "eth0", or "4".
std::string interface_name(std::uint32_t index, const InterfaceNames& names);

/// The ends of a socket as text. A link-local address bears its interface, "[fe80::1%eth0]:9999", for it says nothing
/// without.
std::string local_address(const SocketIdentity& socket, const InterfaceNames& names = {});
std::string remote_address(const SocketIdentity& socket, const InterfaceNames& names = {});

/// As local_address(), and of a socket that is bound to an interface that interface: "10.0.0.1%eth0:9999".
std::string bound_address(const SocketIdentity& socket, const InterfaceNames& names = {});

}  // namespace halfclosed::exporters
