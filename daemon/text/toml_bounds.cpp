#include "text/toml_bounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "text/toml_text.h"

namespace halfclosed::text {

namespace {

constexpr std::size_t kLongest = std::size_t{64} * 1024;
constexpr int kDeepest = 16;
constexpr int kMostDots = 16;
/// Opening brackets of a whole file, those in strings too: whatever toml11 takes for a string, it recurses no deeper.
constexpr std::ptrdiff_t kMostBrackets = 1'000;

/// Follows the brackets and dots of a TOML text, and skips its strings and comments.
class Scanner {
 public:
    Scanner(std::string_view text, const std::string& file) : rest_(text), file_(file) {}

    void scan() {
        while (!rest_.empty()) {
            const char letter = rest_.front();
            if (letter == '#') {
                skip(std::min(rest_.find('\n'), rest_.size()));
            } else if (letter == '"' || letter == '\'') {
                skip_string(letter);
            } else {
                count(letter);
                skip(1);
            }
        }
    }

 private:
    void count(char letter) {
        if (letter == '[' || letter == '{') {
            if (++depth_ > kDeepest) {
                fail(fmt::format("brackets are nested more than {} deep", kDeepest));
            }
        } else if (letter == ']' || letter == '}') {
            depth_ = std::max(depth_ - 1, 0);
        } else if (letter == '.' && ++dots_ > kMostDots) {
            fail(fmt::format("a line has more than {} dots", kMostDots));
        }
    }

    /// Of one line, or of several between three quotes; only in double quotes a backslash escapes. Up to two quotes more
    /// before the three that end it are the string's own (TOML 1.0, "Multi-line basic strings").
    void skip_string(char quote) {
        const std::string three(3, quote);
        const bool several_lines = rest_.starts_with(three);
        const std::string end = several_lines ? three : std::string(1, quote);
        skip(end.size());
        while (!rest_.empty() && !rest_.starts_with(end)) {
            if (rest_.front() == '\n' && !several_lines) {
                return;  // toml11 will say so
            }
            skip(quote == '"' && rest_.front() == '\\' ? 2 : 1);
        }
        skip(end.size());
        for (int more = 0; several_lines && more < 2 && rest_.starts_with(quote); ++more) {
            skip(1);
        }
    }

    void skip(std::size_t count) {
        for (const char letter : rest_.substr(0, count)) {
            if (letter == '\n') {
                ++line_;
                dots_ = 0;
            }
        }
        rest_.remove_prefix(std::min(count, rest_.size()));
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw TomlError(fmt::format("{}:{}: {}", file_, line_, what));
    }

    std::string_view rest_;
    const std::string& file_;
    std::size_t line_ = 1;
    int depth_ = 0;
    int dots_ = 0;
};

void check_brackets(std::string_view text, const std::string& file) {
    std::ptrdiff_t seen = 0;
    std::ptrdiff_t line = 1;
    for (const char letter : text) {
        line += letter == '\n' ? 1 : 0;
        if ((letter == '[' || letter == '{') && ++seen > kMostBrackets) {
            throw TomlError(
                fmt::format("{}:{}: more than {} opening brackets", file, line, kMostBrackets));
        }
    }
}

}  // namespace

void check_toml_bounds(std::string_view text, const std::string& file) {
    if (text.size() > kLongest) {
        const auto lines = std::count(text.begin(), text.begin() + kLongest, '\n');
        throw TomlError(
            fmt::format("{}:{}: the file is longer than {} KiB", file, lines + 1, kLongest / 1024));
    }
    Scanner(text, file).scan();
    check_brackets(text, file);
}

}  // namespace halfclosed::text
