#pragma once

#include <termios.h>

#include <string>
#include <vector>

namespace halfclosed::top {

/// The terminal while a view has it: its other screen, no cursor, keys as they are pressed. At the end of its life, and
/// where the program dies of a fault of its own, everything is as it was.
class TerminalMode {
 public:
    TerminalMode();
    ~TerminalMode();
    TerminalMode(const TerminalMode&) = delete;
    TerminalMode& operator=(const TerminalMode&) = delete;

    /// Whether keys can be read from standard input.
    bool has_keys() const { return has_keys_; }

    /// Gives the terminal back, and takes it again: around a Ctrl-Z.
    void leave();
    void enter();

    /// All of the screen, a line a row from the first on.
    void draw(const std::vector<std::string>& lines) const;

 private:
    bool has_keys_ = false;
    bool entered_ = false;
    termios before_{};
};

}  // namespace halfclosed::top
