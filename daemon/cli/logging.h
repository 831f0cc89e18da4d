#pragma once

#include <string>

#include "cli/options.h"
#include "exporters/events/event_log.h"

namespace halfclosed {

/// Sends the log to standard error, or to the journal: results alone go to standard output.
void start_logging(const CommonOptions& common);

/// Whether the log is for programs: JSON or the journal. A line of an event is then no repetition of what a person
/// reads on standard output.
bool log_is_structured(const CommonOptions& common);

/// The sink of an event log that goes where the log goes, in its format.
exporters::EventLog::Sink event_sink(const CommonOptions& common);

/// Checks and returns a level's name: trace, debug, info, warn, error or off. Throws std::invalid_argument.
std::string parse_log_level(const std::string& level);
LogFormat parse_log_format(const std::string& format);

}  // namespace halfclosed
