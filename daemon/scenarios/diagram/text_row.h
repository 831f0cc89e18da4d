#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "scenarios/diagram/text_diagram.h"

namespace halfclosed::scenarios {

enum class Paint { plain, bold, dim, red, green, yellow, cyan };

/// `text` in a colour, where the style has colours.
std::string painted(std::string_view text, Paint paint, const TextDiagramStyle& style);

/// How many columns a text takes: every character of ours takes one.
std::size_t columns(std::string_view text);

/// The beginning of a text that is not wider than so many columns.
std::string cut(const std::string& text, std::size_t width);

/// A text without its middle where it has more than some hundred characters: the beginning and the end say what it is.
std::string shortened(const std::string& text);

/// Breaks a text at its blanks into lines of at most `width` columns, each behind `indent` blanks.
std::vector<std::string> wrapped(std::string_view text, std::size_t width, std::size_t indent);

/// One line of the figure: its lanes from left to right.
class FigureRow {
 public:
    enum Lane : std::size_t { time, client, wire, server, counts };
    static constexpr std::array<std::size_t, 5> kWidths{9, 20, 15, 20, 9};

    bool is_free(Lane lane) const { return texts_[lane].empty(); }

    /// Puts a text that is not wider than its lane; the rest of one that is, is cut.
    void put(Lane lane, const std::string& text, Paint paint);

    /// Draws this in front of what the lane has, or alone.
    void put_before(Lane lane, const std::string& mark);

    /// The line, without blanks at its end.
    std::string render(const TextDiagramStyle& style) const;

 private:
    std::array<std::string, 5> marks_;  ///< in front of the texts
    std::array<std::string, 5> texts_;
    std::array<Paint, 5> paints_{};
};

}  // namespace halfclosed::scenarios
