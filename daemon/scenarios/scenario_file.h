#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "scenarios/scenario.h"

namespace halfclosed::scenarios {

/// A scenario file is not as it must be. what() names the file and the line: "late-close.toml:12:
/// …".
class ScenarioFileError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

/// Reads the text of a scenario file (TOML; catalogue/ has seven, which are its description). Every
/// key is checked: what is missing, unknown or of the wrong kind is an error, never a default that
/// judges nothing. Throws ScenarioFileError, in the name of `file`.
Scenario parse_scenario(std::string_view text, const std::string& file);

}  // namespace halfclosed::scenarios
