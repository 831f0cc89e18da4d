#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.h"
#include "scenarios/definition/relative_duration.h"

namespace halfclosed {

/// "NAME" of "/api/v1/scenarios/NAME/run", whatever it is; nothing for another path.
std::optional<std::string> scenario_to_run(std::string_view path);

/// What the query of such a request asks for: ?fin-timeout=2s&hold=10m, the hold up to `max_hold`. Throws
/// std::invalid_argument that names the parameter.
scenarios::RunParameters run_parameters(const http::Request& request,
                                        std::chrono::nanoseconds max_hold);

}  // namespace halfclosed
