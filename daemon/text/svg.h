#pragma once

#include <string>
#include <string_view>

namespace halfclosed::text {

/// A number for an attribute: two places at most, the same in every locale.
std::string svg_number(double number);

enum class Anchor { start, middle, end };

/// Writes the elements of an SVG document one after another. `style` is a class, or classes, of its style sheet.
class SvgWriter {
 public:
    /// Groups what is written until close_group(); a browser shows `title` as its tooltip.
    void open_group(std::string_view style, const std::string& title);
    void close_group();

    void rectangle(double x, double y, double width, double height, double radius,
                   std::string_view style);
    /// `data` is made of commands and svg_number()s.
    void path(const std::string& data, std::string_view style);
    /// `y` is the baseline.
    void text(double x, double y, Anchor anchor, std::string_view style, const std::string& text);

    /// Appends markup unchanged.
    void raw(std::string_view markup) { markup_.append(markup); }

    std::string take() { return std::move(markup_); }

 private:
    std::string markup_;
};

/// "M x1 y1 L x2 y2".
std::string line_path(double x1, double y1, double x2, double y2);

}  // namespace halfclosed::text
