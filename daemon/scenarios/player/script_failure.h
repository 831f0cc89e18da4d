#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace halfclosed::scenarios {

/// What the kernel did, or what we read of it, is not what the script says.
class ScriptFailure : public std::runtime_error {
 public:
    ScriptFailure(std::size_t line, const std::string& what)
        : std::runtime_error(what), line_(line) {}
    std::size_t line() const { return line_; }

 private:
    std::size_t line_;
};

}  // namespace halfclosed::scenarios
