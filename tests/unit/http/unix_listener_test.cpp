#include "http/unix_listener.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace halfclosed::http {
namespace {

class UnixListenerTest : public testing::Test {
 protected:
    UnixListenerTest() {
        std::string name = (std::filesystem::temp_directory_path() / "listener-XXXXXX").string();
        directory_ = mkdtemp(name.data());
        path_ = (directory_ / "control.sock").string();
    }
    ~UnixListenerTest() override { std::filesystem::remove_all(directory_); }

    /// A socket file that nobody listens on, as a killed process leaves it.
    void leave_stale() const {
        const posix::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, path_.c_str());
        ASSERT_EQ(bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
                  0);
    }

    std::string refusal() const {
        try {
            const UnixListener listener(path_);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return {};
    }

    std::filesystem::path directory_;
    std::string path_;
};

TEST_F(UnixListenerTest, IsForItsOwnerAndItsGroupAlone) {
    const mode_t before = umask(0);
    const UnixListener listener(path_);
    umask(before);
    struct stat status {};
    ASSERT_EQ(lstat(path_.c_str(), &status), 0);
    EXPECT_TRUE(S_ISSOCK(status.st_mode));
    EXPECT_EQ(status.st_mode & 07777U, 0660U);
}

TEST_F(UnixListenerTest, LeavesTheMaskOfTheProcessAsItWas) {
    const mode_t before = umask(027);
    const UnixListener listener(path_);
    EXPECT_EQ(umask(before), mode_t{027});
}

TEST_F(UnixListenerTest, TheFileGoesWithIt) {
    { const UnixListener listener(path_); }
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixListenerTest, TakesOverWhatAKilledOneLeft) {
    leave_stale();
    EXPECT_EQ(refusal(), "");
}

TEST_F(UnixListenerTest, LeavesOneThatIsListenedOnAlone) {
    const UnixListener first(path_);
    EXPECT_EQ(refusal(), "cannot listen on " + path_ +
                             ": something else is there, or another daemon listens on it");
    EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(UnixListenerTest, LeavesAFileAlone) {
    std::ofstream(path_) << "precious";
    EXPECT_NE(refusal(), "");
    EXPECT_EQ(std::filesystem::file_size(path_), 8U);
}

TEST_F(UnixListenerTest, LeavesWhatASymbolicLinkPointsToAlone) {
    const std::string elsewhere = (directory_ / "elsewhere").string();
    std::ofstream(elsewhere) << "precious";
    std::filesystem::create_symlink(elsewhere, path_);
    EXPECT_NE(refusal(), "");
    EXPECT_TRUE(std::filesystem::exists(elsewhere));
}

TEST_F(UnixListenerTest, DoesNotRemoveWhatAnotherPutThereSince) {
    auto first = std::make_unique<UnixListener>(path_);
    std::filesystem::remove(path_);
    const UnixListener second(path_);
    first.reset();
    EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(UnixListenerTest, SaysWhatIsWrongWithThePath) {
    path_ = (directory_ / "none" / "control.sock").string();
    EXPECT_EQ(refusal(), "cannot listen on " + path_ + ": No such file or directory");
    EXPECT_THROW(UnixListener{std::string(108, 'x')}, std::invalid_argument);
    EXPECT_THROW(parse_socket_path(""), std::invalid_argument);
    EXPECT_EQ(parse_socket_path(std::string(107, 'x')), std::string(107, 'x'));
}

}  // namespace
}  // namespace halfclosed::http
