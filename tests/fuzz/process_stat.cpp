// Any bytes in place of /proc/PID/stat, whose second field is whatever a process calls itself.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "host/process_stat.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const auto stat = halfclosed::host::parse_process_stat(text);
        if (text.find("(" + stat.comm + ")") == std::string_view::npos) {
            std::abort();
        }
    } catch (const halfclosed::posix::Error&) {
    }
    return 0;
}
