#include "scenarios/recorded_trace.h"

#include <fstream>
#include <stdexcept>

#include "scenarios/trace/trace_line.h"

namespace halfclosed::scenarios {

Story recorded_story(const std::string& scenario) {
    const std::string path = HALFCLOSED_FIXTURES "/scenarios/" + scenario + ".6.18.facts";
    std::ifstream file(path);
    Story story;
    std::string line;
    while (std::getline(file, line)) {
        tell(story, parse_fact(line));
    }
    if (!story.finished) {
        throw std::runtime_error(path + ": not a whole story");
    }
    return story;
}

}  // namespace halfclosed::scenarios
