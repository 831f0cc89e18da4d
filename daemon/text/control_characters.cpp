#include "text/control_characters.h"

namespace halfclosed::text {

std::size_t find_control(std::string_view text, std::size_t from) {
    for (std::size_t at = from; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const bool leads_c1 = byte == 0xc2 && at + 1 < text.size() &&
                              (static_cast<unsigned char>(text[at + 1]) & 0xe0U) == 0x80U;
        if (byte < 0x20 || byte == 0x7f || leads_c1) {
            return at;
        }
    }
    return std::string_view::npos;
}

std::string without_controls(std::string text) {
    for (std::size_t at = find_control(text); at != std::string::npos;
         at = find_control(text, at)) {
        const bool two_bytes = static_cast<unsigned char>(text[at]) == 0xc2;
        text.replace(at, two_bytes ? 2 : 1, "?");
    }
    return text;
}

}  // namespace halfclosed::text
