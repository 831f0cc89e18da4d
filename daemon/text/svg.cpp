#include "text/svg.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace halfclosed::text {

namespace {

using nlohmann::json;

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

/// nlohmann's writer replaces what is not UTF-8.
std::string valid_utf8(const std::string& text) {
    return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string_view entity(char letter) {
    switch (letter) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            return {};
    }
}

}  // namespace

std::string xml_escaped(const std::string& text) {
    const std::string valid = valid_utf8(text);
    std::string escaped;
    for (std::size_t place = 0; place < valid.size(); ++place) {
        const char letter = valid[place];
        const auto byte = static_cast<unsigned char>(letter);
        const std::string_view three = std::string_view(valid).substr(place, 3);
        if (const std::string_view known = entity(letter); !known.empty()) {
            escaped.append(known);
        } else if (byte < 0x20 || byte == 0x7f) {
            escaped.append(kReplacement);
        } else if (three == "\xef\xbf\xbe" || three == "\xef\xbf\xbf") {  // U+FFFE, U+FFFF
            escaped.append(kReplacement);
            place += 2;
        } else {
            escaped += letter;
        }
    }
    return escaped;
}

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

void SvgWriter::open_group(std::string_view look, const std::string& hint) {
    markup_.append("<g class=\"").append(look).append("\">");
    if (!hint.empty()) {
        markup_.append("<title>").append(xml_escaped(hint)).append("</title>");
    }
    markup_ += '\n';
}

void SvgWriter::close_group() {
    markup_.append("</g>\n");
}

void SvgWriter::rectangle(double x, double y, double width, double height, double radius,
                          std::string_view look) {
    markup_.append("<rect class=\"").append(look);
    markup_.append("\" x=\"").append(svg_number(x)).append("\" y=\"").append(svg_number(y));
    markup_.append("\" width=\"").append(svg_number(width));
    markup_.append("\" height=\"").append(svg_number(height));
    markup_.append("\" rx=\"").append(svg_number(radius)).append("\"/>\n");
}

void SvgWriter::path(const std::string& data, std::string_view look) {
    markup_.append("<path class=\"").append(look);
    markup_.append("\" d=\"").append(data).append("\"/>\n");
}

void SvgWriter::text(double x, double y, Anchor anchor, std::string_view look,
                     const std::string& text) {
    markup_.append("<text class=\"").append(look);
    markup_.append("\" x=\"").append(svg_number(x)).append("\" y=\"").append(svg_number(y));
    if (anchor != Anchor::start) {
        markup_.append("\" text-anchor=\"").append(anchor == Anchor::end ? "end" : "middle");
    }
    markup_.append("\">").append(xml_escaped(text)).append("</text>\n");
}

}  // namespace halfclosed::text
