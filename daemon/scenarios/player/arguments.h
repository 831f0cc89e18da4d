#pragma once

#include <cstdint>

#include "scenarios/packetdrill/script.h"

namespace halfclosed::scenarios {

/// The number that a value of a script stands for: its own, or that of its names, or of the one item of a list. 0 for
/// "...". Throws packetdrill::NotSupportedError with `line` for an unknown name and for other values.
std::int64_t number_of(const packetdrill::Value& value, std::size_t line);

/// As number_of() of an argument; `absent` if there are not so many.
std::int64_t argument(const packetdrill::Call& call, std::size_t place, std::size_t line,
                      std::int64_t absent = 0);

}  // namespace halfclosed::scenarios
