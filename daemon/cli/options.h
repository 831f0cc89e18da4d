#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "records/port_range.h"

namespace halfclosed {

/// How lines of the log look.
enum class LogFormat {
    automatic,  ///< journal where standard error is the journal's, else text
    text,
    json,
    journal,
};

/// The flags that every command knows.
struct CommonOptions {
    enum class Color { automatic, always, never };

    std::vector<PortRange> ports{{9999, 9999}};
    bool ports_given = false;       ///< by a flag, the environment or a file
    bool namespaces_given = false;  ///< likewise
    bool all_namespaces = false;  ///< watch every network namespace of the host, not our own alone
    std::string log_level = "info";
    LogFormat log_format = LogFormat::automatic;
    Color color = Color::automatic;
    std::vector<std::string> arguments;  ///< the command line itself, without the program's name

    /// Whether to colour what goes to this file descriptor: a terminal, unless a flag or NO_COLOR says otherwise.
    bool color_on(int descriptor) const;

    /// Whether the command line itself has the flag; the environment and a file are there for all commands.
    bool on_command_line(const std::string& flag) const;
};

/// A share of one core: above 0, at most 1. Throws std::invalid_argument.
double parse_cpu_share(const std::string& text);

/// "9999", "8000-8999", a service of /etc/services over TCP ("https"), or "all" (kEveryPort). Throws
/// std::invalid_argument with the value and what is expected.
PortRange parse_port_range(const std::string& text);

/// "own" or "all": whether all network namespaces are watched. Throws std::invalid_argument.
bool parse_namespaces(const std::string& text);

/// "auto", "always" or "never". Throws std::invalid_argument.
CommonOptions::Color parse_color(const std::string& text);

}  // namespace halfclosed
