#pragma once

#include <string>

#include "tracking/instant.h"

namespace halfclosed::scenarios {

/// "2.004 s", "41.3 ms", "0.2 ms", "16 us", "3600 s", "100 h": three places at most behind the point, never more than
/// nine characters.
std::string time_text(tracking::Duration time);

}  // namespace halfclosed::scenarios
