#pragma once

#include <cerrno>
#include <concepts>
#include <string>
#include <system_error>

namespace halfclosed::posix {

/// The result of a system call; of one that failed, with a negative result and errno, throws std::system_error that
/// names the attempt: `check("bind", ::bind(…))`.
template <std::signed_integral Result>
Result check(const std::string& attempt, Result result) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), attempt);
    }
    return result;
}

}  // namespace halfclosed::posix
