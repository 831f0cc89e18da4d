#pragma once

#include <string>

#include "programs/script.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace halfclosed::programs {

/// Adds the repeatable --do STEP, checked as it is read. `script` is complete, and free of what
/// flaw_of() finds, when the command line has been parsed.
CLI::Option* add_script(CLI::App& app, Script& script, Role role, const std::string& description);

}  // namespace halfclosed::programs
