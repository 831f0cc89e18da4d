#include "exporters/http/snapshot_access.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace halfclosed::exporters {

SnapshotAccess parse_snapshot_access(const std::string& text) {
    if (text == "open") {
        return SnapshotAccess::open;
    }
    if (text == "authenticated") {
        return SnapshotAccess::authenticated;
    }
    if (text == "socket") {
        return SnapshotAccess::socket;
    }
    throw std::invalid_argument("'" + text + "' is none of open, authenticated and socket");
}

bool tells_of_single_sockets(std::string_view path) {
    constexpr std::array<std::string_view, 2> kPaths{"/api/v1/snapshot", "/api/v1/history"};
    return std::find(kPaths.begin(), kPaths.end(), path) != kPaths.end();
}

bool may_read_sockets(SnapshotAccess access, const auth::AccessPolicy* policy) {
    switch (access) {
        case SnapshotAccess::open:
            return true;
        case SnapshotAccess::authenticated:
            return policy != nullptr && policy->authenticates();
        case SnapshotAccess::socket:
            break;
    }
    return false;
}

}  // namespace halfclosed::exporters
