#include "host/process_stat.h"

#include <unistd.h>

#include <array>
#include <cstddef>

#include "text/words.h"

namespace halfclosed::host {

namespace {

/// The fields behind the name, by the numbers of proc_pid_stat(5), the third to the 24th.
class Fields {
 public:
    Fields(std::string_view rest, const std::string& file) : file_(file) {
        for (std::string_view& word : words_) {
            word = text::next_word(rest);
        }
    }

    std::string_view word(std::size_t field) const { return words_[field - kFirst]; }

    std::uint64_t number(std::size_t field, const std::string& what) const {
        const auto value = text::to_number<std::uint64_t>(word(field));
        if (!value) {
            throw posix::Error(file_, "no " + what);
        }
        return *value;
    }

    /// A number of clock ticks, of which two can be added.
    std::chrono::nanoseconds time(std::size_t field, const std::string& what) const {
        static const auto per_tick =
            std::chrono::nanoseconds(std::chrono::seconds(1)) / ::sysconf(_SC_CLK_TCK);
        const std::uint64_t ticks = number(field, what);
        if (ticks > static_cast<std::uint64_t>(std::chrono::nanoseconds::max() / 2 / per_tick)) {
            throw posix::Error(file_, "the " + what + " is centuries away");
        }
        return per_tick * static_cast<std::int64_t>(ticks);
    }

 private:
    static constexpr std::size_t kFirst = 3;
    std::array<std::string_view, 22> words_;
    const std::string& file_;
};

}  // namespace

ProcessStat parse_process_stat(std::string_view text, const std::string& file) {
    if (!text.ends_with('\n')) {
        throw posix::Error(file, "ends inside a line");
    }
    text.remove_suffix(1);
    // "PID (comm) S …": the name may have parentheses, blanks and newlines, what follows has none.
    const std::size_t open = text.find('(');
    const std::size_t close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        throw posix::Error(file, "no name in parentheses");
    }
    const Fields fields(text.substr(close + 1), file);
    ProcessStat stat;
    stat.comm = text.substr(open + 1, close - open - 1);
    stat.started = fields.time(22, "start time");
    stat.ended = fields.word(3) == "Z" && fields.number(20, "number of threads") <= 1;
    stat.cpu = fields.time(14, "user time");
    stat.cpu += fields.time(15, "system time");
    stat.virtual_bytes = fields.number(23, "virtual size");
    stat.resident_pages = fields.number(24, "resident size");
    return stat;
}

}  // namespace halfclosed::host
