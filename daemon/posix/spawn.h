#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "posix/file.h"

namespace halfclosed::posix {

/// What spawn() starts.
struct Program {
    std::string path;
    std::vector<std::string> arguments;  ///< beside its own name
    /// Ours, and the number under which the program has it; of what is not named it has the standard
    /// streams alone, and those as ours are, but for standard input, which is empty.
    std::vector<std::pair<int, int>> descriptors;
    std::vector<std::string> environment;  ///< "NAME=value"
};

/// Our own.
std::vector<std::string> environment();

/// Starts a program. No signal is blocked or ignored in it, whatever the parent has set. Throws
/// std::system_error, naming it, if it cannot be executed.
pid_t spawn(const Program& program);

/// pipe(2), closed on exec.
struct Pipe {
    Descriptor read;
    Descriptor write;
};

/// Throws std::system_error.
Pipe make_pipe();

}  // namespace halfclosed::posix
