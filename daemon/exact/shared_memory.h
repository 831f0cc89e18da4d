#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "exact/bpf/layout_in_cpp.h"
#include "posix/file.h"

namespace halfclosed::exact {

/// Memory that this process and the programs in the kernel share.
struct Unmap {
    void operator()(exact_shared* shared) const;
};
using SharedMemory = std::unique_ptr<exact_shared, Unmap>;

/// Throws posix::Error.
SharedMemory share(const posix::Descriptor& map);

/// What the programs may change at any time.
inline std::uint64_t load(__u64& shared) {
    return std::atomic_ref(shared).load(std::memory_order_acquire);
}

}  // namespace halfclosed::exact
