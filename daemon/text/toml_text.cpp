#include "text/toml_text.h"

#include <algorithm>
#include <sstream>
#include <toml.hpp>

#include "text/toml_bounds.h"
#include "text/utf8.h"

namespace halfclosed::text {

namespace {

/// The first line of toml11's message, without "[error] toml::parse_array: "; the rest is a picture of the place.
std::string first_line(const std::string& message) {
    std::string line = message.substr(0, message.find('\n'));
    for (const std::string_view prefix : {"[error] ", "toml::"}) {
        if (!line.starts_with(prefix)) {
            return line;
        }
        line.erase(0, prefix.size());
    }
    const std::size_t colon = line.find(": ");
    return colon == std::string::npos ? line : line.substr(colon + 2);
}

/// The line of an error; of a text that breaks off toml11 names one more than there are.
std::size_t line_of(const toml::exception& error, std::string_view text) {
    const auto lines = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    return std::min<std::size_t>(error.location().line(), lines);
}

/// TOML is UTF-8 without control characters but tabs and ends of lines; toml11 3.7 reads beyond the text where a quoted key
/// is not.
void check_characters(std::string_view text, const std::string& file) {
    for (std::size_t at = find_unprintable(text); at != std::string_view::npos;
         at = find_unprintable(text, at + 1)) {
        if (text[at] != '\n' && text[at] != '\t' && text[at] != '\r') {
            const auto line =
                1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
            throw TomlError(file + ":" + std::to_string(line) +
                            ": a byte that is not UTF-8, or a character that is not printed");
        }
    }
}

/// toml11's own type takes seconds to compile wherever it is included.
TomlValue plain(const toml::value& value) {
    using Kind = TomlValue::Kind;
    TomlValue result;
    result.line = value.location().line();
    if (value.is_boolean()) {
        result.kind = Kind::boolean;
        result.boolean = value.as_boolean();
    } else if (value.is_integer()) {
        result.kind = Kind::integer;
        result.integer = value.as_integer();
    } else if (value.is_floating()) {
        result.kind = Kind::number;
        result.number = value.as_floating();
    } else if (value.is_string()) {
        result.kind = Kind::text;
        result.text = value.as_string().str;
    } else if (value.is_array()) {
        result.kind = Kind::list;
        for (const toml::value& item : value.as_array()) {
            result.items.push_back(plain(item));
        }
    } else if (value.is_table()) {
        result.kind = Kind::table;
        for (const auto& [key, member] : value.as_table()) {
            result.members.emplace(key, plain(member));
        }
    }
    return result;
}

}  // namespace

TomlError::TomlError(const std::string& what) : std::runtime_error(printable(what)) {
}

TomlValue parse_toml(std::string_view text, const std::string& file) {
    check_characters(text, file);
    check_toml_bounds(text, file);
    std::istringstream stream{std::string(text)};
    try {
        return plain(toml::parse(stream, file));
    } catch (const toml::exception& error) {
        throw TomlError(file + ":" + std::to_string(line_of(error, text)) + ": " +
                        first_line(error.what()));
    }
}

}  // namespace halfclosed::text
