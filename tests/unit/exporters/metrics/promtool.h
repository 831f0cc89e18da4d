#pragma once

#include <string>

namespace halfclosed::exporters {

/// Whether Prometheus' own linter is here (Debian: package prometheus).
bool promtool_installed();

/// What `promtool check metrics` says of a page; empty if it exits with 0 and has nothing to say.
std::string promtool_check_metrics(const std::string& page);

}  // namespace halfclosed::exporters
