#include "host/descriptor_use.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>

#include "posix/directory.h"
#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::host {

namespace {

/// 0 where nothing is to be seen: a process that holds a socket has at least that open.
std::uint64_t count_open(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return 0;
    }
    return status.st_size > 0 ? static_cast<std::uint64_t>(status.st_size) : count_entries(path);
}

}  // namespace

std::uint64_t count_entries(const std::string& path) {
    std::uint64_t count = 0;
    if (const posix::Directory directory = posix::open_directory(AT_FDCWD, path.c_str())) {
        while (const dirent* const entry = ::readdir(directory.get())) {
            count += entry->d_name[0] == '.' ? 0 : 1;
        }
    }
    return count;
}

std::optional<std::uint64_t> parse_open_files_limit(std::string_view limits) {
    constexpr std::string_view kKey = "Max open files ";
    while (!limits.empty()) {
        std::string_view line = limits.substr(0, limits.find('\n'));
        limits.remove_prefix(std::min(line.size() + 1, limits.size()));
        if (line.starts_with(kKey)) {
            line.remove_prefix(kKey.size());
            const std::string_view soft = text::next_word(line);
            return soft == "unlimited" ? std::numeric_limits<std::uint64_t>::max()
                                       : text::to_number<std::uint64_t>(soft);
        }
    }
    return std::nullopt;
}

std::optional<DescriptorUse> read_descriptor_use(pid_t pid, const std::string& proc) {
    const std::string process = proc + "/" + std::to_string(pid);
    try {
        const std::uint64_t open = count_open(process + "/fd");
        const auto text =
            open == 0 ? std::nullopt : posix::read_file_if_present(process + "/limits");
        const auto limit = text ? parse_open_files_limit(*text) : std::nullopt;
        return limit ? std::optional(DescriptorUse{pid, open, *limit}) : std::nullopt;
    } catch (const posix::Error&) {
        return std::nullopt;  // it ended meanwhile
    }
}

}  // namespace halfclosed::host
