// Any lines in place of the events of a trace: each is an event that survives the way there and back, or an error; and
// the trace that they make can be judged, drawn and written, whatever it is.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "scenarios/definition/catalogue.h"
#include "scenarios/diagram/svg_diagram.h"
#include "scenarios/diagram/text_diagram.h"
#include "scenarios/trace/trace_line.h"
#include "scenarios/verdict/run_json.h"
#include "text/utf8.h"

using namespace halfclosed::scenarios;

namespace {

constexpr std::size_t kWidth = 80;

Trace trace_of(const std::string& text) {
    std::istringstream lines(text);
    Trace trace;
    for (std::string line; std::getline(lines, line);) {
        try {
            const TraceEvent event = parse_trace_line(line);
            if (parse_trace_line(to_line(event)) != event) {
                std::abort();
            }
            add(trace, event);
        } catch (const TraceLineError&) {
        }
    }
    return trace;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Run run{catalogue().front(),
            {},
            trace_of(std::string(reinterpret_cast<const char*>(data), size)),
            {}};
    run.verdict = judge(run.scenario.expect, run.trace, run.parameters);
    for (const std::string& line : text_diagram(run.trace, {false, true})) {
        const bool obeyed = std::any_of(line.begin(), line.end(),
                                        [](char letter) { return letter >= 0 && letter < ' '; });
        if (halfclosed::text::columns(line) > kWidth || obeyed) {
            std::abort();
        }
    }
    if (!svg_diagram(run).ends_with("</svg>\n") || run_json(run).find('\n') != std::string::npos) {
        std::abort();
    }
    return 0;
}
