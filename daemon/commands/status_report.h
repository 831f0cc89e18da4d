#pragma once

#include <string>

#include "records/instant.h"
#include "text/terminal.h"

namespace halfclosed {

/// What a daemon says of itself (halfclosed.status/1).
struct StatusReport {
    std::string text;  ///< for a person
    bool sees = false;
};

/// Throws std::runtime_error if `json` is not of that schema. `now` is what times are told against.
StatusReport status_report(const std::string& json, WallTime now, const text::TerminalStyle& style);

}  // namespace halfclosed
