#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stdexcept>

#include "scenarios/definition/scenario.h"
#include "scenarios/trace/trace.h"
#include "scenarios/verdict/verdict.h"

namespace halfclosed::scenarios {

/// The reference programs are nowhere to be found. what() names the places.
class ProgramsMissingError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

/// The directory of daytime-server and daytime-client: that of this executable, else the one they
/// are installed in. Throws ProgramsMissingError.
std::filesystem::path find_programs();

/// How often a scenario is played at most until a run of it is conclusive.
inline constexpr unsigned kAttempts = 5;

struct LabOptions {
    /// T: net.ipv4.tcp_fin_timeout of the namespace, 1 s to 60 s.
    std::chrono::seconds fin_timeout = RunParameters::kFinTimeout;
    Duration hold = RunParameters::kHold;  ///< how long a scenario that holds a leak does so
    std::filesystem::path programs;
    /// A descriptor that becomes readable when the run is to be given up; -1: none.
    int stop = -1;
    /// Told every fact as it becomes known.
    std::function<void(const TraceEvent&)> heard = [](const TraceEvent&) {};
    /// Told the trace so far, at every news of it and at least ten times a second.
    std::function<void(const Trace&)> told = [](const Trace&) {};

    RunParameters parameters() const { return {fin_timeout, hold}; }
};

/// The run was given up because of LabOptions::stop. Everything it had made is gone.
class StoppedError : public std::runtime_error {
 public:
    StoppedError() : std::runtime_error("stopped") {}
};

/// Plays the scenario once, in namespaces of its own, and returns what was observed. Everything
/// that was made for it is gone when it returns or throws. For use in a process with one thread.
/// Throws RefusedError, StoppedError, std::system_error.
Trace play(const Scenario& scenario, const LabOptions& options);

struct Outcome {
    Trace trace;
    Verdict verdict;
    unsigned attempts = 0;
};

/// Plays the scenario and judges it, and again where the run was not conclusive, kAttempts times at
/// most. Throws as play() does.
Outcome run(const Scenario& scenario, const LabOptions& options);

}  // namespace halfclosed::scenarios
