// Any text in place of what the processes of the lab report: a call of a program, a step of its script, the result of a
// packetdrill script. What is read survives the way there and back.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "attempt.h"
#include "scenarios/packetdrill/result_json.h"
#include "scenarios/programs/call.h"
#include "scenarios/programs/script.h"

using namespace halfclosed;

namespace {

void check_call(const std::string& line) {
    const auto call = programs::parse_call(line);
    if (!call) {
        return;
    }
    std::string written = programs::to_line(*call);
    written.pop_back();
    if (programs::parse_call(written) != call) {
        std::abort();
    }
    programs::to_string(*call);
}

void check_result(const std::string& json) {
    using namespace scenarios::packetdrill;
    const Result result = parse_result(json);
    const std::string written = to_json(result);
    if (to_json(parse_result(written)) != written) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    check_call(text);
    programs::parse_action(text);
    attempt<std::runtime_error>([&] { check_result(text); });
    return 0;
}
