#pragma once

#include <stdexcept>
#include <string>

#include "scenarios/trace/trace.h"

namespace halfclosed::scenarios {

/// What came over the pipe from the run is not a fact.
class FactLineError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

/// A fact as one line of JSON without its newline: how it travels from the run, which lives in
/// namespaces of its own, to the lab. Instants are nanoseconds of CLOCK_BOOTTIME.
std::string to_line(const TraceEvent& fact);

/// The way back. Throws FactLineError.
TraceEvent parse_fact(const std::string& line);

}  // namespace halfclosed::scenarios
