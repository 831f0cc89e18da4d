#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace halfclosed::host {

/// What the interface of this index is called in the calling thread's network namespace (if_indextoname(3)); nothing
/// if there is none any more.
std::optional<std::string> interface_name(std::uint32_t index);

}  // namespace halfclosed::host
