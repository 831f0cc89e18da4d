// Any bytes in place of an Authorization header: credentials no longer than what was sent, or none.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "exporters/auth/basic_auth.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view header(reinterpret_cast<const char*>(data), size);
    const auto credentials = halfclosed::auth::basic_credentials(header);
    if (credentials &&
        (credentials->user.size() + credentials->password.size() + 1) * 4 > size * 3) {
        std::abort();
    }
    return 0;
}
