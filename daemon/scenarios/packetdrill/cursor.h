#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace halfclosed::scenarios::packetdrill {

/// Reads a script's text from left to right. Blanks, newlines and comments count as one gap, which every reading
/// function but rest_until() passes over first.
class Cursor {
 public:
    /// `file` names the script in errors.
    Cursor(std::string_view text, std::string_view file) : text_(text), file_(file) {}

    std::size_t line() const { return line_; }
    bool at_end();

    /// The next character, '\0' at the end.
    char peek();
    /// Whether the text goes on with this; it is taken then.
    bool take(std::string_view symbol);
    /// As take(). Throws ScriptError.
    void expect(std::string_view symbol);

    /// Letters, digits and '_'; empty if there are none.
    std::string word();
    /// As word(), but takes nothing.
    std::string peek_word();
    /// The letters of the flags of a segment; a gap ends them.
    std::string flags();

    /// Decimal, or hexadecimal with 0x; with a sign. Throws ScriptError.
    std::int64_t number();
    /// Of 32 bits, without a sign. Throws ScriptError.
    std::uint32_t number32();
    /// Seconds with up to six decimals ("1", ".25", "0.1"), as microseconds. Throws ScriptError.
    std::int64_t seconds();

    /// The text up to this, which is taken too. Throws ScriptError if it never comes.
    std::string rest_until(std::string_view end);
    /// What is left of the line.
    std::string rest_of_line();

    /// Throws ScriptError.
    [[noreturn]] void fail(const std::string& what) const;

 private:
    void pass_gap();
    void advance(std::size_t count);

    std::string_view text_;
    std::string_view file_;
    std::size_t place_ = 0;
    std::size_t line_ = 1;
};

}  // namespace halfclosed::scenarios::packetdrill
