#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace halfclosed {

/// Every character that commands a terminal or reorders a line, as UTF-8: C0, DEL, C1, and the bidirectional controls;
/// and bytes that are no UTF-8, among them C1 as a single byte.
inline std::vector<std::string> control_characters() {
    std::vector<std::uint32_t> points;
    for (std::uint32_t point = 0; point < 0x20; ++point) {
        points.push_back(point);
    }
    for (std::uint32_t point = 0x7F; point <= 0x9F; ++point) {
        points.push_back(point);
    }
    for (const std::uint32_t point :
         {0x061CU, 0x200EU, 0x200FU, 0x2028U, 0x2029U, 0x202AU, 0x202BU, 0x202CU, 0x202DU, 0x202EU,
          0x2066U, 0x2067U, 0x2068U, 0x2069U}) {
        points.push_back(point);
    }
    std::vector<std::string> characters;
    for (const std::uint32_t point : points) {
        std::string text;
        if (point < 0x80) {
            text += static_cast<char>(point);
        } else if (point < 0x800) {
            text += static_cast<char>(0xC0U | point >> 6U);
            text += static_cast<char>(0x80U | (point & 0x3FU));
        } else {
            text += static_cast<char>(0xE0U | point >> 12U);
            text += static_cast<char>(0x80U | (point >> 6U & 0x3FU));
            text += static_cast<char>(0x80U | (point & 0x3FU));
        }
        characters.push_back(text);
    }
    characters.emplace_back("\x9B");
    characters.emplace_back("\xE2\x80");
    characters.emplace_back("\xFF");
    return characters;
}

/// A name that has all of them, each between letters.
inline std::string hostile_name() {
    std::string name = "a";
    for (const std::string& character : control_characters()) {
        name += character + "a";
    }
    return name;
}

/// The first of them that `text` has, as hexadecimal bytes; empty if it has none. A newline ends a line, and is none.
inline std::string control_in(const std::string& text) {
    static const std::string kDigits = "0123456789abcdef";
    for (const std::string& character : control_characters()) {
        // What is no UTF-8 stands alone: as a part of a character it would be found in others.
        const bool whole =
            character == "\n" || character.front() == '\x9B' || character == "\xE2\x80";
        if (!whole && text.find(character) != std::string::npos) {
            std::string hexadecimal;
            for (const char byte : character) {
                const auto value = static_cast<unsigned char>(byte);
                hexadecimal += kDigits[value >> 4U];
                hexadecimal += kDigits[value & 15U];
            }
            return hexadecimal;
        }
    }
    return {};
}

}  // namespace halfclosed
