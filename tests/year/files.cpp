#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <string>

#include "next.h"
#include "world.h"

// The files of /proc that are generated.

namespace {

/// Made as it is now. Empty: the path is what it is.
std::string generated(const char* path) {
    year::World* const world = year::world();
    if (world == nullptr || path == nullptr) {
        return {};
    }
    std::string instead = world->proc().instead_of(path);
    if (!instead.empty() && year::ProcTree::is_network(path)) {
        world->proc().write_network(world->machine());
    } else if (!instead.empty() && year::ProcTree::is_process(path)) {
        world->proc().write_processes(world->machine());
    }
    return instead;
}

/// "PID/fd" below an open /proc: the descriptors of a process are looked through.
void note_pass(const char* path) {
    year::World* const world = year::world();
    char* end = nullptr;
    const long pid =
        world != nullptr && *path >= '0' && *path <= '9' ? std::strtol(path, &end, 10) : 0;
    if (pid > 0 && std::strcmp(end, "/fd") == 0) {
        world->ledger().look_through(world->machine(), static_cast<std::int32_t>(pid));
    }
}

mode_t mode_of(int flags, std::va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
    YEAR_REAL(open);
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    const std::string instead = generated(path);
    return real(instead.empty() ? path : instead.c_str(), flags, mode);
}

int open64(const char* path, int flags, ...) {
    YEAR_REAL(open64);
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    const std::string instead = generated(path);
    return real(instead.empty() ? path : instead.c_str(), flags, mode);
}

int openat(int directory, const char* path, int flags, ...) {
    YEAR_REAL(openat);
    std::va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    note_pass(path);
    const std::string instead = generated(path);
    return real(directory, instead.empty() ? path : instead.c_str(), flags, mode);
}

int stat(const char* path, struct stat* status) noexcept {
    YEAR_REAL(stat);
    const std::string instead = generated(path);
    return real(instead.empty() ? path : instead.c_str(), status);
}

int access(const char* path, int mode) noexcept {
    YEAR_REAL(access);
    const std::string instead = generated(path);
    return real(instead.empty() ? path : instead.c_str(), mode);
}

ssize_t readlink(const char* path, char* target, size_t size) noexcept {
    YEAR_REAL(readlink);
    const std::string instead = generated(path);
    return real(instead.empty() ? path : instead.c_str(), target, size);
}

ssize_t readlinkat(int directory, const char* path, char* target, size_t size) noexcept {
    YEAR_REAL(readlinkat);
    const std::string instead = generated(path);
    return real(directory, instead.empty() ? path : instead.c_str(), target, size);
}
}
