#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "records/exact_counts.h"

struct btf;

namespace halfclosed::exact {

/// What the running kernel says of its own types (/sys/kernel/btf/vmlinux).
class KernelTypes {
 public:
    /// Throws posix::Error if this kernel does not tell (CONFIG_DEBUG_INFO_BTF).
    KernelTypes();

    /// How many arguments a tracepoint has for a program; nothing if this kernel has no such tracepoint.
    std::optional<unsigned> tracepoint_arguments(const char* tracepoint) const;

    /// The kernel's number of a reason for a reset, 0 to 31, to ours. A kernel before 6.10 has none: all are not_told.
    using ResetReasons = std::array<ResetReason, 32>;
    ResetReasons reset_reasons() const;

 private:
    struct Free {
        void operator()(btf* types) const;
    };
    std::unique_ptr<btf, Free> types_;
};

}  // namespace halfclosed::exact
