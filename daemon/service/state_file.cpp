#include "service/state_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <string_view>
#include <system_error>
#include <utility>

#include "host/lines.h"
#include "posix/file.h"
#include "posix/output_file.h"
#include "text/words.h"

namespace halfclosed::host {

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
    try {
        posix::OutputFile file(path(), {.mode = S_IRUSR | S_IWUSR, .fixed_name = true});
        file.write(text);
        file.publish();
    } catch (const std::system_error& error) {
        throw posix::Error(path(), error.code().message());
    }
}

}  // namespace halfclosed::host
