#include "history/state_file.h"

#include <zlib.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <system_error>

#include "posix/file.h"
#include "text/words.h"

namespace halfclosed::history {

namespace {

constexpr std::size_t kLargest = std::size_t{4} * 1024 * 1024;
constexpr std::size_t kMostSockets = 65'536;

std::string_view next_line(std::string_view& text, const std::string& file) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
        throw posix::Error(file, "ends in the middle of a line");
    }
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

std::string_view value_of(std::string_view key, std::string_view& text, const std::string& file) {
    std::string_view line = next_line(text, file);
    if (text::next_word(line) != key) {
        throw posix::Error(file, "no line of \"" + std::string(key) + "\" in its place");
    }
    return text::next_word(line);
}

template <typename Number>
std::optional<Number> hexadecimal(std::string_view word) {
    Number number = 0;
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, number, 16);
    return error == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

tracking::KnownAge parse_age(std::string_view line, const std::string& file) {
    const auto cookie = hexadecimal<std::uint64_t>(text::next_word(line));
    const auto state = text::to_number<std::uint8_t>(text::next_word(line));
    const auto dated = text::to_number<std::uint8_t>(text::next_word(line));
    const auto since = text::to_number<std::int64_t>(text::next_word(line));
    if (!cookie || !state || !dated || *dated > 2 || !since || *since < 0) {
        throw posix::Error(file, "a line is not a socket");
    }
    return {Cookie{*cookie}, static_cast<TcpState>(*state), Instant{Duration{*since}},
            static_cast<tracking::Age::Kind>(*dated)};
}

std::string set_aside(const std::string& path) {
    const std::string aside = path + ".bad";
    if (std::rename(path.c_str(), aside.c_str()) != 0) {
        return "it could not be set aside: " + std::generic_category().message(errno);
    }
    return "set aside as " + aside;
}

}  // namespace

StateFile parse_state_file(std::string_view text, const std::string& file) {
    std::string_view rest = text;
    if (!text.starts_with("halfclosed-state ")) {
        throw posix::Error(file, "is not a state file of halfclosed");
    }
    if (value_of("halfclosed-state", rest, file) != "1") {
        throw posix::Error(file, "is not of version 1");
    }
    StateFile state;
    state.clock = value_of("boot", rest, file);
    const auto count = text::to_number<std::size_t>(value_of("sockets", rest, file));
    if (!count || *count > kMostSockets) {
        throw posix::Error(file, "no number of sockets up to " + std::to_string(kMostSockets));
    }
    while (state.ages.size() < *count) {
        state.ages.push_back(parse_age(next_line(rest, file), file));
    }
    const std::string_view covered = text.substr(0, text.size() - rest.size());
    const auto sum = hexadecimal<std::uint32_t>(value_of("crc32", rest, file));
    const auto expected = ::crc32(0, reinterpret_cast<const Bytef*>(covered.data()),
                                  static_cast<uInt>(covered.size()));
    if (!sum || *sum != expected || !rest.empty()) {
        throw posix::Error(file, "the checksum does not match");
    }
    return state;
}

OldAges take_state_file(const std::string& directory, const std::string& clock, Instant now) {
    const std::string path = directory + "/sockets";
    OldAges old;
    try {
        const auto text = posix::read_file_if_present(path, kLargest);
        if (!text) {
            return old;
        }
        StateFile state = parse_state_file(*text, path);
        if (state.clock == clock) {
            old.ages = std::move(state.ages);
        }
        std::remove(path.c_str());
    } catch (const posix::Error& error) {
        old.complaint = std::string(error.what()) + "; " + set_aside(path);
    }
    // The machine's clock does not run back; whatever did, this is not of now.
    std::erase_if(old.ages, [now](const tracking::KnownAge& age) { return age.since > now; });
    return old;
}

}  // namespace halfclosed::history
