#pragma once

#include <cstdint>
#include <string>

namespace halfclosed::text {

/// Bytes: "500kB", "64MB", "1GB", "64MiB", "8000000". Units of 1000 and, with an i, of 1024. Throws
/// std::invalid_argument with the value and what is expected.
std::uint64_t parse_size(const std::string& text);

}  // namespace halfclosed::text
