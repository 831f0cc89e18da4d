#pragma once

#include <optional>
#include <string>

#include "tracking/age.h"
#include "tracking/cause.h"
#include "tracking/custody.h"
#include "tracking/transition.h"

namespace halfclosed::history {

// Back from the names that a file has. A name that is not known is of another version: a state that is nothing, and
// otherwise what says least.

std::optional<TcpState> state_named(const std::string& text);
tracking::Custody custody_named(const std::string& text);
std::optional<tracking::Cause> cause_named(const std::string& text);
tracking::Age::Kind age_kind_named(const std::string& text);
std::optional<tracking::Evidence> evidence_named(const std::string& text);

/// As SQLite wants a path in a URI (sqlite.org/uri.html).
std::string file_uri(const std::string& path);

}  // namespace halfclosed::history
