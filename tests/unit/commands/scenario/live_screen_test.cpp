#include "commands/scenario/live_screen.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "posix/file.h"

namespace halfclosed::scenarios {
namespace {

/// A pseudo-terminal of 80 columns and a few rows, and what was written to it.
class ScreenTest : public testing::Test {
 protected:
    ScreenTest() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
        grantpt(master_.get());
        unlockpt(master_.get());
        terminal_ = posix::Descriptor(open(ptsname(master_.get()), O_RDWR | O_NOCTTY));
        termios mode{};
        tcgetattr(terminal_.get(), &mode);
        mode.c_oflag &= ~static_cast<tcflag_t>(OPOST);  // "\n" as it was written
        tcsetattr(terminal_.get(), TCSANOW, &mode);
        resize(80, 5);
        setenv("TERM", "xterm", 1);
    }

    void resize(unsigned short columns, unsigned short rows) {
        winsize size{};
        size.ws_col = columns;
        size.ws_row = rows;
        ioctl(terminal_.get(), TIOCSWINSZ, &size);
    }

    std::string written() {
        std::array<char, 4096> buffer{};
        const auto got = read(master_.get(), buffer.data(), buffer.size());
        return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    }

    posix::Descriptor master_;
    posix::Descriptor terminal_;
};

TEST_F(ScreenTest, WritesOnlyWhatIsNew) {
    Screen screen(terminal_.get());
    screen.show({"a", "b"});
    EXPECT_EQ(written(), "a\nb\n");
    screen.show({"a", "b"});
    EXPECT_EQ(written(), "");
    screen.show({"a", "b", "c"});
    EXPECT_EQ(written(), "c\n");
}

TEST_F(ScreenTest, GoesUpToTheFirstLineThatDiffers) {
    Screen screen(terminal_.get());
    screen.show({"a", "b", "c"});
    written();
    screen.show({"a", "B", "c", "d"});
    EXPECT_EQ(written(), "\033[2A\033[JB\nc\nd\n");
    screen.show({"a"});
    EXPECT_EQ(written(), "\033[3A\033[J");
}

TEST_F(ScreenTest, LeavesWhatHasScrolledAway) {
    Screen screen(terminal_.get());
    screen.show({"1", "2", "3", "4", "5", "6"});
    written();
    screen.show({"one", "2", "3", "4", "5", "six"});
    EXPECT_EQ(written(), "\033[4A\033[J3\n4\n5\nsix\n");
}

TEST_F(ScreenTest, FitsATerminalThatIsWideEnough) {
    EXPECT_TRUE(Screen::fits(terminal_.get()));
    resize(79, 24);
    EXPECT_FALSE(Screen::fits(terminal_.get()));
    resize(80, 24);
    setenv("TERM", "dumb", 1);
    EXPECT_FALSE(Screen::fits(terminal_.get()));
    setenv("TERM", "xterm", 1);
    const posix::Descriptor file(open("/dev/null", O_WRONLY));
    EXPECT_FALSE(Screen::fits(file.get()));
}

}  // namespace
}  // namespace halfclosed::scenarios
