#include "text/markup.h"

#include <array>
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

}  // namespace halfclosed::text
