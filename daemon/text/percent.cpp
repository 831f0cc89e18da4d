#include "text/percent.h"

#include <cctype>
#include <charconv>

namespace halfclosed::text {

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        if (text.front() != '%') {
            result += text.front();
            text.remove_prefix(1);
            continue;
        }
        unsigned byte = 0;
        const std::string_view digits = text.substr(1, 2);
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2) {
            return std::nullopt;
        }
        result += static_cast<char>(byte);
        text.remove_prefix(3);
    }
    return result;
}

}  // namespace halfclosed::text
