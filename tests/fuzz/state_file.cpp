// Any bytes in place of the state file of before: parse_state_file() takes it or throws Error, and believes no more than
// the checksum covers.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "history/state_file.h"
#include "posix/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        if (halfclosed::history::parse_state_file(text, "state file").ages.size() * 8 > size) {
            std::abort();
        }
    } catch (const halfclosed::posix::Error&) {
    }
    return 0;
}
