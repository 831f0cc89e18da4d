#include "service/flight_recorder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "history/history_query.h"
#include "sockets.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;

constexpr Instant kRecorded{1000s};
constexpr WallTime kTime{1'795'737'600s};

exporters::Snapshot snapshot_of(std::vector<tracking::TrackedSocket> sockets, Instant now) {
    exporters::Snapshot snapshot;
    snapshot.instant = now;
    snapshot.time = kTime + (now - kRecorded);
    snapshot.port_labels = {"9999"};
    snapshot.closing.emplace(1);
    for (const tracking::TrackedSocket& socket : sockets) {
        snapshot.closing->add(socket.watched, socket.record.state, socket.custody);
        snapshot.owners[socket.record.cookie] =
            Owner{"shop.service", "shop.service", std::nullopt, {{812, "shop", 7}}};
    }
    snapshot.sockets = std::move(sockets);
    return snapshot;
}

class FlightRecording : public testing::Test {
 protected:
    void SetUp() override { std::filesystem::create_directory(directory_); }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    /// A daemon that sees the sockets once, and stops.
    void run(std::vector<tracking::TrackedSocket> sockets, Instant now) {
        FlightRecorder recorder({directory_, {}});
        recorder.start({now, kTime});
        const exporters::Snapshot snapshot = snapshot_of(std::move(sockets), now);
        recorder.observe(snapshot);
        recorder.stop(snapshot);
    }

    /// The age that a daemon which starts now gives the socket.
    tracking::Age age_after_a_restart(const SocketRecord& record) {
        FlightRecorder recorder({directory_, {}});
        tracking::Tracker tracker(tracking::WatchedPorts({{9999, 9999}}));
        tracker.recall(recorder.start({kRecorded, kTime}));
        tracker.observe(std::vector{record}, kRecorded);
        return tracker.sockets().at(0).age(kRecorded);
    }

    const std::string directory_ = testing::TempDir() + "halfclosed-flight-" +
                                   testing::UnitTest::GetInstance()->current_test_info()->name();
    const tracking::TrackedSocket socket_ = leaked_socket(Cookie{42}, kRecorded - 300s);
};

TEST_F(FlightRecording, AnAgeOutlivesARestart) {
    run({socket_}, kRecorded - 1s);
    EXPECT_EQ(age_after_a_restart(socket_.record),
              (tracking::Age{300s, tracking::Age::Kind::observed}));
}

TEST_F(FlightRecording, ADamagedHistoryIsSetAsideAndCostsTheAgesAlone) {
    run({socket_}, kRecorded - 1s);
    std::filesystem::resize_file(directory_ + "/history.db", 5000);
    EXPECT_EQ(age_after_a_restart(socket_.record),
              (tracking::Age{0s, tracking::Age::Kind::at_least}));
    EXPECT_TRUE(std::filesystem::exists(directory_ + "/history.db.bad"));
}

TEST_F(FlightRecording, AnotherRunsLastTableCanBeReadAfterIt) {
    run({socket_}, kRecorded);
    const history::Connection connection = history::open_for_reading(directory_);
    const auto counts = history::counts_at(connection, kTime);
    ASSERT_TRUE(counts);
    ASSERT_EQ(counts->second.owners.size(), 1U);
    EXPECT_EQ(counts->second.owners[0],
              (history::CountSample::OwnerCount{"shop.service", 1, 1, 0}));
}

TEST_F(FlightRecording, WithoutADirectoryThereIsNothingToDo) {
    FlightRecorder recorder({"", {}});
    EXPECT_TRUE(recorder.start({kRecorded, kTime}).empty());
    recorder.observe(snapshot_of({socket_}, kRecorded));
    EXPECT_EQ(recorder.health(), std::nullopt);
    EXPECT_FALSE(recorder.ask([](const history::Connection*) {}));
}

TEST_F(FlightRecording, ALookThatFailedEndsNothing) {
    FlightRecorder recorder({directory_, {}});
    recorder.start({kRecorded, kTime});
    recorder.observe(snapshot_of({socket_}, kRecorded));
    exporters::Snapshot blind = snapshot_of({}, kRecorded + 1s);
    blind.closing.reset();
    for (int i = 0; i < 30; ++i) {
        blind.instant += 1s;
        recorder.observe(blind);
    }
    recorder.stop(snapshot_of({socket_}, kRecorded + 40s));
    const history::Connection connection = history::open_for_reading(directory_);
    history::for_each_socket(connection, {}, [](const history::HistoryRow& row) {
        EXPECT_EQ(row.socket.ended, std::nullopt);
    });
    EXPECT_EQ(history::observed_spans(connection, kTime, kTime + 60s).size(), 1U)
        << "the blind time is no part of it";
}

TEST_F(FlightRecording, AMissingDirectoryIsCountedAndTheDaemonRunsOn) {
    FlightRecorder recorder({directory_ + "/missing", {}});
    recorder.start({kRecorded, kTime});
    recorder.observe(snapshot_of({socket_}, kRecorded));
    for (int i = 0; i < 200 && recorder.health()->failures == 0; ++i) {
        std::this_thread::sleep_for(10ms);
        recorder.observe(snapshot_of({socket_}, kRecorded + 1s));
    }
    EXPECT_EQ(recorder.health()->failures, 1U);
}

}  // namespace
}  // namespace halfclosed
