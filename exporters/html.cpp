#include "exporters/html.h"

#include "exporters/utf8.h"

namespace halfclosed::exporters {

std::string html_escaped(std::string_view text) {
    std::string result;
    for (const char character : valid_utf8(text)) {
        switch (character) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\'':
                result += "&#39;";
                break;
            default:
                result += character;
        }
    }
    return result;
}

}  // namespace halfclosed::exporters
