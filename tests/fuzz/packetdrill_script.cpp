// Any text in place of a packetdrill script: a Script whose commands, code and segments can be taken apart, or an error
// that names the file and a line. What is written of a segment is read as the same segment.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scenarios/packetdrill/assertion.h"
#include "scenarios/packetdrill/command.h"
#include "scenarios/packetdrill/connection_model.h"
#include "scenarios/packetdrill/script_parser.h"

namespace {

using namespace halfclosed::scenarios::packetdrill;

void check_segment(const Segment& segment) {
    const std::string text = to_string(segment);
    Cursor cursor(text, "fuzz.pkt");
    if (parse_segment(cursor) != segment) {
        std::abort();
    }
}

void take_apart(const Event& event, ConnectionModel& model) {
    try {
        if (const auto* const command = std::get_if<Command>(&event.what)) {
            interpret(command->text, event.line);
        } else if (const auto* const code = std::get_if<Code>(&event.what)) {
            parse_assertions(code->text, event.line);
        } else if (const auto* const call = std::get_if<Call>(&event.what)) {
            model.called(*call, call->result.value_or(0));
        } else if (const auto* const injected = std::get_if<Injected>(&event.what)) {
            check_segment(injected->segment);
            model.injected(injected->segment);
        } else {
            const Segment& expected = std::get<Expected>(event.what).segment;
            check_segment(expected);
            model.sent(expected);
        }
    } catch (const NotSupportedError&) {
    }
    model.implied();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        ConnectionModel model;
        for (const Event& event : parse_script(text, "fuzz.pkt").events) {
            take_apart(event, model);
        }
    } catch (const NotSupportedError&) {
    } catch (const ScriptError& error) {
        if (!std::string_view(error.what()).starts_with("fuzz.pkt: line ")) {
            std::abort();
        }
    }
    return 0;
}
