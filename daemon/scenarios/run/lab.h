#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stdexcept>

#include "scenarios/verdict/run.h"

namespace halfclosed::scenarios {

/// The reference programs were not found. what() names the places.
class ProgramsMissingError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

/// The directory of daytime-server and daytime-client: that of this executable, else where they are installed. Throws
/// ProgramsMissingError.
std::filesystem::path find_programs();

/// How often a scenario is run at most until a run is conclusive.
inline constexpr unsigned kAttempts = 5;

struct LabOptions {
    RunParameters parameters;
    std::filesystem::path programs;
    /// A descriptor that becomes readable when the run is to be given up; -1: none.
    int stop = -1;
    /// Let the kernel itself tell when each end came into each state, where programs may be loaded into it.
    bool exact = false;
    /// Called with every event as it becomes known.
    std::function<void(const TraceEvent&)> on_event = [](const TraceEvent&) {};
    /// Called with the trace so far, at every event and at least ten times a second.
    std::function<void(const Trace&)> on_progress = [](const Trace&) {};
};

/// The run was given up because of LabOptions::stop. Everything it had made is gone.
class StoppedError : public std::runtime_error {
 public:
    StoppedError() : std::runtime_error("stopped") {}
};

/// Runs the scenario once, in namespaces of its own, and returns what was observed. Everything that was made for it is
/// gone when it returns or throws. For use in a process with one thread. Throws RefusedError, StoppedError,
/// std::system_error.
Trace run_once(const Scenario& scenario, const LabOptions& options);

/// Runs the scenario and judges the trace, and again if the run was not conclusive, kAttempts times at most. Throws as
/// run_once() does.
Run run(const Scenario& scenario, const LabOptions& options);

}  // namespace halfclosed::scenarios
