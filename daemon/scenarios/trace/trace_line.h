#pragma once

#include <stdexcept>
#include <string>

#include "scenarios/trace/trace.h"

namespace halfclosed::scenarios {

/// A line that is not an event of a trace. what() is fit for a terminal, whatever the line has.
class TraceLineError : public std::runtime_error {
 public:
    explicit TraceLineError(const std::string& what);
};

/// An event as one line of JSON without its newline: how it travels from a run, which lives in namespaces of its own, to
/// the lab, and from a daemon to `scenario run --via`. Instants are nanoseconds of CLOCK_BOOTTIME.
std::string to_line(const TraceEvent& event);

/// The way back. The line may come from anyone: texts lose what a terminal would obey. Throws TraceLineError.
TraceEvent parse_trace_line(const std::string& line);

}  // namespace halfclosed::scenarios
