#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "posix/error.h"

namespace halfclosed::posix {

/// An open file descriptor, closed at the end of its life; -1 stands for none.
class Descriptor {
 public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor();

    int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

    /// Gives the number away: closing it is the caller's business from now on.
    int release() { return std::exchange(number_, -1); }

 private:
    int number_ = -1;
};

/// More than any /proc file that is read here has; /proc/net/netstat has about 5 KiB.
inline constexpr std::size_t kLargestFile = 256 * 1024;

/// The whole of a file. Throws Error when it cannot be opened or read, or has more than `limit`
/// bytes.
std::string read_file(const std::string& path, std::size_t limit = kLargestFile);

/// As above; nothing when there is no such file.
std::optional<std::string> read_file_if_present(const std::string& path,
                                                std::size_t limit = kLargestFile);

/// Writes all of it. Throws std::system_error that names `what`.
void write_all(int descriptor, std::string_view bytes, const std::string& what);

/// Writes to a file that is there, one of /proc or /sys, which take a value in one piece. Throws std::system_error that
/// names `what`, by default the file.
void write_value(const std::string& path, std::string_view value, const std::string& what = {});

}  // namespace halfclosed::posix
