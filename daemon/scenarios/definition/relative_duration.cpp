#include "scenarios/definition/relative_duration.h"

#include <stdexcept>

#include "text/time.h"

namespace halfclosed::scenarios {

std::chrono::seconds parse_fin_timeout(const std::string& text) {
    const std::chrono::nanoseconds duration = text::parse_duration(text);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
    if (seconds != duration || seconds < std::chrono::seconds{1} ||
        seconds > std::chrono::seconds{60}) {
        throw std::invalid_argument("'" + text + "' is not in whole seconds from 1s to 60s");
    }
    return seconds;
}

Duration parse_hold(const std::string& text) {
    const std::chrono::nanoseconds duration = text::parse_duration(text);
    if (duration > std::chrono::hours{24}) {
        throw std::invalid_argument("'" + text + "' is more than 24h");
    }
    return duration;
}

}  // namespace halfclosed::scenarios
