#include "scenarios/diagram/text_row.h"

#include <algorithm>

#include "text/utf8.h"

namespace halfclosed::scenarios {

namespace {

using halfclosed::text::columns;
using halfclosed::text::Paint;
using halfclosed::text::painted;

/// Between a lane and the one before it.
constexpr std::array<std::size_t, 5> kGaps{0, 2, 1, 2, 2};

bool continues_a_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

}  // namespace

std::string cut(const std::string& text, std::size_t width) {
    std::size_t end = 0;
    for (std::size_t taken = 0; end < text.size(); ++end) {
        if (!continues_a_character(text[end]) && taken++ == width) {
            break;
        }
    }
    return text.substr(0, end);
}

std::string shortened(const std::string& text) {
    constexpr std::size_t kMost = 600;
    constexpr std::size_t kBeginning = 400;
    constexpr std::size_t kEnd = 160;
    if (columns(text) <= kMost) {
        return text;
    }
    std::size_t end = text.size() - kEnd;
    while (end < text.size() && continues_a_character(text[end])) {
        ++end;
    }
    return cut(text, kBeginning) + " ... " + text.substr(end);
}

std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
        std::string word = halfclosed::text::printable(text.substr(begin, end - begin));
        begin = end + 1;
        if (!lines.empty() && !word.empty() && columns(lines.back()) + 1 + columns(word) <= width) {
            lines.back() += " " + word;
            continue;
        }
        while (!word.empty()) {
            lines.push_back(cut(word, width));
            word.erase(0, lines.back().size());
        }
    }
    return lines;
}

void TextRow::put(Lane lane, const std::string& text, Paint paint) {
    texts_[lane] = cut(halfclosed::text::printable(text), kWidths[lane]);
    paints_[lane] = paint;
}

void TextRow::put_before(Lane lane, const std::string& mark) {
    marks_[lane] = texts_[lane].empty() ? mark : mark + " ";
    texts_[lane] = cut(texts_[lane], kWidths[lane] - columns(marks_[lane]));
}

std::string TextRow::render(const TextDiagramStyle& style) const {
    std::string line;
    std::size_t due = 0;  // blanks before the next text
    for (std::size_t lane = 0; lane < kWidths.size(); ++lane) {
        const std::size_t width = columns(marks_[lane]) + columns(texts_[lane]);
        const bool to_the_right = lane == time || lane == counts;
        const std::size_t before = to_the_right ? kWidths[lane] - width : 0;
        due += kGaps[lane] + before;
        if (width > 0) {
            line.append(due, ' ').append(painted(marks_[lane], Paint::dim, style.terminal()));
            line.append(painted(texts_[lane], paints_[lane], style.terminal()));
            due = 0;
        } else {
            due += width;
        }
        due += kWidths[lane] - width - before;
    }
    return line;
}

}  // namespace halfclosed::scenarios
