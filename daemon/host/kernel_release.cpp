#include "host/kernel_release.h"

#include <sys/utsname.h>

#include <charconv>
#include <utility>

namespace halfclosed::host {

bool is_at_least(std::string_view release, unsigned version, unsigned patch_level) {
    const char* const end = release.data() + release.size();
    std::pair<unsigned, unsigned> found;
    const auto first = std::from_chars(release.data(), end, found.first);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '.') {
        return true;
    }
    if (std::from_chars(first.ptr + 1, end, found.second).ec != std::errc{}) {
        return true;
    }
    return found >= std::pair(version, patch_level);
}

bool counts_new_minisocks() {
    static const bool result = [] {
        utsname kernel{};
        return ::uname(&kernel) != 0 || is_at_least(kernel.release, 5, 18);
    }();
    return result;
}

}  // namespace halfclosed::host
