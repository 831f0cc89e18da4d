#include "text/terminal.h"

#include <algorithm>

#include "text/utf8.h"

namespace halfclosed::text {

namespace {

const char* escape(Paint paint) {
    switch (paint) {
        case Paint::plain:
            return "";
        case Paint::bold:
            return "\x1b[1m";
        case Paint::dim:
            return "\x1b[2m";
        case Paint::red:
            return "\x1b[1;31m";
        case Paint::yellow:
            return "\x1b[33m";
        case Paint::green:
            return "\x1b[32m";
        case Paint::cyan:
            return "\x1b[36m";
    }
    return "";
}

std::string spaces_for(std::string_view text, std::size_t width) {
    const std::size_t taken = columns(text);
    return std::string(taken < width ? width - taken : 0, ' ');
}

}  // namespace

std::string painted(std::string_view text, Paint paint, const TerminalStyle& style) {
    if (!style.color || paint == Paint::plain) {
        return std::string(text);
    }
    return escape(paint) + std::string(text) + "\x1b[0m";
}

std::string padded(std::string_view text, std::size_t width) {
    return std::string(text) + spaces_for(text, width);
}

std::string padded_left(std::string_view text, std::size_t width) {
    return spaces_for(text, width) + std::string(text);
}

std::string cut(std::string_view text, std::size_t width) {
    if (columns(text) <= width) {
        return std::string(text);
    }
    if (width == 0) {
        return {};
    }
    // The first byte of each further character is none of the form 10xxxxxx (RFC 3629).
    std::size_t end = 0;
    for (std::size_t taken = 0; end < text.size(); ++end) {
        const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
        if (begins && taken++ == width - 1) {
            break;
        }
    }
    return std::string(text.substr(0, end)) + "…";
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
    const std::string margin(indent, ' ');
    std::string result;
    std::string line;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && indent + columns(line) + 1 + columns(word) > width) {
            result += margin + line + "\n";
            line.clear();
        }
        if (!line.empty()) {
            line += ' ';
        }
        line += word;
    }
    return line.empty() ? result : result + margin + line + "\n";
}

}  // namespace halfclosed::text
