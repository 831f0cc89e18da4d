#pragma once

#include <cstddef>

#include "cli/options.h"
#include "text/terminal.h"

namespace halfclosed {

/// How to write to this file descriptor: the width of the terminal behind it, else of COLUMNS, else 80.
text::TerminalStyle terminal_style(const CommonOptions& common, int descriptor);

/// The width of a result: of the terminal behind this file descriptor, else of COLUMNS, else text::kNoWidth.
std::size_t result_width(int descriptor);

/// As above for a result that a program may read: without a terminal and without COLUMNS a line is as long as it must be.
text::TerminalStyle result_style(const CommonOptions& common, int descriptor);

/// The height of the terminal behind this file descriptor, else 24.
std::size_t terminal_rows(int descriptor);

}  // namespace halfclosed
