#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/programs/script.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace halfclosed::programs {

// The flags that both reference programs have.

void add_port(CLI::App& app, std::uint16_t& port, const std::string& description);

/// Adds the repeatable --do STEP, checked as it is read. `script` is complete, and free of what
/// flaw_of() finds, when the command line has been parsed.
CLI::Option* add_script(CLI::App& app, Script& script, Role role, const std::string& description);

/// Adds --snapshot-fd.
void add_report(CLI::App& app, int& descriptor);

/// Reads the command line. What is wrong with it is one line on standard error. Returns the exit
/// status where there is nothing more to do; --help is such a case too.
std::optional<int> parse(CLI::App& app, int argc, char** argv);

}  // namespace halfclosed::programs
