#pragma once

#include <fmt/core.h>

#include <string_view>

/// Lines of the program's log. Arguments are formatted as fmt::format() does.
namespace halfclosed::log {

enum class Level { info, warning, error };

/// Where messages go; called by any thread.
using Sink = void (*)(Level level, std::string_view message);

/// Without a sink, messages go to standard error as they are.
void set_sink(Sink sink);

void write(Level level, std::string_view message);

template <typename... Arguments>
void info(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    write(Level::info, fmt::vformat(format, fmt::make_format_args(arguments...)));
}

template <typename... Arguments>
void warn(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    write(Level::warning, fmt::vformat(format, fmt::make_format_args(arguments...)));
}

template <typename... Arguments>
void error(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    write(Level::error, fmt::vformat(format, fmt::make_format_args(arguments...)));
}

}  // namespace halfclosed::log
