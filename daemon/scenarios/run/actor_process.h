#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "posix/line_reader.h"
#include "posix/spawn.h"
#include "scenarios/definition/scenario.h"
#include "scenarios/programs/call.h"

namespace halfclosed::scenarios {

/// A reference program that runs for the lab. It reports its calls over a pipe, its standard output is discarded, and its
/// last line on standard error is kept in case it fails.
class ActorProcess {
 public:
    /// Starts the program. Throws std::system_error, naming it, if it cannot be executed.
    ActorProcess(const std::filesystem::path& program, const std::vector<std::string>& flags);

    /// The descriptor to wait on for calls.
    int descriptor() const { return reports_.descriptor(); }

    /// The calls that it has reported since the last time.
    std::vector<programs::Call> take_calls();

    /// Sends a signal; does nothing if the program has ended.
    void signal(int number) const;

    /// How it ended, once.
    std::optional<Exit> take_end();

    bool running() const { return pid_ != 0; }

    /// Its last line on standard error; empty: none.
    std::string last_error();

 private:
    ActorProcess(const std::filesystem::path& program, const std::vector<std::string>& flags,
                 posix::Pipe reports, posix::Pipe errors);

    pid_t pid_;  ///< 0: it has ended
    posix::LineReader reports_;
    posix::LineReader errors_;
    std::string last_error_;
};

}  // namespace halfclosed::scenarios
