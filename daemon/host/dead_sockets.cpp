#include "host/dead_sockets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include "posix/directory.h"

namespace halfclosed::host {

namespace {

/// net/socket.c:sockfs_xattr_get names the protocol, "TCP" or "MPTCP" or "TCPv6", with its NUL.
bool is_tcp(const std::string& path) {
    std::array<char, 32> name{};
    const ssize_t length =
        ::getxattr(path.c_str(), "system.sockprotoname", name.data(), name.size() - 1);
    // A kernel that does not say is believed by the link alone.
    return length < 0 || std::string_view(name.data()).find("TCP") != std::string_view::npos;
}

DescriptorLook look_at(const std::string& path, SocketInode inode) {
    std::array<char, 64> link{};
    const ssize_t length = ::readlink(path.c_str(), link.data(), link.size());
    if (length < 0) {
        return errno == EACCES || errno == EPERM ? DescriptorLook::forbidden
                                                 : DescriptorLook::closed;
    }
    const std::string_view target(link.data(), static_cast<std::size_t>(length));
    return target == fmt::format("socket:[{}]", inode) && is_tcp(path) ? DescriptorLook::open
                                                                       : DescriptorLook::closed;
}

}  // namespace

DescriptorLook look_at_descriptor(const Holder& holder, SocketInode inode) {
    if (holder.descriptor < 0) {
        return DescriptorLook::forbidden;  // a registered file of io_uring has no number to look at
    }
    const std::string process = fmt::format("/proc/{}", holder.pid);
    const DescriptorLook look = look_at(fmt::format("{}/fd/{}", process, holder.descriptor), inode);
    if (look != DescriptorLook::closed || ::access((process + "/fd/0").c_str(), F_OK) == 0) {
        return look;
    }
    const posix::Directory tasks = posix::open_directory(AT_FDCWD, (process + "/task").c_str());
    if (!tasks) {
        return look;
    }
    while (const dirent* const task = ::readdir(tasks.get())) {
        if (task->d_name[0] == '.') {
            continue;
        }
        const DescriptorLook of_task = look_at(
            fmt::format("{}/task/{}/fd/{}", process, task->d_name, holder.descriptor), inode);
        if (of_task == DescriptorLook::open) {
            return of_task;
        }
    }
    return look;
}

}  // namespace halfclosed::host
