#include "text/svg.h"

#include <cmath>

#include "text/markup.h"

namespace halfclosed::text {

std::string svg_number(double number) {
    const long long hundredths = std::llround(number * 100);
    const long long rest = std::llabs(hundredths % 100);
    std::string text = std::to_string(hundredths / 100);
    if (hundredths < 0 && hundredths > -100) {
        text.insert(0, "-");
    }
    if (rest != 0) {
        text.append(rest < 10 ? ".0" : ".").append(std::to_string(rest));
        if (text.back() == '0') {
            text.pop_back();
        }
    }
    return text;
}

std::string line_path(double x1, double y1, double x2, double y2) {
    return "M" + svg_number(x1) + " " + svg_number(y1) + "L" + svg_number(x2) + " " +
           svg_number(y2);
}

void SvgWriter::open_group(std::string_view style, const std::string& title) {
    markup_.append("<g class=\"").append(style).append("\">");
    if (!title.empty()) {
        markup_.append("<title>").append(html_escaped(title)).append("</title>");
    }
    markup_ += '\n';
}

void SvgWriter::close_group() {
    markup_.append("</g>\n");
}

void SvgWriter::rectangle(double x, double y, double width, double height, double radius,
                          std::string_view style) {
    markup_.append("<rect class=\"").append(style);
    markup_.append("\" x=\"").append(svg_number(x)).append("\" y=\"").append(svg_number(y));
    markup_.append("\" width=\"").append(svg_number(width));
    markup_.append("\" height=\"").append(svg_number(height));
    markup_.append("\" rx=\"").append(svg_number(radius)).append("\"/>\n");
}

void SvgWriter::path(const std::string& data, std::string_view style) {
    markup_.append("<path class=\"").append(style);
    markup_.append("\" d=\"").append(data).append("\"/>\n");
}

void SvgWriter::text(double x, double y, Anchor anchor, std::string_view style,
                     const std::string& text) {
    markup_.append("<text class=\"").append(style);
    markup_.append("\" x=\"").append(svg_number(x)).append("\" y=\"").append(svg_number(y));
    if (anchor != Anchor::start) {
        markup_.append("\" text-anchor=\"").append(anchor == Anchor::end ? "end" : "middle");
    }
    markup_.append("\">").append(html_escaped(text)).append("</text>\n");
}

}  // namespace halfclosed::text
