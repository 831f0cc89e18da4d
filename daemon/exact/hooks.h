#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace halfclosed::exact {

/// Where one of the programs in the kernel is attached.
struct Hook {
    const char* program;
    const char* tracepoint;
    unsigned arguments;  ///< that the program reads
    bool needed;         ///< without it the counts would not be whole
    const char*
        otherwise;  ///< what is left out, if it is absent and not needed; null: told already
};

/// How many arguments a tracepoint has for a program; nothing if the kernel has no such tracepoint.
using TracepointArguments = std::function<std::optional<unsigned>(const char* tracepoint)>;

/// What a kernel has a place for, and what it has none for.
struct Hooks {
    std::vector<const Hook*> attached;
    std::vector<const Hook*> absent;
    std::vector<std::string> left_out;  ///< what is not told without those that are absent
};

/// Throws posix::Error if the kernel lacks a tracepoint that is needed.
Hooks choose_hooks(const TracepointArguments& arguments);

/// Whether the kernel tells which socket a packet is dropped for (since Linux 6.11), and so that a minisock goes from
/// FIN-WAIT-2 to TIME-WAIT.
bool tells_drops(const TracepointArguments& arguments);

}  // namespace halfclosed::exact
