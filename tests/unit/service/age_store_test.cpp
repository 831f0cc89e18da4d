#include "service/age_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sockets.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1000s};

class StateKeeping : public testing::Test {
 protected:
    void SetUp() override { std::filesystem::create_directory(directory_); }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    /// The age that a daemon which starts now gives the socket.
    tracking::Age age_after_a_restart(const SocketRecord& record) {
        StateKeeper keeper(directory_);
        tracking::Tracker tracker(tracking::Watch({{9999, 9999}}));
        tracker.recall(keeper.load(kNow));
        tracker.observe(std::vector{record}, kNow);
        return tracker.sockets().at(0).age(kNow);
    }

    const std::string directory_ = testing::TempDir() + "halfclosed-state-" +
                                   testing::UnitTest::GetInstance()->current_test_info()->name();
    const tracking::TrackedSocket socket_ = leaked_socket(Cookie{42}, kNow - 300s);
};

TEST_F(StateKeeping, AnAgeOutlivesARestart) {
    StateKeeper(directory_).keep(std::vector{socket_}, kNow - 1s, true);
    EXPECT_EQ(age_after_a_restart(socket_.record),
              (tracking::Age{300s, tracking::Age::Kind::observed}));
}

TEST_F(StateKeeping, ADamagedFileIsSetAsideAndCostsTheAgesAlone) {
    StateKeeper(directory_).keep(std::vector{socket_}, kNow - 1s, true);
    std::ofstream(directory_ + "/sockets", std::ios::app) << "garbage";
    EXPECT_EQ(age_after_a_restart(socket_.record),
              (tracking::Age{0s, tracking::Age::Kind::at_least}));
    EXPECT_TRUE(std::filesystem::exists(directory_ + "/sockets.bad"));
}

TEST_F(StateKeeping, SavesAreTenSecondsApartUnlessAskedFor) {
    StateKeeper keeper(directory_);
    keeper.keep({}, kNow, false);
    keeper.keep(std::vector{socket_}, kNow + 9s, false);
    EXPECT_EQ(age_after_a_restart(socket_.record).value, 0s);
    keeper.keep(std::vector{socket_}, kNow + 10s, false);
    EXPECT_EQ(age_after_a_restart(socket_.record).value, 300s);
}

TEST_F(StateKeeping, WithoutADirectoryThereIsNothingToDo) {
    StateKeeper keeper("");
    keeper.keep(std::vector{socket_}, kNow, true);
    EXPECT_EQ(keeper.errors(), 0U);
}

TEST_F(StateKeeping, ADirectoryThatIsGoneIsCountedAndTheDaemonRunsOn) {
    StateKeeper keeper(directory_ + "/missing");
    keeper.keep(std::vector{socket_}, kNow, true);
    EXPECT_EQ(keeper.errors(), 1U);
}

}  // namespace
}  // namespace halfclosed
