#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halfclosed::programs {

/// One system call that a program made on its connection, and what came of it.
struct Call {
    std::string name;                   ///< "connect", "read", …
    std::int64_t result = 0;            ///< what it returned; -1 if it failed
    int error = 0;                      ///< errno if it failed, else 0
    std::chrono::nanoseconds began{0};  ///< CLOCK_BOOTTIME before the call
    std::chrono::nanoseconds ended{0};  ///< and after it

    bool operator==(const Call&) const = default;
};

/// "EPIPE"; "errno 4711" for a number that the C library does not know.
std::string errno_name(int error);

/// As strace(1) would put it: "read() = 26", "write() = -1 EPIPE".
std::string to_string(const Call& call);

/// The line of --report-fd, with its newline: NAME RESULT ERRNO BEGAN ENDED, the times in nanoseconds.
std::string to_line(const Call& call);

/// Reads such a line without its newline; nothing if it is not one.
std::optional<Call> parse_call(std::string_view line);

}  // namespace halfclosed::programs
