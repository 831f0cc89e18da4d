#include "scenarios/diagram/text_row.h"

#include "text/utf8.h"

namespace halfclosed::scenarios {

namespace {

constexpr std::array<const char*, 7> kSequences{"",         "\033[1m",  "\033[2m", "\033[31m",
                                                "\033[32m", "\033[33m", "\033[36m"};
/// Between a lane and the one before it.
constexpr std::array<std::size_t, 5> kGaps{0, 2, 1, 2, 2};

bool continues_a_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

}  // namespace

std::string painted(std::string_view text, Paint paint, const TextDiagramStyle& style) {
    if (!style.color || paint == Paint::plain || text.empty()) {
        return std::string(text);
    }
    return kSequences[static_cast<std::size_t>(paint)] + std::string(text) + "\033[0m";
}

std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    for (const char byte : text) {
        count += continues_a_character(byte) ? 0 : 1;
    }
    return count;
}

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

std::vector<std::string> wrapped(std::string_view text, std::size_t width, std::size_t indent) {
    const std::string margin(indent, ' ');
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t blank = text.find_first_of(" \n");
        const std::string word = halfclosed::text::printable(text.substr(0, blank));
        text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
        if (word.empty()) {
            continue;
        }
        if (lines.empty() || columns(lines.back()) + 1 + columns(word) > width) {
            lines.push_back(margin + word);
        } else {
            lines.back().append(" ").append(word);
        }
    }
    return lines;
}

void FigureRow::put(Lane lane, const std::string& text, Paint paint) {
    texts_[lane] = cut(halfclosed::text::printable(text), kWidths[lane]);
    paints_[lane] = paint;
}

void FigureRow::put_before(Lane lane, const std::string& mark) {
    marks_[lane] = texts_[lane].empty() ? mark : mark + " ";
    texts_[lane] = cut(texts_[lane], kWidths[lane] - columns(marks_[lane]));
}

std::string FigureRow::render(const TextDiagramStyle& style) const {
    std::string line;
    std::size_t due = 0;  // blanks before the next text
    for (std::size_t lane = 0; lane < kWidths.size(); ++lane) {
        const std::size_t width = columns(marks_[lane]) + columns(texts_[lane]);
        const bool to_the_right = lane == time || lane == counts;
        const std::size_t before = to_the_right ? kWidths[lane] - width : 0;
        due += kGaps[lane] + before;
        if (width > 0) {
            line.append(due, ' ').append(painted(marks_[lane], Paint::dim, style));
            line.append(painted(texts_[lane], paints_[lane], style));
            due = 0;
        } else {
            due += width;
        }
        due += kWidths[lane] - width - before;
    }
    return line;
}

}  // namespace halfclosed::scenarios
