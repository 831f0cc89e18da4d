#pragma once

#include <string>

#include "tracking/instant.h"

namespace halfclosed::scenarios {

/// "2.004 s", "41.3 ms", "0.2 ms", "16 us": three significant places at most beside the point, never more
/// than nine characters below a thousand seconds.
std::string time_text(tracking::Duration time);

}  // namespace halfclosed::scenarios
