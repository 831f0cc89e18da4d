#pragma once

#include <string>
#include <vector>

#include "text/terminal.h"

namespace halfclosed {

/// One thing that this kernel and these privileges allow, or do not. What is missing is no failure: the rest works
/// without it.
struct CheckResult {
    enum class Verdict { works, missing, fails };

    std::string what;
    Verdict verdict = Verdict::works;
    std::string note;   ///< what was seen
    std::string costs;  ///< what goes without it; empty if nothing is missing
    std::string needs;  ///< what would bring it

    bool operator==(const CheckResult&) const = default;
};

const char* name(CheckResult::Verdict verdict);

/// Whether none fails.
bool all_well(const std::vector<CheckResult>& results);

/// A table for people, as wide as the style says, with a line of counts at its end.
std::string findings_table(const std::vector<CheckResult>& results,
                           const text::TerminalStyle& style);

/// Schema halfclosed.check/1: one object on one line.
std::string findings_json(const std::vector<CheckResult>& results);

}  // namespace halfclosed
