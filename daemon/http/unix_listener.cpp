#include "http/unix_listener.h"

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <stdexcept>

namespace halfclosed::http {

namespace {

constexpr int kBacklog = 16;
constexpr mode_t kMode = 0660;

[[noreturn]] void fail(const std::string& path, const std::string& why) {
    throw std::runtime_error("cannot listen on " + path + ": " + why);
}

sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

posix::Descriptor new_socket() {
    return posix::Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

std::optional<std::pair<unsigned long, unsigned long>> socket_file(const std::string& path) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) {
        return std::nullopt;
    }
    return std::pair<unsigned long, unsigned long>(status.st_dev, status.st_ino);
}

/// Removes a socket that nobody listens on: connect(2) is refused there, unix(7).
void remove_stale(const std::string& path) {
    if (!socket_file(path)) {
        return;  // nothing, or a file that is not ours to remove: bind() says so
    }
    const sockaddr_un address = address_of(path);
    const posix::Descriptor probe = new_socket();
    if (probe && connect(probe.get(), generic(address), sizeof address) < 0 &&
        errno == ECONNREFUSED) {
        unlink(path.c_str());
    }
}

}  // namespace

std::string parse_socket_path(const std::string& text) {
    constexpr std::size_t kMost = sizeof(sockaddr_un::sun_path) - 1;
    if (text.empty() || text.size() > kMost) {
        throw std::invalid_argument("'" + text + "' cannot be a socket: its path has 1 to " +
                                    std::to_string(kMost) + " characters");
    }
    return text;
}

UnixListener::UnixListener(const std::string& path)
    : path_(parse_socket_path(path)), socket_(new_socket()) {
    const sockaddr_un address = address_of(path);
    if (!socket_) {
        fail(path, std::strerror(errno));
    }
    remove_stale(path);
    // The mode is right from the first moment on: nobody else can connect in between.
    const mode_t before = umask(static_cast<mode_t>(~kMode & 0777U));
    const int bound = bind(socket_.get(), generic(address), sizeof address);
    const int error = errno;
    umask(before);
    if (bound < 0) {
        fail(path, error == EADDRINUSE ? "something else is there, or another daemon listens on it"
                                       : std::strerror(error));
    }
    file_ = socket_file(path).value_or(file_);
    if (listen(socket_.get(), kBacklog) < 0) {
        fail(path, std::strerror(errno));
    }
}

UnixListener::~UnixListener() {
    // Another daemon may have put its own there since.
    if (socket_file(path_) == std::optional(file_)) {
        unlink(path_.c_str());
    }
}

SocketOwner UnixListener::owner() const {
    struct stat status {};
    const bool there = lstat(path_.c_str(), &status) == 0;
    return {geteuid(), there ? status.st_gid : getegid()};
}

}  // namespace halfclosed::http
