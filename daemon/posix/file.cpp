#include "posix/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "posix/system_call.h"

namespace halfclosed::posix {
namespace {

std::string reason(int error) {
    return std::generic_category().message(error);
}

std::string read_all(const Descriptor& file, const std::string& path, std::size_t limit) {
    // The kernel makes a small /proc file in one piece when the first read has room for all of it
    // (fs/seq_file.c:seq_read_iter); a second piece would be of a later moment.
    constexpr std::size_t kRoom = std::size_t{16} * 1024;
    std::string text;
    std::size_t length = 0;
    while (true) {
        // One byte past the limit is room enough to notice that the file goes on.
        text.resize(std::min(length + kRoom, limit + 1));
        const ssize_t count = ::read(file.get(), text.data() + length, text.size() - length);
        if (count < 0) {
            if (errno == EINTR) {
                continue;
            }
            throw Error(path, reason(errno));
        }
        length += static_cast<std::size_t>(count);
        if (length > limit) {
            throw Error(path, "larger than " + std::to_string(limit) + " bytes");
        }
        if (count == 0) {
            text.resize(length);
            return text;
        }
    }
}

}  // namespace

Descriptor::~Descriptor() {
    if (number_ >= 0) {
        ::close(number_);
    }
}

std::optional<std::string> read_file_if_present(const std::string& path, std::size_t limit) {
    // A pipe or a terminal in the file's place must not hold us up.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (!file) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        throw Error(path, reason(errno));
    }
    return read_all(file, path, limit);
}

void write_all(int descriptor, std::string_view bytes, const std::string& what) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        bytes.remove_prefix(static_cast<std::size_t>(check(what, count)));
    }
}

void write_value(const std::string& path, std::string_view value, const std::string& what) {
    const std::string& name = what.empty() ? path : what;
    const Descriptor file(check(name, ::open(path.c_str(), O_WRONLY | O_CLOEXEC)));
    check(name, ::write(file.get(), value.data(), value.size()));
}

std::string read_file(const std::string& path, std::size_t limit) {
    std::optional<std::string> text = read_file_if_present(path, limit);
    if (!text) {
        throw Error(path, reason(ENOENT));
    }
    return *std::move(text);
}

}  // namespace halfclosed::posix
