#include "cli/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "text/utf8.h"

namespace halfclosed {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view kTakeBack = "\r\x1b[K";

void say(std::string_view text) {
    // Whoever took the terminal away does not need to know.
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
}

/// Until the other end of the pipe is closed, each line of which is what is done now.
[[noreturn]] void tell(int pipe, milliseconds patience) {
    const Clock::time_point start = Clock::now();
    milliseconds pause = patience;
    std::string what;
    bool said = false;
    while (true) {
        pollfd waiting{pipe, POLLIN, 0};
        const int ready = poll(&waiting, 1, static_cast<int>(pause.count()));
        if (ready > 0) {
            std::array<char, 256> text{};
            const auto count = read(pipe, text.data(), text.size());
            if (count <= 0) {
                break;
            }
            std::string_view line(text.data(), static_cast<std::size_t>(count));
            line.remove_suffix(line.ends_with('\n') ? 1 : 0);
            what = line.substr(line.rfind('\n') + 1);
        }
        const auto passed = Clock::now() - start;
        if (passed < patience) {
            pause = std::chrono::ceil<milliseconds>(patience - passed);
            continue;
        }
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(passed).count();
        say(std::string(kTakeBack) + what + " … " + std::to_string(seconds) + " s");
        said = true;
        pause = milliseconds{1000};
    }
    if (said) {
        say(kTakeBack);
    }
    _exit(0);
}

}  // namespace

Progress::Progress(const std::string& what, milliseconds patience) {
    std::array<int, 2> ends{};
    if (isatty(STDERR_FILENO) != 1 || pipe2(ends.data(), O_CLOEXEC) != 0) {
        return;
    }
    posix::Descriptor reading(ends[0]);
    told_ = posix::Descriptor(ends[1]);
    child_ = fork();
    if (child_ == 0) {
        close(told_.release());
        // A Ctrl-C is for the command, whose end ends this too.
        signal(SIGINT, SIG_IGN);
        tell(reading.get(), patience);
    }
    now(what);
}

Progress::~Progress() {
    if (child_ <= 0) {
        return;
    }
    told_ = posix::Descriptor();
    while (waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void Progress::now(const std::string& what) const {
    if (told_) {
        const std::string line = text::printable(what) + "\n";
        [[maybe_unused]] const auto written = write(told_.get(), line.data(), line.size());
    }
}

}  // namespace halfclosed
