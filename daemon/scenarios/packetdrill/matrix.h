#pragma once

#include <string>
#include <vector>

#include "scenarios/packetdrill/result.h"

namespace halfclosed::scenarios::packetdrill {

/// The table state × event × verdict over the steps of all scripts, as Markdown: for each state, as it was read, and each
/// event the state after it, what the kernel answered, and how many scripts have shown it and how many of these were
/// contradicted there. Below it the scripts that did not pass, with their reasons.
std::string matrix(const std::vector<Result>& results);

}  // namespace halfclosed::scenarios::packetdrill
