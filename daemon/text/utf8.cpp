#include "text/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace halfclosed::text {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_continuation(char byte) {
    return (static_cast<std::uint8_t>(byte) & 0xC0U) == 0x80U;
}

/// How many bytes the character at the start of `text` has; 0 if there is none (RFC 3629 section
/// 4: the bounds of the second byte are what excludes overlong forms, surrogates and numbers past
/// U+10FFFF).
std::size_t character_length(std::string_view text) {
    const auto first = static_cast<std::uint8_t>(text[0]);
    if (first < 0x80) {
        return 1;
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

/// The number of a whole character.
std::uint32_t code_point(std::string_view character) {
    const auto first = static_cast<std::uint8_t>(character[0]);
    std::uint32_t number = first;
    if (character.size() > 1) {
        number = first & (0x7FU >> character.size());
    }
    for (const char byte : character.substr(1)) {
        number = number << 6U | (static_cast<std::uint8_t>(byte) & 0x3FU);
    }
    return number;
}

bool is_control(std::uint32_t character) {
    struct Range {
        std::uint32_t first;
        std::uint32_t last;
    };
    constexpr std::array<Range, 6> kControls{{
        {0x00, 0x1F},      // C0
        {0x7F, 0x9F},      // DEL and C1: an eight-bit terminal takes U+009B for ESC [
        {0x061C, 0x061C},  // Arabic letter mark
        {0x200E, 0x200F},  // left-to-right and right-to-left marks
        {0x2028, 0x202E},  // line and paragraph separators, embeddings and overrides
        {0x2066, 0x2069},  // isolates
    }};
    return std::any_of(kControls.begin(), kControls.end(), [character](const Range& range) {
        return range.first <= character && character <= range.last;
    });
}

/// The first character of a text.
struct Character {
    std::string_view bytes;  ///< one where they are none of UTF-8
    bool printable = false;
};

Character first_of(std::string_view text) {
    const std::size_t length = character_length(text);
    if (length == 0) {
        return {text.substr(0, 1), false};
    }
    const std::string_view bytes = text.substr(0, length);
    return {bytes, !is_control(code_point(bytes))};
}

std::string cleaned(std::string_view text, std::string_view kept) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const Character character = first_of(text);
        const bool keep =
            character.printable || kept.find(character.bytes) != std::string_view::npos;
        result += keep ? character.bytes : kReplacement;
        text.remove_prefix(character.bytes.size());
    }
    return result;
}

}  // namespace

std::string printable(std::string_view text) {
    return cleaned(text, {});
}

std::string printable_lines(std::string_view text) {
    return cleaned(text, "\n\t");
}

std::size_t find_unprintable(std::string_view text, std::size_t from) {
    while (from < text.size()) {
        const Character character = first_of(text.substr(from));
        if (!character.printable) {
            return from;
        }
        from += character.bytes.size();
    }
    return std::string_view::npos;
}

std::size_t columns(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char byte) { return !is_continuation(byte); }));
}

}  // namespace halfclosed::text
