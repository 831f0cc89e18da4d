#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace halfclosed {

struct CommonOptions;

// How commands and options are declared, so that each setting is a flag, an environment variable and a key of the
// configuration file with one name: --census-interval, HALFCLOSED_CENSUS_INTERVAL, census-interval. What one call alone
// asks for, such as --json or --owner, is a flag only. CLI11 itself is included in flags.cpp and
// command_line.cpp alone: a source that includes it takes ten seconds to compile.

/// A command line, environment or configuration file that cannot be used; what() is one line that names the flag.
class UsageError : public std::invalid_argument {
 public:
    explicit UsageError(const std::string& what) : std::invalid_argument(what) {}
    UsageError(const std::string& flag, const std::string& what)
        : std::invalid_argument(flag + ": " + what) {}
};

/// For commands that watch no ports and no namespaces of their own, or only the namespace that they are in: the common
/// flag on the command line would be taken and ignored. The environment and a file are there for all commands. Throws
/// UsageError.
void refuse_watching(const CommonOptions& common, const std::string& why);
void refuse_namespaces(const CommonOptions& common, const std::string& why);

/// Takes one text from the command line. Throws std::invalid_argument if the text is not what the option takes.
using ReadText = std::function<void(const std::string&)>;

CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& help);

/// Calls `action` with the command's help when the command line names none of the command's own commands.
void on_alone(CLI::App& command, std::function<void(const std::string& help)> action);

/// Calls `action` after parsing when the command line names this command.
void on_chosen(CLI::App& command, std::function<void()> action);

/// A flag without a value. It has no environment variable.
CLI::Option* add_switch(CLI::App& command, const std::string& flag, bool& target,
                        const std::string& help);

/// An argument without a flag, required.
void add_argument(CLI::App& command, const std::string& name, std::string& target,
                  const std::string& help);
void add_arguments(CLI::App& command, const std::string& name, std::vector<std::string>& target,
                   const std::string& help);

/// An option, or an argument if `flag` has no dashes, that may be given several times; `read` gets each text. It has no
/// environment variable.
CLI::Option* add_each(CLI::App& command, const std::string& flag, ReadText read,
                      const std::string& type, const std::string& help);

/// As add_each() of an option, and everything up to the next option belongs to it: "--flag ONE TWO".
CLI::Option* add_list(CLI::App& command, const std::string& flag, ReadText read,
                      const std::string& type, const std::string& help);

/// An option that takes any text and has no environment variable.
CLI::Option* add_text(CLI::App& command, const std::string& flag, std::string& target,
                      const std::string& type, const std::string& help);

/// The two options cannot be given together.
void exclude(CLI::App& command, CLI::Option* option, const std::string& other);

/// The first makes no sense without the other.
void require(CLI::Option* option, CLI::Option* other);

/// The environment variable of a flag: "--leak-after" is HALFCLOSED_LEAK_AFTER, "-o,--output" HALFCLOSED_OUTPUT.
std::string environment_name(const std::string& flag);

/// One value. `default_text` is for the help alone.
CLI::Option* add_value_text(CLI::App& command, const std::string& flag, ReadText read,
                            const std::string& type, const std::string& default_text,
                            const std::string& help);

/// Several values: the flag repeated, or one text with commas. `clear` is called before the first.
CLI::Option* add_value_texts(CLI::App& command, const std::string& flag,
                             std::function<void()> clear, ReadText read, const std::string& type,
                             const std::string& default_text, const std::string& help);

/// One value, parsed by `parse` from its text. `target` keeps what it holds as the default.
template <typename Value, typename Parse>
CLI::Option* add_value(CLI::App& command, const std::string& flag, Value& target, Parse parse,
                       const std::string& type, const std::string& default_text,
                       const std::string& help) {
    return add_value_text(
        command, flag, [&target, parse](const std::string& text) { target = parse(text); }, type,
        default_text, help);
}

/// Several values: the flag repeated, or one text with commas. They replace the default.
template <typename Value, typename Parse>
CLI::Option* add_values(CLI::App& command, const std::string& flag, std::vector<Value>& target,
                        Parse parse, const std::string& type, const std::string& default_text,
                        const std::string& help) {
    return add_value_texts(
        command, flag, [&target] { target.clear(); },
        [&target, parse](const std::string& text) { target.push_back(parse(text)); }, type,
        default_text, help);
}

/// A duration such as 500ms or 1h; `default_text` sets `target`.
CLI::Option* add_duration(CLI::App& command, const std::string& flag,
                          std::chrono::nanoseconds& target, const std::string& default_text,
                          const std::string& help);

}  // namespace halfclosed
