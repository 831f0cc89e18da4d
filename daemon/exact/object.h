#pragma once

#include <cstddef>
#include <span>

namespace halfclosed::exact {

/// The programs for the kernel, compiled: an ELF object.
std::span<const std::byte> object();

}  // namespace halfclosed::exact
