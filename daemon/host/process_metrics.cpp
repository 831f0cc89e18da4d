#include "host/process_metrics.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "host/process_stat.h"
#include "posix/directory.h"
#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::host {

namespace {

std::optional<double> count_open_fds() {
    const posix::Directory directory = posix::open_directory(AT_FDCWD, "/proc/self/fd");
    if (!directory) {
        return std::nullopt;
    }
    double count = -1;  // the directory itself is open while it is read
    while (const dirent* entry = ::readdir(directory.get())) {
        if (entry->d_name[0] != '.') {
            ++count;
        }
    }
    return count;
}

/// /proc/stat has a line for each processor and a number for each interrupt.
constexpr std::size_t kLargestStat = std::size_t{4} * 1024 * 1024;

/// The start does not move when somebody sets the wall clock: dated once.
std::optional<std::uint64_t> boot_time() {
    const auto text = posix::read_file_if_present("/proc/stat", kLargestStat);
    return text ? parse_boot_time(*text) : std::nullopt;
}

void add_stat(ProcessMetrics& metrics) {
    const std::optional<std::string> text = posix::read_file_if_present("/proc/self/stat");
    if (!text) {
        return;
    }
    const ProcessStat stat = parse_process_stat(*text, "/proc/self/stat");
    metrics.cpu_seconds = std::chrono::duration<double>(stat.cpu).count();
    metrics.virtual_bytes = static_cast<double>(stat.virtual_bytes);
    metrics.resident_bytes =
        static_cast<double>(stat.resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE));
    static const std::optional<std::uint64_t> booted = boot_time();
    if (booted) {
        metrics.start_time_seconds =
            static_cast<double>(*booted) + std::chrono::duration<double>(stat.started).count();
    }
}

}  // namespace

std::optional<std::uint64_t> parse_boot_time(std::string_view text) {
    constexpr std::string_view kKey = "btime ";
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        if (line.starts_with(kKey)) {
            return text::to_number<std::uint64_t>(line.substr(kKey.size()));
        }
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return std::nullopt;
}

ProcessMetrics read_process_metrics() {
    ProcessMetrics metrics;
    try {
        add_stat(metrics);
    } catch (const posix::Error&) {
        // Nothing of ours depends on it: the page does without.
    }
    metrics.open_fds = count_open_fds();
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        metrics.max_fds = static_cast<double>(limit.rlim_cur);
    }
    return metrics;
}

}  // namespace halfclosed::host
