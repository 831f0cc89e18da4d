#pragma once

#include <string_view>

#include "scenarios/packetdrill/cursor.h"
#include "scenarios/packetdrill/script.h"

namespace halfclosed::scenarios::packetdrill {

/// Reads a script in packetdrill's language (https://github.com/google/packetdrill): options, times, system calls, TCP
/// segments, commands and code. Of "#ifdef NAME … #endif" the lines of STANDARD are taken and those of other names are
/// not. `file` names the script in errors. Throws ScriptError for what is not of the language, and NotSupportedError for
/// what is and cannot be played here.
Script parse_script(std::string_view text, std::string_view file);

/// The parts of it: what follows '<' or '>' of a segment, and a call from its name on. Throw as parse_script() does.
Segment parse_segment(Cursor& cursor);
Call parse_call(Cursor& cursor);

}  // namespace halfclosed::scenarios::packetdrill
