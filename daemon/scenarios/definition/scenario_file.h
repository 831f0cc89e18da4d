#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "scenarios/definition/scenario.h"

namespace halfclosed::scenarios {

/// An error in a scenario file. what() is one line that names the file and the line, "late-close.toml:12: …", and is fit
/// for a terminal, whatever the file has.
class ScenarioFileError : public std::runtime_error {
 public:
    explicit ScenarioFileError(const std::string& what);
};

/// Whether a scenario of this name is there already.
using NameTaken = std::function<bool(const std::string&)>;

/// Reads the text of a scenario file (TOML; halfclosed-scenario(5) describes it). Every key is
/// checked: what is missing, unknown or of the wrong kind is an error, never a default that judges
/// nothing. Throws ScenarioFileError, in the name of `file`.
Scenario parse_scenario(
    std::string_view text, const std::string& file,
    const NameTaken& taken = [](const std::string&) { return false; });

}  // namespace halfclosed::scenarios
