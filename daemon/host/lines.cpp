#include "host/lines.h"

#include "posix/error.h"

namespace halfclosed::host {

std::optional<std::string_view> next_line(std::string_view& text, const std::string& file) {
    if (text.empty()) {
        return std::nullopt;
    }
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
        throw posix::Error(file, "ends inside a line");
    }
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

}  // namespace halfclosed::host
