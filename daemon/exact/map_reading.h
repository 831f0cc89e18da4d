#pragma once

#include <bpf/bpf.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "exact/bpf/layout_in_cpp.h"
#include "posix/error.h"

namespace halfclosed::exact {

/// Throws posix::Error with errno.
[[noreturn]] inline void fail_on_map(const char* attempt) {
    throw posix::Error("maps of the kernel's programs",
                       std::string(attempt) + ": " + std::strerror(errno));
}

/// Calls `use(key, values)` for every entry of a hash; `values` has `copies` of them, one for each processor of a
/// per-CPU map. A bucket comes whole or not at all, and has a few entries at most. Throws posix::Error.
template <typename Key, typename Value, typename Use>
void for_each(int map, std::size_t copies, const Use& use) {
    constexpr std::uint32_t kBatch = 256;  // entries read with one call
    std::vector<Key> keys(kBatch);
    std::vector<Value> values(kBatch * copies);
    std::uint32_t position = 0;
    std::uint32_t next = 0;
    bool first = true;
    while (true) {
        auto read = static_cast<std::uint32_t>(keys.size());
        const int result = bpf_map_lookup_batch(map, first ? nullptr : &position, &next,
                                                keys.data(), values.data(), &read, nullptr);
        const int error = result == 0 ? 0 : errno;
        if (error == ENOSPC) {  // a bucket with more than that
            keys.resize(2 * keys.size());
            values.resize(2 * values.size());
            continue;
        }
        if (error != 0 && error != ENOENT) {
            fail_on_map("read");
        }
        for (std::size_t index = 0; index < read; ++index) {
            use(keys[index], std::span(values).subspan(index * copies, copies));
        }
        if (error == ENOENT) {
            return;  // that was the last of them
        }
        position = next;
        first = false;
    }
}

}  // namespace halfclosed::exact
