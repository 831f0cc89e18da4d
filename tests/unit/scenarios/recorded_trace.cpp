#include "scenarios/recorded_trace.h"

#include <fstream>
#include <stdexcept>

#include "scenarios/trace/trace_line.h"

namespace halfclosed::scenarios {

Trace recorded_trace(const std::string& scenario) {
    const std::string path = HALFCLOSED_FIXTURES "/scenarios/" + scenario + ".6.18.facts";
    std::ifstream file(path);
    Trace trace;
    std::string line;
    while (std::getline(file, line)) {
        add(trace, parse_trace_line(line));
    }
    if (!trace.finished) {
        throw std::runtime_error(path + ": not a whole trace");
    }
    return trace;
}

}  // namespace halfclosed::scenarios
