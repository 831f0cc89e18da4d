#include "commands/top/key.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace halfclosed::top {

namespace {

constexpr char kEscape = '\x1b';

/// Behind the escape.
constexpr std::array<std::pair<std::string_view, Key::Kind>, 18> kSequences{{
    {"[A", Key::Kind::up},
    {"[B", Key::Kind::down},
    {"OA", Key::Kind::up},
    {"OB", Key::Kind::down},
    {"[5~", Key::Kind::page_up},
    {"[6~", Key::Kind::page_down},
    {"[H", Key::Kind::home},
    {"[F", Key::Kind::end},
    {"OH", Key::Kind::home},
    {"OF", Key::Kind::end},
    {"[1~", Key::Kind::home},
    {"[4~", Key::Kind::end},
    {"[7~", Key::Kind::home},
    {"[8~", Key::Kind::end},
    {"[C", Key::Kind::page_down},
    {"[D", Key::Kind::page_up},
    {"OC", Key::Kind::page_down},
    {"OD", Key::Kind::page_up},
}};

/// How long the sequence at the start of `bytes` is, an escape; 0 if its end has not come.
std::size_t sequence_length(std::string_view bytes) {
    if (bytes.size() < 2) {
        return 0;
    }
    if (bytes[1] == 'O') {
        return bytes.size() < 3 ? 0 : 3;
    }
    if (bytes[1] != '[') {
        return 1;  // the key itself, and another after it
    }
    // Parameters and intermediates, 0x20 to 0x3F, and one final byte (ECMA-48 section 5.4).
    std::size_t end = 2;
    while (end < bytes.size() && bytes[end] >= 0x20 && bytes[end] <= 0x3F) {
        ++end;
    }
    return end == bytes.size() ? 0 : end + 1;
}

std::size_t character_length(unsigned char first) {
    return first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
}

std::optional<Key> key_of(std::string_view bytes) {
    const auto first = static_cast<unsigned char>(bytes.front());
    switch (first) {
        case '\r':
        case '\n':
            return Key{Key::Kind::enter};
        case '\b':
        case 0x7F:
            return Key{Key::Kind::backspace};
        case 0x0C:
            return Key{Key::Kind::redraw};
        default:
            return first < 0x20 ? std::nullopt
                                : std::optional(Key{Key::Kind::text, std::string(bytes)});
    }
}

}  // namespace

std::vector<Key> KeyReader::read(std::string_view bytes) {
    pending_ += bytes;
    std::vector<Key> keys;
    std::string_view rest = pending_;
    while (!rest.empty()) {
        if (rest.front() == kEscape) {
            const std::size_t length = sequence_length(rest);
            if (length == 0) {
                break;
            }
            if (length == 1) {
                keys.push_back({Key::Kind::escape});
            }
            const auto known = std::find_if(
                kSequences.begin(), kSequences.end(),
                [&](const auto& each) { return each.first == rest.substr(1, length - 1); });
            if (known != kSequences.end()) {
                keys.push_back({known->second});
            }
            rest.remove_prefix(length);
            continue;
        }
        const std::size_t length = character_length(static_cast<unsigned char>(rest.front()));
        if (length > rest.size()) {
            break;
        }
        if (const auto key = key_of(rest.substr(0, length))) {
            keys.push_back(*key);
        }
        rest.remove_prefix(length);
    }
    pending_ = std::string(rest);
    return keys;
}

std::vector<Key> KeyReader::settle() {
    const bool escape = pending_ == std::string(1, kEscape);
    pending_.clear();
    return escape ? std::vector<Key>{{Key::Kind::escape}} : std::vector<Key>{};
}

}  // namespace halfclosed::top
