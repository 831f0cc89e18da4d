#include "scenarios/diagram/text_width.h"

#include <cctype>

namespace halfclosed::scenarios {

namespace {

/// The first character of a text that is not empty: an ASCII byte, or one with all that continue it.
std::string_view first_character(std::string_view text) {
    std::size_t end = 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
        ++end;
    }
    return text.substr(0, end);
}

double character_width(std::string_view character) {
    if (character.size() > 1) {
        return 1.05;  // as wide as they come: a full em
    }
    const char letter = character.front();
    const auto is_one_of = [letter](std::string_view some) {
        return some.find(letter) != std::string_view::npos;
    };
    if (is_one_of("ijlIJ|'.,:;/\\ ")) {
        return 0.36;
    }
    if (is_one_of("frt()[]{}-!\"*")) {
        return 0.52;
    }
    if (is_one_of("mwMW@%")) {
        return 1.05;
    }
    if (is_one_of("=+<>#~^")) {
        return 0.86;
    }
    return std::isupper(static_cast<unsigned char>(letter)) != 0 ? 0.8 : 0.65;
}

}  // namespace

double sans_width(std::string_view text) {
    double width = 0;
    while (!text.empty()) {
        const std::string_view character = first_character(text);
        width += character_width(character);
        text.remove_prefix(character.size());
    }
    return width;
}

std::vector<std::string> broken_to_width(std::string_view text, double width) {
    std::vector<std::string> lines;
    bool inside_word = false;
    while (!text.empty()) {
        const std::size_t blank = text.find_first_of(" \n");
        std::string_view word = text.substr(0, blank);
        text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
        inside_word = false;
        while (!word.empty()) {
            if (!inside_word && !lines.empty() &&
                sans_width(lines.back()) + sans_width(" ") + sans_width(word) <= width) {
                lines.back().append(" ").append(word);
                break;
            }
            std::string line;
            double taken = 0;
            while (!word.empty()) {
                const std::string_view character = first_character(word);
                taken += character_width(character);
                if (taken > width && !line.empty()) {
                    break;
                }
                line.append(character);
                word.remove_prefix(character.size());
            }
            lines.push_back(line);
            inside_word = true;
        }
    }
    return lines;
}

std::string cut_to_width(std::string_view text, double width) {
    if (sans_width(text) <= width) {
        return std::string(text);
    }
    constexpr std::string_view kCut = "…";
    std::string kept;
    double taken = sans_width(kCut);
    while (!text.empty()) {
        const std::string_view character = first_character(text);
        taken += character_width(character);
        if (taken > width) {
            break;
        }
        kept.append(character);
        text.remove_prefix(character.size());
    }
    return kept.append(kCut);
}

}  // namespace halfclosed::scenarios
