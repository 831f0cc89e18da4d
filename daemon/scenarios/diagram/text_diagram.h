#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/definition/scenario.h"
#include "scenarios/trace/trace.h"
#include "scenarios/verdict/verdict.h"

namespace halfclosed::scenarios {

/// How figures are drawn. They are 80 columns wide.
struct TextDiagramStyle {
    bool color = false;  ///< with the escape sequences of a terminal
    bool utf8 = true;    ///< with lines and arrows, else in ASCII

    bool operator==(const TextDiagramStyle&) const = default;
};

/// What is to be seen: the scenario's name, its explanation, the timeout. Lines without newlines.
std::vector<std::string> heading(const Scenario& scenario, std::chrono::seconds fin_timeout,
                                 const TextDiagramStyle& style);

/// The article's figure of a trace, as far as it is told: time downwards, the client at the left, the wire between, the
/// server at the right, our counts of orphans and minisocks beside it. A state has the time that the end spent in it
/// behind it, and a line below it for as long as it stands; one in parentheses was too short for any poll and is
/// implied. A long wait is a line of its own. `now`: the trace goes on, and the states that stand have the time until
/// then. Lines without newlines, 80 columns at most.
std::vector<std::string> figure(const Trace& trace, const TextDiagramStyle& style,
                                std::optional<Instant> now = std::nullopt);

/// "PASS  late-close  0.15 s", or "FAIL" and a line for each fault.
std::vector<std::string> verdict_lines(const Scenario& scenario, const Trace& trace,
                                       const Verdict& verdict, const TextDiagramStyle& style);

}  // namespace halfclosed::scenarios
