#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <toml.hpp>

namespace halfclosed::text {

/// Text that is not TOML: "FILE:LINE: reason", on one line and without control characters.
class TomlError : public std::runtime_error {
 public:
    explicit TomlError(const std::string& what);
};

/// `file` is what errors and locations call the text. Throws TomlError, also for what check_toml_bounds() refuses.
toml::value parse_toml(std::string_view text, const std::string& file);

}  // namespace halfclosed::text
