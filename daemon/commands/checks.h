#pragma once

#include <vector>

#include "cli/options.h"
#include "commands/check_report.h"

namespace halfclosed {

/// What works here and what is missing, without the lab's scenarios.
std::vector<CheckResult> run_checks(const CommonOptions& common);

}  // namespace halfclosed
