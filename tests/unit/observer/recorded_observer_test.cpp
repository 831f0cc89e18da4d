#include "observer/recorded_observer.h"

#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "netlink/error.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

const std::string kRecording = std::string(HALFCLOSED_FIXTURES) + "/netlink/6.18-every-kind.dump";

TEST(RecordedLook, ASocketOfTheRecordingIsOnTheReport) {
    const auto snapshot = replay_recordings({kRecording}, {{1, 65535}}, 1s, {}).snapshot;
    ASSERT_TRUE(snapshot.closing);
    EXPECT_FALSE(snapshot.sockets.empty());
    EXPECT_TRUE(snapshot.census);
    EXPECT_FALSE(snapshot.census->reconciliation) << "no recording holds sockstat";
}

TEST(RecordedLook, TheSameLookTwiceChangesNothing) {
    const auto once = replay_recordings({kRecording}, {{1, 65535}}, 1s, {}).snapshot;
    const auto twice = replay_recordings({kRecording, kRecording}, {{1, 65535}}, 1s, {}).snapshot;
    EXPECT_EQ(once.counters, twice.counters);
    EXPECT_EQ(once.closing, twice.closing);
}

TEST(RecordedLook, AFileThatIsCutIsAnErrorThatNamesIt) {
    std::ifstream whole(kRecording, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(whole)), {});
    ASSERT_GT(bytes.size(), 1000U);
    const std::string path = testing::TempDir() + "halfclosed-cut.dump";
    std::ofstream(path, std::ios::binary) << bytes.substr(0, bytes.size() - 30);
    try {
        replay_recordings({path}, {{9999, 9999}}, 1s, {});
        ADD_FAILURE() << "a cut recording was taken for a whole one";
    } catch (const netlink::Error& error) {
        EXPECT_EQ(error.reason(), netlink::Reason::truncated);
        EXPECT_EQ(std::string(error.what()).rfind(path, 0), 0U);
    }
    std::filesystem::remove(path);
    EXPECT_THROW(replay_recordings({"/nonexistent"}, {{9999, 9999}}, 1s, {}), std::system_error);
}

TEST(RecordedLook, ADirectoryIsNamed) {
    try {
        replay_recordings({testing::TempDir()}, {{9999, 9999}}, 1s, {});
        ADD_FAILURE() << "a directory was taken for a recording";
    } catch (const std::system_error& error) {
        EXPECT_EQ(std::string(error.what()), testing::TempDir() + ": Is a directory");
    }
}

/// The recording with this behind it, as a file of its own for as long as this lives.
class NotedRecording {
 public:
    explicit NotedRecording(const std::string& line)
        : path_(testing::TempDir() + "halfclosed-noted-" + std::to_string(getpid()) + ".dump") {
        std::filesystem::copy_file(kRecording, path_,
                                   std::filesystem::copy_options::overwrite_existing);
        const std::string text = "halfclosed recording\n" + line + "\n";
        nlmsghdr header{};
        header.nlmsg_type = NLMSG_NOOP;
        header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + text.size());
        std::ofstream(path_, std::ios::binary | std::ios::app)
            .write(reinterpret_cast<const char*>(&header), sizeof header)
            .write(text.data(), static_cast<std::streamsize>(text.size()));
    }
    NotedRecording(const NotedRecording&) = delete;
    NotedRecording& operator=(const NotedRecording&) = delete;
    ~NotedRecording() { std::filesystem::remove(path_); }

    const std::string& path() const { return path_; }

 private:
    std::string path_;
};

// A page of zeros would say that nothing was there.
TEST(RecordedLook, WithoutPortsCountsEveryPortThatTheFileHas) {
    const Replay replay = replay_recordings({kRecording}, {kEveryPort}, 1s, {});
    ASSERT_EQ(replay.files.size(), 1U);
    EXPECT_EQ(replay.files[0].counted, replay.files[0].sockets);
    EXPECT_GT(replay.files[0].counted, 100U);
    EXPECT_EQ(replay.snapshot.port_labels.back(), "other");
    EXPECT_GT(replay.snapshot.port_labels.size(), 1U);
    const auto& sockets = replay.snapshot.sockets;
    EXPECT_TRUE(std::any_of(sockets.begin(), sockets.end(), [](const auto& socket) {
        return socket.watched.side == tracking::Side::client;
    }));
}

TEST(RecordedLook, SaysHowManyOfTheFilesSocketsItCounted) {
    const Replay replay = replay_recordings({kRecording}, {{1, 1}}, 1s, {});
    EXPECT_EQ(replay.files[0].counted, 0U);
    EXPECT_GT(replay.files[0].sockets, 100U);
}

TEST(RecordedLook, AFileOfOtherPortsSaysNothingOfThose) {
    const NotedRecording file("ports 80-80 8000-8999");
    EXPECT_EQ(replay_recordings({file.path()}, {kEveryPort}, 1s, {}).files[0].ports,
              (std::vector<PortRange>{{80, 80}, {8000, 8999}}));
    EXPECT_NO_THROW(replay_recordings({file.path()}, {{8080, 8090}}, 1s, {}));
    try {
        replay_recordings({file.path()}, {{80, 80}, {9999, 9999}}, 1s, {});
        ADD_FAILURE() << "zeros for a port that was not recorded";
    } catch (const std::invalid_argument& error) {
        EXPECT_EQ(std::string(error.what()),
                  file.path() + ": was recorded for --port 80,8000-8999 and says nothing of 9999");
    }
}

}  // namespace
}  // namespace halfclosed
