#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "records/socket_record.h"

namespace halfclosed::netlink {

/// Reads a raw netlink stream as `ss -D` and Session::tee write it: one or more dumps, each ended
/// by NLMSG_DONE. Throws Error: truncated where the last dump has no end, malformed, kernel_error.
std::vector<SocketRecord> read_recording(std::span<const std::byte> stream,
                                         const std::string& name);

}  // namespace halfclosed::netlink
