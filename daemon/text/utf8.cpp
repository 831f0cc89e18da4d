#include "text/utf8.h"

#include <algorithm>
#include <cstdint>

namespace halfclosed::text {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_continuation(char byte) {
    return (static_cast<std::uint8_t>(byte) & 0xC0U) == 0x80U;
}

/// How many bytes the character at the start of `text` has; 0 where there is none (RFC 3629 section
/// 4: the bounds of the second byte are what excludes overlong forms, surrogates and numbers past
/// U+10FFFF).
std::size_t character_length(std::string_view text) {
    const auto first = static_cast<std::uint8_t>(text[0]);
    if (first < 0x80) {
        return first == 0 ? 0 : 1;
    }
    std::size_t length = 0;
    std::uint8_t low = 0x80;
    std::uint8_t high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) {
        length = 2;
    } else if (first >= 0xE0 && first <= 0xEF) {
        length = 3;
        low = first == 0xE0 ? 0xA0 : low;
        high = first == 0xED ? 0x9F : high;
    } else if (first >= 0xF0 && first <= 0xF4) {
        length = 4;
        low = first == 0xF0 ? 0x90 : low;
        high = first == 0xF4 ? 0x8F : high;
    } else {
        return 0;
    }
    if (text.size() < length) {
        return 0;
    }
    const auto second = static_cast<std::uint8_t>(text[1]);
    if (second < low || second > high) {
        return 0;
    }
    const std::string_view rest = text.substr(2, length - 2);
    return std::all_of(rest.begin(), rest.end(), is_continuation) ? length : 0;
}

bool is_control(std::string_view character) {
    const auto first = static_cast<std::uint8_t>(character[0]);
    if (character.size() == 1) {
        return first < 0x20 || first == 0x7F;
    }
    // U+0080 to U+009F: an eight-bit terminal takes U+009B for ESC [.
    return character.size() == 2 && first == 0xC2 && static_cast<std::uint8_t>(character[1]) < 0xA0;
}

template <typename Unwanted>
std::string with_replacements(std::string_view text, Unwanted unwanted) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
        result += length == 0 || unwanted(character) ? kReplacement : character;
        text.remove_prefix(character.size());
    }
    return result;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
    return with_replacements(text, [](std::string_view) { return false; });
}

std::string printable(std::string_view text) {
    return with_replacements(text, is_control);
}

std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return !is_continuation(byte); }));
}

}  // namespace halfclosed::text
