#include "service/known_sockets.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "host/lines.h"
#include "text/words.h"

namespace halfclosed::host {
namespace {

constexpr std::string_view kProgram = "halfclosed-state";
constexpr std::string_view kVersion = "1";

constexpr std::array<std::uint32_t, 256> make_crc_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t remainder = byte;
        for (int bit = 0; bit < 8; ++bit) {
            remainder = (remainder >> 1U) ^ ((remainder & 1U) != 0 ? 0xedb88320U : 0U);
        }
        table[byte] = remainder;
    }
    return table;
}

/// CRC-32 of IEEE 802.3 section 3.2.9: finds every change of up to 32 bits in a row.
std::uint32_t crc32(std::string_view text) {
    static constexpr std::array<std::uint32_t, 256> kTable = make_crc_table();
    std::uint32_t crc = ~0U;
    for (const char c : text) {
        crc = (crc >> 8U) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xffU];
    }
    return ~crc;
}

std::string hexadecimal(std::uint64_t number) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
    return {digits.data(), end};
}

std::optional<std::uint64_t> from_hexadecimal(std::string_view word) {
    std::uint64_t number = 0;
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, number, 16);
    return error == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

/// The rest of the next line behind the word `key` and one blank.
std::string_view value_of(std::string_view key, std::string_view& text, const std::string& file) {
    std::string_view line = next_line(text, file).value_or("");
    if (text::next_word(line) != key) {
        throw posix::Error(file, "no line of \"" + std::string(key) + "\" in its place");
    }
    return text::next_word(line);
}

KnownSocket parse_socket(std::string_view& text, const std::string& file) {
    const std::optional<std::string_view> line = next_line(text, file);
    if (!line) {
        throw posix::Error(file, "has fewer sockets than it says");
    }
    std::string_view words = *line;
    const auto cookie = from_hexadecimal(text::next_word(words));
    const auto state = text::to_number<std::uint8_t>(text::next_word(words));
    const auto dated = text::to_number<std::uint8_t>(text::next_word(words));
    const auto since = text::to_number<std::int64_t>(text::next_word(words));
    if (!cookie || !state || !dated || !since || *since < 0) {
        throw posix::Error(file, "a line is not a socket");
    }
    return {*cookie, *state, *dated, *since};
}

}  // namespace

std::string serialise(KnownSockets known) {
    std::vector<KnownSocket>& sockets = known.sockets;
    const auto by_cookie = [](const KnownSocket& a, const KnownSocket& b) {
        return a.cookie < b.cookie;
    };
    std::stable_sort(sockets.begin(), sockets.end(), by_cookie);
    sockets.erase(std::unique(sockets.begin(), sockets.end(),
                              [](const KnownSocket& a, const KnownSocket& b) {
                                  return a.cookie == b.cookie;
                              }),
                  sockets.end());
    if (sockets.size() > kMostKnownSockets) {
        const auto end = sockets.begin() + kMostKnownSockets;
        std::nth_element(
            sockets.begin(), end, sockets.end(),
            [](const KnownSocket& a, const KnownSocket& b) { return a.since_ns < b.since_ns; });
        sockets.erase(end, sockets.end());
        std::sort(sockets.begin(), sockets.end(), by_cookie);
    }
    std::string text = std::string(kProgram) + " " + std::string(kVersion) + "\nboot " +
                       known.boot_id + "\nsockets " + std::to_string(sockets.size()) + "\n";
    for (const KnownSocket& socket : sockets) {
        text += hexadecimal(socket.cookie) + " " + std::to_string(socket.state) + " " +
                std::to_string(socket.dated) + " " + std::to_string(socket.since_ns) + "\n";
    }
    return text + "crc32 " + hexadecimal(crc32(text)) + "\n";
}

KnownSockets parse_known_sockets(std::string_view text, const std::string& file) {
    std::string_view rest = text;
    if (!text.starts_with(kProgram)) {
        throw posix::Error(file, "is not a state file of halfclosed");
    }
    if (value_of(kProgram, rest, file) != kVersion) {
        throw posix::Error(file, "is not of version " + std::string(kVersion));
    }
    KnownSockets known;
    known.boot_id = value_of("boot", rest, file);
    const auto count = text::to_number<std::size_t>(value_of("sockets", rest, file));
    if (!count || *count > kMostKnownSockets) {
        throw posix::Error(file, "no number of sockets up to " + std::to_string(kMostKnownSockets));
    }
    while (known.sockets.size() < *count) {
        known.sockets.push_back(parse_socket(rest, file));
    }
    const std::string_view covered = text.substr(0, text.size() - rest.size());
    if (value_of("crc32", rest, file) != hexadecimal(crc32(covered))) {
        throw posix::Error(file, "the checksum does not match");
    }
    // One value has one text: what reads the same and is written otherwise was not written here.
    if (serialise(known) != text) {
        throw posix::Error(file, "is not as it was written");
    }
    return known;
}

}  // namespace halfclosed::host
