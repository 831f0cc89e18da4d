// Any bytes in place of a state file: what parse_known_sockets() accepts must be what serialise() makes of it, byte for
// byte; everything else is an Error.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "service/known_sockets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        if (halfclosed::host::serialise(halfclosed::host::parse_known_sockets(text)) != text) {
            std::abort();
        }
    } catch (const halfclosed::posix::Error&) {
    }
    return 0;
}
