#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "scenarios/diagram/text_diagram.h"
#include "text/terminal.h"

namespace halfclosed::scenarios {

/// The beginning of a text, at most so many columns wide.
std::string cut(const std::string& text, std::size_t width);

/// A long text without its middle: the beginning and the end say what it is.
std::string shortened(const std::string& text);

/// Breaks a text into lines of at most `width` columns: at blanks, and within a word that is wider. What a terminal would
/// obey is replaced.
std::vector<std::string> wrapped(const std::string& text, std::size_t width);

/// One line of the diagram: its lanes from left to right.
class TextRow {
 public:
    enum Lane : std::size_t { time, client, wire, server, counts };
    static constexpr std::array<std::size_t, 5> kWidths{9, 20, 15, 20, 9};

    bool is_free(Lane lane) const { return texts_[lane].empty(); }

    /// Puts a text into its lane, and cuts it to the lane's width.
    void put(Lane lane, const std::string& text, text::Paint paint);

    /// Draws this in front of what the lane has, or alone.
    void put_before(Lane lane, const std::string& mark);

    /// The line, without blanks at its end.
    std::string render(const TextDiagramStyle& style) const;

 private:
    std::array<std::string, 5> marks_;  ///< in front of the texts
    std::array<std::string, 5> texts_;
    std::array<text::Paint, 5> paints_{};
};

}  // namespace halfclosed::scenarios
