#pragma once

#include <cstddef>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "netlink/session.h"
#include "records/port_range.h"
#include "records/socket_record.h"

namespace halfclosed::netlink {

/// What a recorded stream holds.
struct Recording {
    std::vector<SocketRecord> records;  ///< MPTCP connections too, and their subflows marked

    /// What was asked for: ranges without overlap, none for every port; nothing if the stream does not say, as
    /// those of ss.
    std::optional<std::vector<PortRange>> ports;
};

/// Reads a raw netlink stream as `ss -D` and write_recording() write it: one or more dumps, each ended by NLMSG_DONE.
/// Throws Error that begins with `name`: truncated where the last dump has no end, malformed, kernel_error.
Recording read_recording(std::span<const std::byte> stream, const std::string& name);

/// Writes every socket of these ports (none: of every port) to `file`, and how many there are: the dump of TCP as
/// `ss -D` writes it, behind it what ss, which reads no further, does not know: a note of the ports
/// (NLMSG_NOOP, text) and the dump of MPTCP where the kernel has that. Throws Error.
std::size_t write_recording(Session& session, const std::vector<PortRange>& ports, std::FILE* file);

}  // namespace halfclosed::netlink
