#pragma once

#include <dirent.h>

#include <memory>

namespace halfclosed::posix {

struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
};

/// An open directory, closed at the end of its life; null if it could not be opened, then errno
/// tells why.
using Directory = std::unique_ptr<DIR, CloseDirectory>;

/// Opens the directory `path` below the directory `top`, or from anywhere with AT_FDCWD. Its last
/// element may not be a symbolic link.
Directory open_directory(int top, const char* path);

}  // namespace halfclosed::posix
