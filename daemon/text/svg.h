#pragma once

#include <string>
#include <string_view>

namespace halfclosed::text {

/// `text` for an attribute or between tags of XML. Bytes that are no UTF-8, and characters that XML does not allow, are
/// replaced: text from programs and files may be anything.
std::string xml_escaped(const std::string& text);

/// A number for an attribute: two places at most, the same in every locale.
std::string svg_number(double number);

enum class Anchor { start, middle, end };

/// Elements of an SVG document one after another. Their looks are classes of a style sheet.
class SvgWriter {
 public:
    /// What is written until close_group() belongs together; a browser shows `hint` over it.
    void open_group(std::string_view look, const std::string& hint);
    void close_group();

    void rectangle(double x, double y, double width, double height, double radius,
                   std::string_view look);
    /// `data` is made of commands and svg_number()s.
    void path(const std::string& data, std::string_view look);
    /// `y` is the baseline.
    void text(double x, double y, Anchor anchor, std::string_view look, const std::string& text);

    /// As it is.
    void raw(std::string_view markup) { markup_.append(markup); }

    std::string take() { return std::move(markup_); }

 private:
    std::string markup_;
};

/// "M x1 y1 L x2 y2".
std::string line_path(double x1, double y1, double x2, double y2);

}  // namespace halfclosed::text
