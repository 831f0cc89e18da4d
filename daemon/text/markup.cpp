#include "text/markup.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "text/utf8.h"

namespace halfclosed::text {

std::string html_escaped(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kReplacements{
        {{"&", "&amp;"},
         {"<", "&lt;"},
         {">", "&gt;"},
         {"\"", "&quot;"},
         {"'", "&#39;"},
         {"\xef\xbf\xbe", "\xef\xbf\xbd"},
         {"\xef\xbf\xbf", "\xef\xbf\xbd"}}};
    const std::string clean = printable(text);
    std::string result;
    for (std::string_view rest = clean; !rest.empty();) {
        std::string_view taken = rest.substr(0, 1);
        std::string_view written = taken;
        for (const auto& [character, replacement] : kReplacements) {
            if (rest.starts_with(character)) {
                taken = character;
                written = replacement;
            }
        }
        result += written;
        rest.remove_prefix(taken.size());
    }
    return result;
}

std::string html_prose(std::string_view text) {
    const auto in_word = [](char letter) {
        return letter == '-' || std::isalnum(static_cast<unsigned char>(letter)) != 0;
    };
    std::string result;
    while (!text.empty()) {
        std::size_t begin = text.find("--");
        while (begin != std::string_view::npos && begin > 0 && in_word(text[begin - 1])) {
            begin = text.find("--", begin + 1);
        }
        result += html_escaped(text.substr(0, begin));
        text.remove_prefix(std::min(begin, text.size()));
        const auto end = std::find_if_not(text.begin(), text.end(), in_word);
        const auto length = static_cast<std::size_t>(end - text.begin());
        if (length > 2) {
            result += "<span class=\"whole\">" + html_escaped(text.substr(0, length)) + "</span>";
        } else {
            result += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return result;
}

}  // namespace halfclosed::text
