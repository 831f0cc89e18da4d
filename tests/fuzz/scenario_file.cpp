// Any text in place of a scenario file: a Scenario, or an error that names the file and a line.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "scenarios/definition/scenario_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        halfclosed::scenarios::parse_scenario(text, "fuzz.toml");
    } catch (const halfclosed::scenarios::ScenarioFileError& error) {
        if (!std::string_view(error.what()).starts_with("fuzz.toml")) {
            std::abort();
        }
    }
    return 0;
}
