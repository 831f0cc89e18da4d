#include "host/mountinfo.h"

#include <array>
#include <cstddef>
#include <optional>

#include "host/lines.h"
#include "text/words.h"

namespace halfclosed::host {
namespace {

/// Blanks, newlines and backslashes are octal in mountinfo: "\040" (fs/proc_namespace.c:mangle).
std::string unescape_octal(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '7'; };
    std::string plain;
    while (!text.empty()) {
        if (text.size() >= 4 && text[0] == '\\' && digit(text[1]) && digit(text[2]) &&
            digit(text[3])) {
            plain += static_cast<char>((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0');
            text.remove_prefix(4);
        } else {
            plain += text[0];
            text.remove_prefix(1);
        }
    }
    return plain;
}

}  // namespace

std::vector<Mount> parse_mounts(std::string_view mountinfo, std::string_view type,
                                const std::string& file) {
    std::vector<Mount> mounts;
    while (std::optional<std::string_view> line = next_line(mountinfo, file)) {
        // "36 35 98:0 /root /point options optional… - fstype source options"
        std::array<std::string_view, 6> words;
        for (std::string_view& word : words) {
            word = text::next_word(*line);
        }
        std::string_view word = text::next_word(*line);
        while (!word.empty() && word != "-") {
            word = text::next_word(*line);
        }
        const std::string_view its_type = text::next_word(*line);
        if (its_type.empty()) {
            throw posix::Error(file, "a line has no file system type");
        }
        if (its_type == type) {
            mounts.push_back(
                {unescape_octal(words[3]), unescape_octal(words[4]), std::string(type)});
        }
    }
    return mounts;
}

}  // namespace halfclosed::host
