#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "posix/file.h"

namespace halfclosed::programs {

/// A reference program that a test runs, and what it says.
class Program {
 public:
    /// Starts "daytime-client" with these flags. Descriptor 3 of the program is a pipe to reports().
    Program(const std::string& name, const std::vector<std::string>& flags);
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// What it wrote since the last time, at least up to a newline or its end; waits ten seconds at most.
    std::string line_of_output() { return line_of(output_); }

    /// A line of the snapshot likewise.
    std::string line_of_report() { return line_of(reports_); }

    void signal(int number) const;

    /// Waits for its end. The exit status, or minus the number of the signal.
    int end();

    /// All that it wrote to its end. For use after end().
    std::string output() { return rest(output_); }
    std::string errors() { return rest(errors_); }
    std::string snapshots() { return rest(reports_); }

 private:
    static std::string line_of(const posix::Descriptor& pipe);
    static std::string rest(const posix::Descriptor& pipe);

    pid_t pid_ = 0;
    std::optional<int> end_;
    posix::Descriptor output_;
    posix::Descriptor errors_;
    posix::Descriptor reports_;
};

}  // namespace halfclosed::programs
