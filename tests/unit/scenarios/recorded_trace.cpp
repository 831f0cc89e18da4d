#include "scenarios/recorded_trace.h"

#include <fstream>
#include <stdexcept>

#include "scenarios/trace/trace_line.h"

namespace halfclosed::scenarios {

Trace recorded_story(const std::string& scenario) {
    const std::string path = HALFCLOSED_FIXTURES "/scenarios/" + scenario + ".6.18.facts";
    std::ifstream file(path);
    Trace trace;
    std::string line;
    while (std::getline(file, line)) {
        tell(trace, parse_fact(line));
    }
    if (!trace.finished) {
        throw std::runtime_error(path + ": not a whole story");
    }
    return trace;
}

}  // namespace halfclosed::scenarios
