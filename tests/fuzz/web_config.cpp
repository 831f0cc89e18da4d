// Any text in place of a web configuration: what it asks for, or an error that names the file and a line.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "exporters/auth/web_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (text.find("_file") != std::string::npos) {
        return 0;  // it would read whatever is named
    }
    try {
        halfclosed::auth::parse_web_config(text, "fuzz.yml");
    } catch (const std::invalid_argument& error) {
        if (!std::string_view(error.what()).starts_with("fuzz.yml:")) {
            std::abort();
        }
    }
    return 0;
}
