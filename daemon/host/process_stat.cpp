#include "host/process_stat.h"

#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "text/words.h"

namespace halfclosed::host {

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
    ProcessStat stat;
    stat.comm = text.substr(open + 1, close - open - 1);
    std::string_view rest = text.substr(close + 1);
    constexpr int kState = 3;  // the field behind the name, counted as proc_pid_stat(5) does
    constexpr int kStartTime = 22;
    for (int field = kState; field < kStartTime; ++field) {
        text::next_word(rest);
    }
    static const long kTicksPerSecond = ::sysconf(_SC_CLK_TCK);
    const auto ticks = text::to_number<std::uint64_t>(text::next_word(rest));
    if (!ticks) {
        throw posix::Error(file, "no start time");
    }
    const auto per_tick = std::chrono::nanoseconds(std::chrono::seconds(1)) / kTicksPerSecond;
    if (*ticks > static_cast<std::uint64_t>(std::chrono::nanoseconds::max() / per_tick)) {
        throw posix::Error(file, "the start time is centuries away");
    }
    stat.started = per_tick * static_cast<std::int64_t>(*ticks);
    return stat;
}

}  // namespace halfclosed::host
