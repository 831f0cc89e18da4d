#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/verdict/run.h"
#include "text/terminal.h"

namespace halfclosed::scenarios {

/// How diagrams are drawn on a terminal. They are 80 columns wide.
struct TextDiagramStyle {
    bool color = false;  ///< with the escape sequences of a terminal
    bool utf8 = true;    ///< with lines and arrows, else in ASCII

    text::TerminalStyle terminal() const { return {80, color}; }
    bool operator==(const TextDiagramStyle&) const = default;
};

/// The scenario's name, its explanation and the timeout, above a diagram. Lines without newlines.
std::vector<std::string> heading(const Scenario& scenario, std::chrono::seconds fin_timeout,
                                 const TextDiagramStyle& style);

/// A trace, as far as it is known: time downwards, the client at the left, the wire in the middle, the server at the
/// right, our counts of orphans and minisocks beside it. A state has the time that the end spent in it behind it, and a
/// line below it for as long as it lasts; one in parentheses was too short for any poll and is implied. A long wait is a
/// line of its own. `now`: the run goes on, and the current states have the time until then. Lines without newlines, 80
/// columns at most.
std::vector<std::string> text_diagram(const Trace& trace, const TextDiagramStyle& style,
                                      std::optional<Instant> now = std::nullopt);

/// "PASS  late-close  0.15 s", or "FAIL" and a line for each fault.
std::vector<std::string> verdict_lines(const Run& run, const TextDiagramStyle& style);

}  // namespace halfclosed::scenarios
