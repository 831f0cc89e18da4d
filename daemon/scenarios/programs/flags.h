#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "scenarios/programs/script.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace halfclosed::programs {

// How the reference programs declare their flags. CLI11 is included in flags.cpp alone.

std::shared_ptr<CLI::App> make_app(const std::string& description, const std::string& program);

/// A flag, or an argument if `name` has no dashes; `target` keeps what it holds as the default.
CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& target,
                      const std::string& type, const std::string& description);

/// `read` takes the text, and throws std::invalid_argument if it cannot. `default_text` is for the help alone.
CLI::Option* add_value(CLI::App& app, const std::string& flag,
                       std::function<void(const std::string&)> read, const std::string& type,
                       const std::string& default_text, const std::string& description);

CLI::Option* add_switch(CLI::App& app, const std::string& flag, bool& target,
                        const std::string& description);

/// None of the others can be given together with this option.
void exclude(CLI::Option* option, std::initializer_list<CLI::Option*> others);

void add_port(CLI::App& app, std::uint16_t& port, const std::string& description);

/// Adds the repeatable --do STEP. When the command line has been parsed, `script` is complete, and flaw_of() finds nothing
/// in it.
CLI::Option* add_script(CLI::App& app, Script& script, Role role, const std::string& description);

/// Adds --report-fd.
void add_report(CLI::App& app, int& descriptor);

/// Reads the command line. An error is one line on standard error. Returns the exit status if there is nothing more to
/// do, as after --help.
std::optional<int> parse(CLI::App& app, int argc, char** argv);

}  // namespace halfclosed::programs
