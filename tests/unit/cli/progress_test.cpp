#include "cli/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

/// Standard error is a terminal while it lives.
class ErrorTerminal {
 public:
    ErrorTerminal() : before_(dup(STDERR_FILENO)) {
        EXPECT_EQ(openpty(&master_, &slave_, nullptr, nullptr, nullptr), 0);
        fcntl(master_, F_SETFL, O_NONBLOCK);
        dup2(slave_, STDERR_FILENO);
    }
    ~ErrorTerminal() { give_back(); }

    /// What was written to it.
    std::string take() {
        give_back();
        std::array<char, 4096> text{};
        const auto count = read(master_, text.data(), text.size());
        return count > 0 ? std::string(text.data(), static_cast<std::size_t>(count)) : "";
    }

 private:
    void give_back() {
        if (before_ >= 0) {
            dup2(before_, STDERR_FILENO);
            close(before_);
            before_ = -1;
        }
    }

    int before_;
    int master_ = -1;
    int slave_ = -1;
};

TEST(Progress, OfWhatIsDoneSoonNothingIsSaid) {
    ErrorTerminal terminal;
    { const Progress progress("asking the kernel", 500ms); }
    EXPECT_EQ(terminal.take(), "");
}

TEST(Progress, OfWhatTakesLongerItIsSaidWhatAndTakenBack) {
    ErrorTerminal terminal;
    {
        const Progress progress("asking the kernel", 50ms);
        std::this_thread::sleep_for(300ms);
        progress.now("looking at \x1b[2J processes");
        std::this_thread::sleep_for(300ms);
    }
    const std::string text = terminal.take();
    EXPECT_NE(text.find("\r\x1b[Kasking the kernel … 0 s"), std::string::npos) << text;
    EXPECT_NE(text.find("looking at \xEF\xBF\xBD[2J processes"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with("\r\x1b[K")) << text;
}

TEST(Progress, WithoutATerminalNothingIsSaid) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_NONBLOCK), 0);
    const int before = dup(STDERR_FILENO);
    dup2(ends[1], STDERR_FILENO);
    {
        const Progress progress("asking the kernel", 10ms);
        std::this_thread::sleep_for(100ms);
    }
    dup2(before, STDERR_FILENO);
    close(before);
    close(ends[1]);
    char byte = 0;
    EXPECT_EQ(read(ends[0], &byte, 1), 0);
    close(ends[0]);
}

}  // namespace
}  // namespace halfclosed
