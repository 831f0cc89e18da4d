#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace halfclosed::programs {

/// "SIGINT" or "INT" to the number; nothing for any other text.
std::optional<int> signal_number(std::string_view name);

/// "SIGINT"; "signal 70" for a number without a name.
std::string signal_name(int number);

}  // namespace halfclosed::programs
