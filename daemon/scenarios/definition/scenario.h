#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "records/tcp_state.h"
#include "scenarios/definition/expectation.h"
#include "scenarios/definition/per_side.h"
#include "scenarios/definition/relative_duration.h"

namespace halfclosed::scenarios {

/// A reference program with its command line.
struct Actor {
    std::string program;
    std::vector<std::string> flags;
    std::vector<std::string> script;  ///< its --do, step by step; empty: what it does by itself

    bool operator==(const Actor&) const = default;
};

/// A signal that the lab sends when both ends are as said, and the call has returned, and all that
/// for `held`.
struct Step {
    PerSide<std::optional<TcpState>> when;
    std::optional<CallReference> call;
    RelativeDuration held;
    Side to = Side::client;
    int signal = 0;

    bool operator==(const Step&) const = default;
};

/// One way for a connection to end: who does what, and what must be seen. Read from a scenario
/// file.
struct Scenario {
    std::string name;
    std::string summary;                   ///< one line
    std::string explanation;               ///< two sentences
    std::vector<std::string> governed_by;  ///< the sysctls that decide how it goes
    /// Why it cannot run in a namespace; the members below are then empty.
    std::optional<std::string> unavailable;
    std::map<std::string, std::string>
        sysctls;  ///< set in the namespace before the start; tcp_fin_timeout aside
    PerSide<Actor> actors;
    std::vector<Step> steps;
    RelativeDuration limit;  ///< the run is given up after this time
    Expectation expect;

    bool operator==(const Scenario&) const = default;
};

}  // namespace halfclosed::scenarios
