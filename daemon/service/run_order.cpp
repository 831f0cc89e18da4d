#include "service/run_order.h"

#include <stdexcept>

#include "text/time.h"

namespace halfclosed {

std::optional<std::string> scenario_to_run(std::string_view path) {
    constexpr std::string_view kOne = "/api/v1/scenarios/";
    constexpr std::string_view kRun = "/run";
    if (!path.starts_with(kOne) || !path.ends_with(kRun) ||
        path.size() <= kOne.size() + kRun.size()) {
        return std::nullopt;
    }
    return std::string(path.substr(kOne.size(), path.size() - kOne.size() - kRun.size()));
}

scenarios::RunParameters run_parameters(const http::Request& request,
                                        std::chrono::nanoseconds max_hold) {
    scenarios::RunParameters parameters;
    for (const auto& [key, value] : request.query) {
        const bool known = key == "fin-timeout" || key == "hold";
        if (!known) {
            throw std::invalid_argument("unknown parameter '" + key +
                                        "': fin-timeout and hold are known");
        }
        try {
            if (key == "hold") {
                parameters.hold = scenarios::parse_hold(value);
                if (parameters.hold > max_hold) {
                    throw std::invalid_argument("'" + value + "' is more than " +
                                                text::duration_text(max_hold) + " (--max-hold)");
                }
            } else {
                parameters.fin_timeout = scenarios::parse_fin_timeout(value);
            }
        } catch (const std::invalid_argument& error) {
            throw std::invalid_argument(key + ": " + error.what());
        }
    }
    return parameters;
}

}  // namespace halfclosed
