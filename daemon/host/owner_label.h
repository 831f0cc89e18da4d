#pragma once

#include <string>
#include <string_view>

namespace halfclosed::host {

/// What comes from outside, at a length that is safe to keep and to print: what is longer ends in a hash of the whole, so that
/// it stays another for another name.

/// Printable text of at most 256 bytes.
std::string bounded_name(std::string_view name);

/// Any bytes, at most 1,024 of them: the kernel writes 4,096, and thousands of cgroups with such paths are cheap to make.
std::string bounded_path(std::string_view cgroup_path);

}  // namespace halfclosed::host
