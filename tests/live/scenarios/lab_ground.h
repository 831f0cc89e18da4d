#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "scenarios/run/lab.h"

namespace halfclosed::scenarios {

/// A copy of the reference programs that every user may execute, wherever the build is.
class ProgramsForAll {
 public:
    ProgramsForAll();
    ~ProgramsForAll();
    ProgramsForAll(const ProgramsForAll&) = delete;
    ProgramsForAll& operator=(const ProgramsForAll&) = delete;

    const std::filesystem::path& directory() const { return directory_; }

 private:
    std::filesystem::path directory_;
};

/// Runs `body` in a child process, and returns what it returned; an exception is returned as its text.
std::string in_child(const std::function<std::string()>& body);

/// Makes the calling process an ordinary user without any capability; only root can.
void become_nobody();

}  // namespace halfclosed::scenarios
