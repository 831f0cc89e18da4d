#pragma once

#include <string>

#include "scenarios/packetdrill/result.h"

namespace halfclosed::scenarios::packetdrill {

/// One line, schema halfclosed.packetdrill/1.
std::string to_json(const Result& result);

/// As to_json() wrote it. Throws std::runtime_error for anything else.
Result parse_result(const std::string& json);

}  // namespace halfclosed::scenarios::packetdrill
