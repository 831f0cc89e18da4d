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
        AgeStore age_store(directory_);
        tracking::Tracker tracker(tracking::WatchedPorts({{9999, 9999}}));
        tracker.recall(age_store.load(kNow));
        tracker.observe(std::vector{record}, kNow);
        return tracker.sockets().at(0).age(kNow);
    }

    const std::string directory_ = testing::TempDir() + "halfclosed-state-" +
                                   testing::UnitTest::GetInstance()->current_test_info()->name();
    const tracking::TrackedSocket socket_ = leaked_socket(Cookie{42}, kNow - 300s);
};

TEST_F(StateKeeping, AnAgeOutlivesARestart) {
    AgeStore(directory_).keep(std::vector{socket_}, kNow - 1s, true);
    EXPECT_EQ(age_after_a_restart(socket_.record),
              (tracking::Age{300s, tracking::Age::Kind::observed}));
}

TEST_F(StateKeeping, ADamagedFileIsSetAsideAndCostsTheAgesAlone) {
    AgeStore(directory_).keep(std::vector{socket_}, kNow - 1s, true);
    std::ofstream(directory_ + "/sockets", std::ios::app) << "garbage";
    EXPECT_EQ(age_after_a_restart(socket_.record),
              (tracking::Age{0s, tracking::Age::Kind::at_least}));
    EXPECT_TRUE(std::filesystem::exists(directory_ + "/sockets.bad"));
}

TEST_F(StateKeeping, SavesAreTenSecondsApartUnlessAskedFor) {
    AgeStore age_store(directory_);
    age_store.keep({}, kNow, false);
    age_store.keep(std::vector{socket_}, kNow + 9s, false);
    EXPECT_EQ(age_after_a_restart(socket_.record).value, 0s);
    age_store.keep(std::vector{socket_}, kNow + 10s, false);
    EXPECT_EQ(age_after_a_restart(socket_.record).value, 300s);
}

TEST_F(StateKeeping, WithoutADirectoryThereIsNothingToDo) {
    AgeStore age_store("");
    age_store.keep(std::vector{socket_}, kNow, true);
    EXPECT_EQ(age_store.errors(), 0U);
}

TEST_F(StateKeeping, ADirectoryThatIsGoneIsCountedAndTheDaemonRunsOn) {
    AgeStore age_store(directory_ + "/missing");
    age_store.keep(std::vector{socket_}, kNow, true);
    EXPECT_EQ(age_store.errors(), 1U);
}

}  // namespace
}  // namespace halfclosed
