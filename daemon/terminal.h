#pragma once

#include "daemon/options.h"
#include "exporters/terminal_style.h"

namespace halfclosed {

/// How to write to this file descriptor: the width of the terminal behind it, else of COLUMNS, else 80.
exporters::TerminalStyle terminal_style(const CommonOptions& common, int descriptor);

}  // namespace halfclosed
