#include "host/sysctl.h"

#include <unistd.h>

#include <cerrno>
#include <optional>

#include "host/lines.h"
#include "host/not_visible.h"
#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::host {
namespace {

std::optional<std::uint64_t> read_sysctl(const std::string& file) {
    const std::optional<std::string> text = posix::read_file_if_present(file);
    if (!text) {
        return std::nullopt;
    }
    return parse_sysctl(*text, file);
}

}  // namespace

std::uint64_t parse_sysctl(std::string_view text, const std::string& file) {
    std::optional<std::string_view> line = next_line(text, file);
    if (!line) {
        throw posix::Error(file, "is empty");
    }
    const std::optional<std::int32_t> number =
        text::to_number<std::int32_t>(text::next_word(*line));
    if (!number || *number < 0 || !text::next_word(*line).empty() || !text.empty()) {
        throw posix::Error(file, "is not one number from 0 to 2147483647");
    }
    return static_cast<std::uint64_t>(*number);
}

TcpSysctls read_tcp_sysctls(const std::string& directory) {
    if (::access(directory.c_str(), F_OK) != 0 && errno == ENOENT) {
        throw NotVisible(directory, "is not shown: /proc is mounted with subset=pid, or covered");
    }
    TcpSysctls values;
    values.fin_timeout = read_fin_timeout(directory);
    values.max_orphans = read_sysctl(directory + "/tcp_max_orphans");
    values.max_tw_buckets = read_sysctl(directory + "/tcp_max_tw_buckets");
    return values;
}

std::optional<std::chrono::seconds> read_fin_timeout(const std::string& directory) {
    const auto seconds = read_sysctl(directory + "/tcp_fin_timeout");
    return seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt;
}

std::uint64_t tracked_connections(const std::string& directory) {
    try {
        return read_sysctl(directory + "/nf_conntrack_count").value_or(0);
    } catch (const posix::Error&) {
        return 0;
    }
}

}  // namespace halfclosed::host
