#include "service/state_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

#include "host/lines.h"
#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::host {
namespace {

[[noreturn]] void fail(const std::string& path, const char* attempt) {
    throw posix::Error(path, std::string(attempt) + ": " + std::generic_category().message(errno));
}

void write_all(const posix::Descriptor& file, const std::string& path, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(file.get(), text.data(), text.size());
        if (count < 0 && errno != EINTR) {
            fail(path, "write");
        }
        text.remove_prefix(count < 0 ? 0 : static_cast<std::size_t>(count));
    }
}

void write_new_file(const std::string& path, std::string_view text) {
    // Always the same name: what a kill leaves behind is overwritten, and does not pile up.
    const posix::Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
               S_IRUSR | S_IWUSR));
    if (!file) {
        fail(path, "open");
    }
    write_all(file, path, text);
    if (::fsync(file.get()) != 0) {
        fail(path, "fsync");
    }
}

}  // namespace

std::string read_boot_id() {
    const std::string path = "/proc/sys/kernel/random/boot_id";
    const std::string text = posix::read_file(path);
    std::string_view rest = text;
    std::string_view line = next_line(rest, path).value_or("");
    const std::string_view id = text::next_word(line);
    if (id.empty()) {
        throw posix::Error(path, "is empty");
    }
    return std::string(id);
}

std::string parse_clock_offset(std::string_view text, const std::string& file) {
    while (auto line = next_line(text, file)) {
        if (text::next_word(*line) == "monotonic") {
            std::string offset(text::next_word(*line));
            offset.append(".").append(text::next_word(*line));
            return offset == "0.0" ? "" : offset;
        }
    }
    throw posix::Error(file, "has no line of \"monotonic\"");
}

std::string read_clock_id() {
    const std::string path = "/proc/self/timens_offsets";
    const auto text =
        posix::read_file_if_present(path);  // a kernel without time namespaces has none
    const std::string offset = text ? parse_clock_offset(*text, path) : "";
    return read_boot_id() + "/monotonic" + (offset.empty() ? "" : "+" + offset);
}

StateFile::Loaded StateFile::load(std::chrono::nanoseconds now) const {
    Loaded loaded;
    try {
        const std::optional<std::string> text =
            posix::read_file_if_present(path(), kLargestKnownSockets);
        if (!text) {
            return loaded;
        }
        KnownSockets known = parse_known_sockets(*text, path());
        if (known.boot_id == boot_id_) {
            loaded.sockets = std::move(known.sockets);
        }
    } catch (const posix::Error& error) {
        loaded.complaint = std::string(error.what()) + "; " + set_aside();
    }
    // The machine's clock does not run back; whatever did, this is not of now.
    std::erase_if(loaded.sockets,
                  [now](const KnownSocket& socket) { return socket.since_ns > now.count(); });
    return loaded;
}

std::string StateFile::set_aside() const {
    const std::string aside = path() + ".bad";
    if (std::rename(path().c_str(), aside.c_str()) != 0) {
        return "it could not be set aside: " + std::generic_category().message(errno);
    }
    return "set aside as " + aside;
}

void StateFile::save(std::vector<KnownSocket> sockets) const {
    const std::string text = serialise({boot_id_, std::move(sockets)});
    const std::string fresh = path() + ".new";
    try {
        write_new_file(fresh, text);
        if (std::rename(fresh.c_str(), path().c_str()) != 0) {
            fail(path(), "rename");
        }
    } catch (const posix::Error&) {
        ::unlink(fresh.c_str());
        throw;
    }
    // Without this the rename may be lost, not the file (fsync(2)).
    const posix::Descriptor directory(
        ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) {
        fail(directory_, "open");
    }
    if (::fsync(directory.get()) != 0) {
        fail(directory_, "fsync");
    }
}

}  // namespace halfclosed::host
