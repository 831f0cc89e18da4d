#include "host/socket_link.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::host {

DescriptorTarget parse_descriptor_link(std::string_view link) {
    constexpr std::string_view kPrefix = "socket:[";
    if (link == "anon_inode:[io_uring]") {
        return {0, true};
    }
    if (!link.starts_with(kPrefix) || !link.ends_with(']')) {
        return {};
    }
    link.remove_prefix(kPrefix.size());
    link.remove_suffix(1);
    return {text::to_number<SocketInode>(link).value_or(0), false};
}

std::optional<DescriptorTarget> read_descriptor_link(int directory, const char* name) {
    // "anon_inode:[io_uring]" has 21 characters, "socket:[4294967295]" 19; longer links are cut, and are neither.
    std::array<char, 32> link;
    const ssize_t length = ::readlinkat(directory, name, link.data(), link.size());
    if (length < 0) {
        return std::nullopt;
    }
    return parse_descriptor_link({link.data(), static_cast<std::size_t>(length)});
}

std::optional<std::string> read_proc_file(int directory, const std::string& path) {
    // A ring's fdinfo has a line for each entry of its queues, of which there are 32,768 and twice as many.
    constexpr std::size_t kLargest = std::size_t{16} * 1024 * 1024;
    const posix::Descriptor file(::openat(directory, path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return std::nullopt;
    }
    std::string text;
    std::array<char, std::size_t{16} * 1024> piece;
    while (text.size() < kLargest) {
        const ssize_t length = ::read(file.get(), piece.data(), piece.size());
        if (length < 0) {
            return std::nullopt;
        }
        if (length == 0) {
            break;
        }
        text.append(piece.data(), static_cast<std::size_t>(length));
    }
    return text;
}

std::vector<SocketInode> parse_registered_sockets(std::string_view fdinfo) {
    std::vector<SocketInode> sockets;
    bool registered = false;
    while (!fdinfo.empty()) {
        std::string_view line = fdinfo.substr(0, fdinfo.find('\n'));
        fdinfo.remove_prefix(std::min(line.size() + 1, fdinfo.size()));
        const std::string_view key = text::next_word(line);
        if (!key.ends_with(':')) {
            continue;
        }
        if (!text::to_number<std::uint32_t>(key.substr(0, key.size() - 1))) {
            registered = key == "UserFiles:";
        } else if (registered) {
            if (const SocketInode inode = parse_descriptor_link(text::next_word(line)).socket) {
                sockets.push_back(inode);
            }
        }
    }
    return sockets;
}

}  // namespace halfclosed::host
