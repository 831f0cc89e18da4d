#pragma once

#include <string>

namespace halfclosed::posix {

/// What gethostname(2) says; empty if it fails.
std::string host_name();

}  // namespace halfclosed::posix
