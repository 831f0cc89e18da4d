#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace halfclosed::top {

/// What somebody pressed.
struct Key {
    enum class Kind {
        text,  ///< a character, in `text`
        enter,
        escape,
        backspace,
        up,
        down,
        page_up,
        page_down,
        home,
        end,
        redraw,  ///< Ctrl-L
    };

    Kind kind = Kind::text;
    std::string text{};  ///< one character in UTF-8

    bool operator==(const Key&) const = default;
};

/// Tells keys apart in what a terminal sends, which may come in pieces (ECMA-48 control sequences, as xterm sends them).
class KeyReader {
 public:
    /// What the bytes complete. A sequence that means nothing here is left out.
    std::vector<Key> read(std::string_view bytes);

    /// Nothing more came for a while: an escape that waits for its sequence is the key itself.
    std::vector<Key> settle();

    bool waits() const { return !pending_.empty(); }

 private:
    std::string pending_;
};

}  // namespace halfclosed::top
