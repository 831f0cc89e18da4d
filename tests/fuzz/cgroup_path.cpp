// Any bytes as the path of a cgroup, which whoever may make cgroups chooses: the owner has a name, of at most 256 bytes,
// with nothing in it that a terminal obeys.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "host/owner.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto owner = halfclosed::host::owner_of({reinterpret_cast<const char*>(data), size});
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (owner.name.empty() || owner.name.size() > 256 || std::ranges::any_of(owner.name, control)) {
        std::abort();
    }
    return 0;
}
