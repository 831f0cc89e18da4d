#include "host/process_cgroup.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "host/owner.h"

namespace halfclosed::host {

std::string parse_process_cgroup(std::string_view text) {
    // Best first: version 2, systemd's of version 1, any other.
    std::array<std::string_view, 3> paths;
    bool any = false;
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        // "4:memory:/path": a path may have colons, what stands before it has none.
        const std::size_t first = line.find(':');
        const std::size_t second =
            first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos) {
            continue;
        }
        const std::string_view controllers = line.substr(first + 1, second - first - 1);
        const std::string_view path = line.substr(second + 1);
        any = true;
        std::string_view& place = paths[controllers.empty()             ? 0
                                        : controllers == "name=systemd" ? 1
                                                                        : 2];
        // Other controllers say whose a process is only where they name it: a container of Docker's on version 1.
        const bool names = &place != &paths[2] || owner_of(path).name.front() != '/';
        if (path != "/" && place.empty() && names) {
            place = path;
        }
    }
    // A runtime that keeps containers in the hierarchies of version 1 leaves their processes in its own unit of version 2.
    const auto contained = [](std::string_view path) {
        return !path.empty() && is_contained(owner_of(path).name);
    };
    const auto* const container = std::find_if(paths.begin(), paths.end(), contained);
    if (container != paths.end()) {
        return std::string(*container);
    }
    const auto* const found = std::find_if(paths.begin(), paths.end(),
                                           [](std::string_view path) { return !path.empty(); });
    return found != paths.end() ? std::string(*found) : any ? "/" : "";
}

}  // namespace halfclosed::host
