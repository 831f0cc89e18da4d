#include "text/cookie_text.h"

#include <array>
#include <charconv>

namespace halfclosed::text {

std::string cookie_text(Cookie cookie) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                   static_cast<std::uint64_t>(cookie), 16);
    return {digits.data(), end.ptr};
}

}  // namespace halfclosed::text
