#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exporters/auth/access_policy.h"

namespace halfclosed::exporters {

/// Who may read what the page tells of single sockets: addresses, users, processes. Counts are for everybody who may
/// read the page.
enum class SnapshotAccess : std::uint8_t {
    open,           ///< everybody
    authenticated,  ///< who gave a password, or a certificate that was verified
    socket,         ///< over the control socket alone
};

/// Throws std::invalid_argument.
SnapshotAccess parse_snapshot_access(const std::string& text);

/// Whether the path answers with single sockets.
bool tells_of_single_sockets(std::string_view path);

/// Whether who is admitted by `policy`, which may be null, may read single sockets.
bool may_read_sockets(SnapshotAccess access, const auth::AccessPolicy* policy);

}  // namespace halfclosed::exporters
