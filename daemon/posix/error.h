#pragma once

#include <stdexcept>
#include <string>

namespace halfclosed::posix {

/// A fact of the host could not be had. what() names the file and what was wrong with it:
/// "/proc/thread-self/net/sockstat: no TCP line".
class Error : public std::runtime_error {
 public:
    Error(const std::string& file, const std::string& why)
        : std::runtime_error(file + ": " + why) {}
};

}  // namespace halfclosed::posix
