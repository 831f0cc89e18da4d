#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace halfclosed::scenarios {

/// The number behind a name of the system's headers that scripts use: "SOL_SOCKET", "O_NONBLOCK", "ECONNRESET", "NULL".
std::optional<std::int64_t> symbol(std::string_view name);

}  // namespace halfclosed::scenarios
