#pragma once

#include <CLI/CLI.hpp>

#include <cstddef>
#include <string>

namespace halfclosed {

/// The help of a command, with the flags that all commands have at its end, and no line wider than the terminal.
class HelpFormatter : public CLI::Formatter {
 public:
    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override;
};

/// `help` as CLI11 lays it out, entries before column 30 and what they mean behind it, without a line wider than `width`.
std::string wrapped_help(const std::string& help, std::size_t width);

}  // namespace halfclosed
