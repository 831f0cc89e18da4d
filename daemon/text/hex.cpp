#include "text/hex.h"

#include <array>
#include <charconv>
#include <cstdint>

namespace halfclosed::text {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

}  // namespace

std::string to_hex(std::string_view bytes) {
    std::string digits;
    digits.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        digits += kDigits[value >> 4U];
        digits += kDigits[value & 0x0fU];
    }
    return digits;
}

std::optional<std::string> parse_hex(std::string_view digits) {
    if (digits.size() % 2 != 0) {
        return std::nullopt;
    }
    std::string bytes;
    bytes.reserve(digits.size() / 2);
    for (std::size_t place = 0; place < digits.size(); place += 2) {
        const std::size_t high = kDigits.find(digits[place]);
        const std::size_t low = kDigits.find(digits[place + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            return std::nullopt;
        }
        bytes += static_cast<char>(high << 4U | low);
    }
    return bytes;
}

std::string cookie_text(Cookie cookie) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(),
                                   static_cast<std::uint64_t>(cookie), 16);
    return {digits.data(), end.ptr};
}

std::optional<Cookie> parse_cookie(std::string_view text) {
    std::uint64_t cookie = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, cookie, 16);
    return error == std::errc{} && stop == end ? std::optional(Cookie{cookie}) : std::nullopt;
}

}  // namespace halfclosed::text
