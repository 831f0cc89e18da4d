#pragma once

#include <string>

#include "service/serve_options.h"

namespace halfclosed {

/// What of a new configuration a reload leaves as it was, as a sentence: "--listen and --state-dir take effect at the next
/// start"; empty if everything is in force.
std::string for_the_next_start(const ServeOptions& in_force, const ServeOptions& wanted);

}  // namespace halfclosed
