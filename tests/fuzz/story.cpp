// Any lines in place of the facts of a trace: each is a fact that goes there and back, or an error; and what they tell
// together can be judged, drawn and written down, whatever it is.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include "scenarios/definition/catalogue.h"
#include "scenarios/diagram/svg_diagram.h"
#include "scenarios/diagram/text_diagram.h"
#include "scenarios/diagram/text_row.h"
#include "scenarios/trace/trace_line.h"
#include "scenarios/verdict/run_json.h"

using namespace halfclosed::scenarios;

namespace {

constexpr std::size_t kWidth = 80;

Trace told(const std::string& text) {
    std::istringstream lines(text);
    Trace trace;
    for (std::string line; std::getline(lines, line);) {
        try {
            const TraceEvent fact = parse_fact(line);
            if (parse_fact(to_line(fact)) != fact) {
                std::abort();
            }
            tell(trace, fact);
        } catch (const FactLineError&) {
        }
    }
    return trace;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Trace trace = told(std::string(reinterpret_cast<const char*>(data), size));
    const Scenario& scenario = catalogue().front();
    const std::chrono::seconds fin_timeout{2};
    const Verdict verdict = judge(scenario.expect, trace, fin_timeout);
    for (const std::string& line : figure(trace, {false, true})) {
        const bool obeyed = std::any_of(line.begin(), line.end(),
                                        [](char letter) { return letter >= 0 && letter < ' '; });
        if (columns(line) > kWidth || obeyed) {
            std::abort();
        }
    }
    if (!picture(scenario, trace, verdict, fin_timeout).ends_with("</svg>\n") ||
        scenario_json(scenario, trace, verdict, fin_timeout).find('\n') != std::string::npos) {
        std::abort();
    }
    return 0;
}
