#pragma once

#include <cstddef>

#include "daemon/options.h"
#include "exporters/terminal_style.h"

namespace halfclosed {

/// How to write to this file descriptor: the width of the terminal behind it, else of COLUMNS, else 80.
exporters::TerminalStyle terminal_style(const CommonOptions& common, int descriptor);

/// The height of the terminal behind this file descriptor, else 24.
std::size_t terminal_rows(int descriptor);

}  // namespace halfclosed
