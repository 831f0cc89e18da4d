#include "scenarios/packetdrill/result.h"

#include <algorithm>

namespace halfclosed::scenarios::packetdrill {

const char* name(Outcome outcome) {
    switch (outcome) {
        case Outcome::passed:
            return "passed";
        case Outcome::failed:
            return "failed";
        case Outcome::not_supported:
            return "not supported";
    }
    return "unknown";
}

std::string reason(const Result& result) {
    if (result.outcome == Outcome::passed) {
        return {};
    }
    return result.line == 0 ? result.why
                            : "line " + std::to_string(result.line) + ": " + result.why;
}

std::size_t judged(const Result& result) {
    return static_cast<std::size_t>(std::count_if(result.steps.begin(), result.steps.end(),
                                                  [](const Step& step) { return step.judged; }));
}

}  // namespace halfclosed::scenarios::packetdrill
