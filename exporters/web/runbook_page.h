#pragma once

#include <string>

namespace halfclosed::exporters {

/// deploy/prometheus/runbook.md as a page: what each alert means and what to do, with a section of its name for each.
std::string runbook_page();

}  // namespace halfclosed::exporters
