#include "exporters/auth/basic_auth.h"

#include <algorithm>
#include <cctype>
#include <cstdint>

namespace halfclosed::auth {

namespace {

std::optional<std::uint32_t> sextet(char c) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t place = kAlphabet.find(c);
    return place != std::string_view::npos ? std::optional(static_cast<std::uint32_t>(place))
                                           : std::nullopt;
}

/// RFC 4648, section 4, with its padding and nothing else.
std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    std::string bytes;
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : text) {
        const auto value = sextet(c);
        if (!value) {
            return std::nullopt;
        }
        held = (held << 6 | *value) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes.push_back(static_cast<char>(held >> bits & 0xff));
        }
    }
    return bytes;
}

}  // namespace

std::optional<Credentials> basic_credentials(std::string_view authorization) {
    constexpr std::string_view kScheme = "basic ";
    const std::string_view scheme = authorization.substr(0, kScheme.size());
    const bool basic = std::equal(
        scheme.begin(), scheme.end(), kScheme.begin(), kScheme.end(), [](char c, char expected) {
            return std::tolower(static_cast<unsigned char>(c)) == expected;
        });
    if (!basic) {
        return std::nullopt;
    }
    const auto text = from_base64(authorization.substr(kScheme.size()));
    const std::size_t colon = text ? text->find(':') : std::string::npos;
    if (colon == std::string::npos) {
        return std::nullopt;
    }
    return Credentials{text->substr(0, colon), text->substr(colon + 1)};
}

}  // namespace halfclosed::auth
