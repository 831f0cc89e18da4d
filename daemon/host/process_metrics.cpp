#include "host/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

namespace halfclosed::exporters {

namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

std::vector<std::string_view> words(std::string_view text) {
    constexpr std::string_view kSpace = " \n";
    std::vector<std::string_view> result;
    while (true) {
        const std::size_t begin = text.find_first_not_of(kSpace);
        if (begin == std::string_view::npos) {
            return result;
        }
        text.remove_prefix(begin);
        const std::size_t end = std::min(text.find_first_of(kSpace), text.size());
        result.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

std::string content(const char* path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::optional<double> count_open_fds() {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir("/proc/self/fd"), closedir);
    if (!directory) {
        return std::nullopt;
    }
    double count = -1;  // the directory itself is open while it is read
    while (const dirent* entry = readdir(directory.get())) {
        if (entry->d_name[0] != '.') {
            ++count;
        }
    }
    return count;
}

/// The start does not move when somebody sets the wall clock: dated once.
std::optional<double> start_time(std::uint64_t start_ticks, double ticks_per_second) {
    static const std::optional<std::uint64_t> boot_time = parse_boot_time(content("/proc/stat"));
    if (!boot_time) {
        return std::nullopt;
    }
    return static_cast<double>(*boot_time) + static_cast<double>(start_ticks) / ticks_per_second;
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view line) {
    const std::size_t name_end = line.rfind(')');
    if (name_end == std::string_view::npos) {
        return std::nullopt;
    }
    const std::vector<std::string_view> fields = words(line.substr(name_end + 1));
    // proc(5) numbers the fields from 1 and the first one here, the state, is its third.
    const auto field = [&fields](std::size_t proc_number) -> std::optional<std::uint64_t> {
        const std::size_t index = proc_number - 3;
        return index < fields.size() ? number(fields[index]) : std::nullopt;
    };
    const auto user = field(14);
    const auto system = field(15);
    const auto start = field(22);
    const auto virtual_bytes = field(23);
    const auto resident = field(24);
    if (!user || !system || !start || !virtual_bytes || !resident) {
        return std::nullopt;
    }
    return ProcessStat{*user, *system, *start, *virtual_bytes, *resident};
}

std::optional<std::uint64_t> parse_boot_time(std::string_view text) {
    constexpr std::string_view kKey = "btime ";
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        if (line.starts_with(kKey)) {
            return number(line.substr(kKey.size()));
        }
        begin = end + 1;
    }
    return std::nullopt;
}

ProcessMetrics read_process_metrics() {
    ProcessMetrics metrics;
    if (const auto stat = parse_process_stat(content("/proc/self/stat"))) {
        const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
        metrics.cpu_seconds = static_cast<double>(stat->user_ticks + stat->system_ticks) / ticks;
        metrics.virtual_bytes = static_cast<double>(stat->virtual_bytes);
        metrics.resident_bytes =
            static_cast<double>(stat->resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
        metrics.start_time_seconds = start_time(stat->start_ticks, ticks);
    }
    metrics.open_fds = count_open_fds();
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        metrics.max_fds = static_cast<double>(limit.rlim_cur);
    }
    return metrics;
}

}  // namespace halfclosed::exporters
