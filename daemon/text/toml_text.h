#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace halfclosed::text {

/// Text that is not TOML: "FILE:LINE: reason", on one line and without control characters.
class TomlError : public std::runtime_error {
 public:
    explicit TomlError(const std::string& what);
};

/// A value of a TOML file. Only what belongs to its kind is set; dates and times are `other`.
struct TomlValue {
    enum class Kind { boolean, integer, number, text, list, table, other };

    Kind kind = Kind::other;
    std::size_t line = 0;
    bool boolean = false;
    std::int64_t integer = 0;
    double number = 0;
    std::string text;
    std::vector<TomlValue> items;              ///< of a list
    std::map<std::string, TomlValue> members;  ///< of a table, by key

    bool is(Kind what) const { return kind == what; }
};

/// `file` is what errors call the text. Throws TomlError, also for what check_toml_bounds() refuses. The result is a table.
TomlValue parse_toml(std::string_view text, const std::string& file);

}  // namespace halfclosed::text
