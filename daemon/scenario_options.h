#pragma once

#include <chrono>
#include <string>

#include "daemon/scenario_choice.h"
#include "daemon/story_files.h"
#include "scenarios/span.h"

namespace halfclosed {

/// What `halfclosed scenario` is told.
struct ScenarioOptions {
    ScenarioChoice choice;
    std::chrono::seconds fin_timeout = scenarios::Terms::kFinTimeout;
    tracking::Duration hold = scenarios::Terms::kHold;
    bool json = false;
    StoryFileNames files;
    bool stream = false;  ///< every fact as it becomes known, for another program
    std::string via;      ///< the control socket of the daemon that is to do it; empty: we do
};

/// "2s": whole seconds from 1s to 60s. Throws std::invalid_argument.
///
/// A FIN-WAIT-2 that nobody holds is a minisock for the whole of its time only up to TCP_TIMEWAIT_LEN, 60 s
/// (net/ipv4/tcp.c:__tcp_close); the sysctl has whole seconds.
std::chrono::seconds parse_fin_timeout(const std::string& text);

/// "10m": at most a day, which is more than anybody looks at a leak. Throws std::invalid_argument.
tracking::Duration parse_hold(const std::string& text);

}  // namespace halfclosed
