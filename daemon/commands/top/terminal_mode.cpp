#include "commands/top/terminal_mode.h"

#include <signal.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <string_view>

namespace halfclosed::top {

namespace {

// ECMA-48 and xterm: the alternate screen, the cursor.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";

constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

/// For the handler of a fault, which may call nothing but write(), tcsetattr() and raise() (signal-safety(7)).
termios at_start{};
volatile sig_atomic_t has_at_start = 0;

extern "C" void give_back(int signal_number) {
    [[maybe_unused]] const auto written = write(STDOUT_FILENO, kLeave.data(), kLeave.size());
    if (has_at_start != 0) {
        tcsetattr(STDIN_FILENO, TCSANOW, &at_start);
    }
    raise(signal_number);  // the handler is the default again, SA_RESETHAND
}

void on_faults(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    for (const int fault : kFaults) {
        sigaction(fault, &action, nullptr);
    }
}

}  // namespace

TerminalMode::TerminalMode() {
    has_keys_ = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before_) == 0;
    if (has_keys_) {
        at_start = before_;
        has_at_start = 1;
    }
    on_faults(give_back);
    enter();
}

TerminalMode::~TerminalMode() {
    leave();
    on_faults(SIG_DFL);
}

void TerminalMode::enter() {
    if (entered_) {
        return;
    }
    if (has_keys_) {
        termios keys = before_;
        // Ctrl-C and Ctrl-Z stay signals.
        keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        keys.c_cc[VMIN] = 0;
        keys.c_cc[VTIME] = 0;
        tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    }
    std::fwrite(kEnter.data(), 1, kEnter.size(), stdout);
    std::fflush(stdout);
    entered_ = true;
}

void TerminalMode::leave() {
    if (!entered_) {
        return;
    }
    std::fwrite(kLeave.data(), 1, kLeave.size(), stdout);
    std::fflush(stdout);
    if (has_keys_) {
        tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
    entered_ = false;
}

void TerminalMode::draw(const std::vector<std::string>& lines) const {
    std::string screen;
    for (std::size_t row = 0; row < lines.size(); ++row) {
        // The line is emptied first: behind a character in the last column the cursor would still be upon it.
        screen += "\x1b[" + std::to_string(row + 1) + ";1H\x1b[2K" + lines[row];
    }
    screen += "\x1b[" + std::to_string(lines.size()) + ";1H";
    std::fwrite(screen.data(), 1, screen.size(), stdout);
}

}  // namespace halfclosed::top
