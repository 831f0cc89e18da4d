#pragma once

#include <string>

#include "scenarios/run/lab.h"

namespace halfclosed {

/// Puts a run together from the lines of a daemon's answer. The daemon is not trusted: its events are checked and cleaned
/// as they are read, and judged here.
class RemoteRun {
 public:
    RemoteRun(const scenarios::Scenario& scenario, const scenarios::LabOptions& options);

    /// Throws scenarios::TraceLineError.
    void add_line(const std::string& line);

    /// When the answer has ended. Throws scenarios::RefusedError if the daemon's system refused the run, and
    /// control::ControlError if the answer broke off.
    scenarios::Run finish();

 private:
    const scenarios::LabOptions& options_;
    scenarios::Run run_;
    std::string result_;  ///< the daemon's own; empty: none yet
};

/// Lets the daemon behind a control socket run the scenario, as scenarios::run() would here, and reports its events to
/// `options`. Throws control::ControlError if the daemon cannot be asked, and what run() throws.
scenarios::Run run_remotely(const std::string& socket, const scenarios::Scenario& scenario,
                            const scenarios::LabOptions& options);

}  // namespace halfclosed
