#include "observer/recorded_observer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "netlink/error.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

const std::string kRecording = std::string(HALFCLOSED_FIXTURES) + "/netlink/6.18-every-kind.dump";

TEST(RecordedLook, ASocketOfTheRecordingIsOnTheReport) {
    const auto snapshot = replay_recordings({kRecording}, {{1, 65535}}, 1s, {});
    ASSERT_TRUE(snapshot.closing);
    EXPECT_FALSE(snapshot.sockets.empty());
    EXPECT_TRUE(snapshot.census);
    EXPECT_FALSE(snapshot.census->reconciliation) << "no recording holds sockstat";
}

TEST(RecordedLook, TheSameLookTwiceChangesNothing) {
    const auto once = replay_recordings({kRecording}, {{1, 65535}}, 1s, {});
    const auto twice = replay_recordings({kRecording, kRecording}, {{1, 65535}}, 1s, {});
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

}  // namespace
}  // namespace halfclosed
