#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/socket_holders.h"

namespace halfclosed::host {

/// What a descriptor is, as far as it matters here.
struct DescriptorTarget {
    SocketInode socket = 0;  ///< 0, which is no inode, for anything but a socket
    bool ring = false;       ///< an instance of io_uring
};

/// From the text of its link: "socket:[4711]" (net/socket.c:sockfs_dname()), "anon_inode:[io_uring]".
DescriptorTarget parse_descriptor_link(std::string_view link);

/// Of the entry `name` of an open fd directory; nothing, with errno, when the link cannot be read.
std::optional<DescriptorTarget> read_descriptor_link(int directory, const char* name);

/// The text of a file of /proc below an open directory; nothing when the process has ended or may not be read.
std::optional<std::string> read_proc_file(int directory, const std::string& path);

}  // namespace halfclosed::host
