#include "history/clock_id.h"

#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::history {

std::string read_boot_id() {
    const std::string path = "/proc/sys/kernel/random/boot_id";
    const std::string text = posix::read_file(path);
    std::string_view line = std::string_view(text).substr(0, text.find('\n'));
    const std::string_view id = text::next_word(line);
    if (id.empty()) {
        throw posix::Error(path, "is empty");
    }
    return std::string(id);
}

std::string parse_clock_offset(std::string_view text, const std::string& file) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (text::next_word(line) == "monotonic") {
            std::string offset(text::next_word(line));
            offset.append(".").append(text::next_word(line));
            return offset == "0.0" ? "" : offset;
        }
    }
    throw posix::Error(file, "has no line of \"monotonic\"");
}

std::string read_clock_id() {
    const std::string path = "/proc/self/timens_offsets";
    const auto text =
        posix::read_file_if_present(path);  // a kernel without time namespaces has none
    const std::string offset = text ? parse_clock_offset(*text, path) : "";
    return read_boot_id() + "/monotonic" + (offset.empty() ? "" : "+" + offset);
}

}  // namespace halfclosed::history
