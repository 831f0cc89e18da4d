#include "posix/output_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "posix/file.h"

namespace halfclosed::posix {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot(int error, const std::string& path) {
    throw std::system_error(error, std::generic_category(), path);
}

/// Where a name leads to.
struct Place {
    std::string path;               ///< links followed; the last part may not be there
    std::optional<int> descriptor;  ///< one of our own: /dev/stdout, /dev/fd/N
};

/// Follows links by hand: realpath(3) wants the last part to be there, and would turn /dev/stdout into the name of the
/// file behind it, which is another way of opening it.
Place place_of(const std::string& path) {
    constexpr int kMostLinks = 40;  // as the kernel's MAXSYMLINKS
    std::error_code without_proc;
    const fs::path own = fs::canonical("/proc/self/fd", without_proc);
    fs::path at = path;
    for (int links = 0; links < kMostLinks; ++links) {
        std::error_code error;
        const fs::path folder =
            fs::canonical(at.has_parent_path() ? at.parent_path() : fs::path("."), error);
        if (error) {
            cannot(error.value(), path);
        }
        const std::string name = at.filename();
        at = folder / name;
        int number = 0;
        if (folder == own &&
            std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc{}) {
            return {at, number};
        }
        if (!fs::is_symlink(at, error)) {
            return {at, std::nullopt};
        }
        const fs::path next = fs::read_symlink(at, error);
        if (error) {
            cannot(error.value(), path);
        }
        at = folder / next;
    }
    cannot(ELOOP, path);
}

/// What bears the name; nothing if nothing does.
std::optional<struct stat> status_of(const std::string& target, const std::string& path) {
    struct stat status {};
    if (::lstat(target.c_str(), &status) == 0) {
        return status;
    }
    if (errno != ENOENT) {
        cannot(errno, path);
    }
    return std::nullopt;
}

bool is_written_through(const Place& place, const std::optional<struct stat>& status) {
    return place.descriptor || (status && !S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode));
}

/// Nobody can have made it before us: that would be a way to have us write elsewhere.
std::string hidden_name(const std::string& target) {
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != sizeof number) {
        number = static_cast<std::uint64_t>(::getpid());
    }
    const fs::path whole = target;
    return whole.parent_path() / ("." + whole.filename().string() + "." + std::to_string(number));
}

}  // namespace

ReaderGoneError::ReaderGoneError(const std::string& path)
    : std::system_error(EPIPE, std::generic_category(), path) {
}

bool has_reader(int descriptor) {
    pollfd end{descriptor, 0, 0};
    return ::poll(&end, 1, 0) == 0;
}

OutputFile::OutputFile(const std::string& path, const Options& options) : path_(path) {
    if (path == "-") {
        path_ = "standard output";
        open_through("/dev/stdout");
        return;
    }
    const Place place = place_of(path);
    const auto status = status_of(place.path, path);
    if (is_written_through(place, status)) {
        open_through(path);
    } else {
        open_hidden(place.path, options);
    }
}

void OutputFile::open_through(const std::string& path) {
    const std::optional<int> own =
        path == "/dev/stdout" ? std::optional(STDOUT_FILENO) : place_of(path).descriptor;
    // Opened anew, a file behind /dev/stdout would be written from its start.
    Descriptor file(own ? ::fcntl(*own, F_DUPFD_CLOEXEC, 0)
                        : ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    stream_ = file ? ::fdopen(file.get(), "wb") : nullptr;
    if (stream_ == nullptr) {
        cannot(errno, path_);
    }
    file.release();
}

void OutputFile::open_hidden(const std::string& target, const Options& options) {
    check_writable(path_);
    const auto old = status_of(target, path_);
    hidden_ = options.fixed_name ? target + ".new" : hidden_name(target);
    if (options.fixed_name) {
        ::unlink(hidden_.c_str());
    }
    Descriptor file(::open(hidden_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, options.mode));
    if (!file) {
        const int error = errno;
        hidden_.clear();
        cannot(error, path_);
    }
    // Root's right to an owner that is another is all that can be missing here; the file is ours then, as a new one is.
    if (old && ::fchown(file.get(), old->st_uid, old->st_gid) == 0) {
        ::fchmod(file.get(), old->st_mode & 07777U);
    } else if (old) {
        ::fchmod(file.get(), old->st_mode & 0777U);
    }
    stream_ = ::fdopen(file.get(), "wb");
    if (stream_ == nullptr) {
        const int error = errno;
        ::unlink(hidden_.c_str());
        cannot(error, path_);
    }
    file.release();
    target_ = target;
}

OutputFile::~OutputFile() {
    std::fclose(stream_);
    if (!hidden_.empty()) {
        ::unlink(hidden_.c_str());
    }
}

void OutputFile::fail() const {
    if (errno == EPIPE) {
        throw ReaderGoneError(path_);
    }
    cannot(errno, path_);
}

void OutputFile::write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stream_) != text.size()) {
        fail();
    }
}

void OutputFile::publish() {
    errno = EIO;  // where an earlier write failed and nobody asked why
    if (std::fflush(stream_) != 0 || std::ferror(stream_) != 0) {
        fail();
    }
    if (target_.empty()) {
        return;
    }
    if (::fsync(descriptor()) != 0) {
        fail();
    }
    if (hidden_.empty()) {
        return;
    }
    if (::rename(hidden_.c_str(), target_.c_str()) != 0) {
        fail();
    }
    hidden_.clear();
    // Without this the name may be lost in a crash, not the file (fsync(2)). Not every file system can do it.
    const Descriptor folder(
        ::open(fs::path(target_).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder) {
        ::fsync(folder.get());
    }
}

void check_writable(const std::string& path) {
    if (path == "-") {
        return;
    }
    const Place place = place_of(path);
    const auto status = status_of(place.path, path);
    if (status && S_ISDIR(status->st_mode)) {
        cannot(EISDIR, path);
    }
    // access(2) asks for the real user, faccessat(2) for the one that writes.
    const auto writable = [](const std::string& what) {
        return ::faccessat(AT_FDCWD, what.c_str(), W_OK, AT_EACCESS) == 0;
    };
    if (!place.descriptor && status && !writable(place.path)) {
        cannot(errno, path);
    }
    if (!is_written_through(place, status) && !writable(fs::path(place.path).parent_path())) {
        cannot(errno, path);
    }
}

}  // namespace halfclosed::posix
