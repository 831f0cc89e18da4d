#pragma once

#include <functional>
#include <stdexcept>
#include <string>

namespace halfclosed::control {

/// The daemon cannot be asked, or says no. what() is one line that says why and what to do.
class ControlError : public std::runtime_error {
 public:
    using std::runtime_error::runtime_error;
};

enum class Method { get, post };

/// Asks the daemon behind the control socket, and hands its answer over line by line as it comes. Returns false when
/// `stop` (a descriptor; -1: none) became readable before the end. Throws ControlError, and what `line` throws.
bool ask(Method method, const std::string& socket, const std::string& target,
         const std::function<void(const std::string&)>& line, int stop = -1);

}  // namespace halfclosed::control
