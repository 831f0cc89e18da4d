#include "host/cgroup_mount.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "host/lines.h"
#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::host {
namespace {

constexpr const char* kMountinfo = "/proc/thread-self/mountinfo";

/// A node that runs containers has thousands of mounts of some hundred bytes.
constexpr std::size_t kLargestMountinfo = 16 * 1024 * 1024;

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

std::vector<CgroupMount> find_cgroup_mounts(std::string_view mountinfo, const std::string& file) {
    std::vector<CgroupMount> mounts;
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
        const std::string_view type = text::next_word(*line);
        if (type.empty()) {
            throw posix::Error(file, "a line has no file system type");
        }
        if (type != "cgroup2") {
            continue;
        }
        mounts.push_back({unescape_octal(words[4]), unescape_octal(words[3])});
    }
    std::stable_partition(mounts.begin(), mounts.end(),
                          [](const CgroupMount& mount) { return mount.root == "/"; });
    return mounts;
}

CgroupMount read_cgroup_mount() {
    std::vector<CgroupMount> mounts =
        find_cgroup_mounts(posix::read_file(kMountinfo, kLargestMountinfo), kMountinfo);
    if (mounts.empty()) {
        throw NotVisible(kMountinfo, "no cgroup2 mount");
    }
    // Another may be mounted over one.
    const auto visible = std::find_if(mounts.begin(), mounts.end(), [](const CgroupMount& mount) {
        struct statfs system {};
        return ::statfs(mount.point.c_str(), &system) == 0 && system.f_type == CGROUP2_SUPER_MAGIC;
    });
    return visible != mounts.end() ? *visible : mounts.front();
}

}  // namespace halfclosed::host
