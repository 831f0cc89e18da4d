#include "history/history_file.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "history/history_folder.h"
#include "history/history_json.h"
#include "history/socket_recorder.h"
#include "posix/error.h"
#include "posix/file.h"

namespace halfclosed::history {
namespace {

/// As many sockets that ended as it takes to fill a file.
std::vector<RecordedSocket> churn(std::uint64_t first, std::size_t count, Duration since_boot,
                                  bool leaked = false) {
    std::vector<RecordedSocket> sockets;
    for (std::size_t i = 0; i < count; ++i) {
        sockets.push_back(ended(recorded(first + i, since_boot), since_boot + 2s));
        if (leaked) {
            sockets.back().leaked = at(since_boot + 1s);
        }
    }
    return sockets;
}

TEST_F(HistoryFolder, WhatIsWrittenIsRead) {
    RecordedSocket socket = recorded(1, 1100s);
    socket.leaked = at(1160s);
    file().write(batch_of(1200s, {socket}));
    const std::vector<HistoryRow> all = rows();
    ASSERT_EQ(all.size(), 1U);
    const RecordedSocket& read = all[0].socket;
    EXPECT_EQ(read.record.cookie, Cookie{1});
    EXPECT_EQ(read.record.local, socket.record.local);
    EXPECT_EQ(read.record.remote, socket.record.remote);
    EXPECT_EQ(read.record.state, TcpState::close_wait);
    EXPECT_EQ(read.spans, socket.spans);
    EXPECT_EQ(read.leaked, socket.leaked);
    EXPECT_EQ(read.ended, std::nullopt);
    EXPECT_EQ(*read.owner, *socket.owner);
    EXPECT_EQ(read.descriptor, 7);
    EXPECT_EQ(all[0].observed_until, at(1200s));
}

TEST_F(HistoryFolder, ASocketHasOneRowHoweverOftenItIsWritten) {
    HistoryFile history = file();
    history.write(batch_of(1200s, {recorded(1, 1100s)}));
    history.write(batch_of(1300s, {ended(recorded(1, 1100s), 1250s, "aborted")}));
    const std::vector<HistoryRow> all = rows();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].socket.ended, at(1250s));
    EXPECT_EQ(all[0].socket.how, "aborted");
    EXPECT_EQ(all[0].socket.spans.size(), 2U);
}

TEST_F(HistoryFolder, ASocketIsOfItsNetworkNamespace) {
    RecordedSocket socket = recorded(1, 1100s);
    socket.record.netns = NamespaceId{~std::uint64_t{0} - 1};
    Batch batch = batch_of(1200s, {socket, recorded(2, 1100s)});
    batch.namespaces[socket.record.netns] = "blue";
    HistoryFile history = file();
    history.write(batch);
    socket.add({TcpState::last_ack, tracking::Custody::orphan, std::nullopt,
                tracking::Age::Kind::observed, at(1205s), tracking::Evidence::seen});
    history.write(batch_of(1210s, {socket}));  // when its name is not known any more
    const std::vector<HistoryRow> all = rows();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].socket.record.netns, socket.record.netns);
    EXPECT_EQ(all[0].namespace_name, "blue");
    EXPECT_EQ(all[1].socket.record.netns, NamespaceId{});
    EXPECT_EQ(all[1].namespace_name, std::nullopt);
    HistoryFile next = file();
    next.open();
    EXPECT_EQ(next.open_sockets().at(0).record.netns, socket.record.netns);
    const auto json = nlohmann::json::parse(history_line(all[0]));
    EXPECT_EQ(json["namespace"]["id"], ~std::uint64_t{0} - 1);
    EXPECT_EQ(json["namespace"]["name"], "blue");
    EXPECT_TRUE(nlohmann::json::parse(history_line(all[1]))["namespace"].is_null());
}

TEST_F(HistoryFolder, SpansOfAnEarlierRunDoNotOutliveTheSocketsNewStory) {
    RecordedSocket long_story = recorded(1, 1100s);
    for (int i = 1; i < 5; ++i) {
        long_story.add({TcpState::close_wait, tracking::Custody::process,
                        i % 2 == 0 ? tracking::Cause::not_closed : tracking::Cause::unread,
                        tracking::Age::Kind::observed, at(1100s + i * 1s)});
    }
    HistoryFile history = file();
    history.write(batch_of(1200s, {long_story}));
    const RecordedSocket anew = recorded(1, 1250s);
    history.write(batch_of(1300s, {anew}));
    EXPECT_EQ(rows().at(0).socket.spans, anew.spans);
}

TEST_F(HistoryFolder, AfterABatchThatWasUndoneItIsStillToldWhoLooked) {
    HistoryFile history = file();
    history.open();
    {
        const FullDisk full;
        EXPECT_THROW(history.write(batch_of(1200s, {recorded(1, 1100s)})), SqliteError);
    }
    history.write(batch_of(1210s, {recorded(1, 1100s)}));
    history.write(batch_of(1220s, {}));
    const Connection connection = open_for_reading(directory_);
    const auto spans = observed_spans(connection, at(0s).time, at(2000s).time);
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_EQ(spans[0].from, at(1000s));
    EXPECT_EQ(spans[0].to, at(1220s));
}

TEST_F(HistoryFolder, TheNextRunGoesOnWithWhatHadNotEnded) {
    file().write(batch_of(1200s, {recorded(1, 1100s), ended(recorded(2, 1100s), 1150s)}));
    HistoryFile next = file();
    next.open();
    const std::vector<RecordedSocket> open = next.open_sockets();
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].age(), (tracking::KnownAge{Cookie{1}, TcpState::close_wait, Instant{1100s},
                                                 tracking::Age::Kind::observed}));
}

TEST_F(HistoryFolder, AgeIsSinceTheStateBeganWhateverItsCauses) {
    RecordedSocket socket = recorded(1, 1100s);
    socket.spans[0].cause = tracking::Cause::unread;
    socket.add({TcpState::close_wait, tracking::Custody::process, tracking::Cause::not_closed,
                tracking::Age::Kind::observed, at(1150s)});
    file().write(batch_of(1200s, {socket}));
    HistoryFile next = file();
    next.open();
    EXPECT_EQ(next.open_sockets().at(0).age().since, Instant{1100s});
}

TEST_F(HistoryFolder, AnotherBootEndsWhatWasOpenAndHasItsOwnCookies) {
    file("boot-1/monotonic").write(batch_of(1200s, {recorded(1, 1100s)}));
    HistoryFile next = file("boot-2/monotonic");
    next.open();
    EXPECT_TRUE(next.open_sockets().empty());
    next.write(batch_of(50s, {recorded(1, 40s)}));  // earlier on its clock, and the same cookie
    const std::vector<HistoryRow> all = rows();
    ASSERT_EQ(all.size(), 2U);
    const auto& first = all[0].socket.ended ? all[0] : all[1];
    EXPECT_EQ(first.socket.ended, at(1200s)) << "when it was last observed";
    EXPECT_EQ(first.socket.how, "not_observed");
}

TEST_F(HistoryFolder, AStepOfTheWallClockChangesNoLength) {
    RecordedSocket socket = recorded(1, 1100s);
    socket.ended = at(1200s);
    socket.ended->time -= 3h;  // somebody set the clock back
    socket.how = "closed";
    Batch batch = batch_of(1210s, {socket});
    batch.now.time -= 3h;
    file().write(batch);
    const RecordedSocket read = rows().at(0).socket;
    EXPECT_EQ(read.ended->instant - read.spans[0].began.instant, 100s);
}

TEST_F(HistoryFolder, IsForItsOwnerOnly) {
    file().write(batch_of(1200s, {}));
    struct stat status {};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(HistoryFolder, WhatIsOlderThanWantedGoes) {
    HistoryFile history = file("boot/monotonic", {.kept = 1h});
    history.write(batch_of(1200s, churn(1, 3, 1100s)));
    history.write(batch_of(1100s + 1h, {}));
    EXPECT_EQ(rows().size(), 3U);
    history.write(batch_of(1103s + 1h, {}));
    EXPECT_EQ(rows().size(), 0U);
}

TEST_F(HistoryFolder, StaysWithinItsSizeAndKeepsTheLeaks) {
    const HistoryFile::Limits limits{.bytes = HistoryFile::kSmallest};
    HistoryFile history = file("boot/monotonic", limits);
    history.write(batch_of(1200s, churn(1, 500, 1100s, true)));
    for (std::uint64_t i = 1; i <= 25; ++i) {
        history.write(batch_of(1200s + i * 10s, churn(i * 10'000, 2'000, 1190s + i * 10s)));
        ASSERT_LE(history.size(), limits.bytes) << i;
    }
    std::size_t leaked = 0;
    std::size_t others = 0;
    for (const HistoryRow& row : rows()) {
        ++(row.socket.leaked ? leaked : others);
    }
    EXPECT_EQ(leaked, 500U);
    EXPECT_GT(others, 2'000U);
    EXPECT_LT(others, 50'000U) << "the file is too small to test anything";
}

/// Five thousand half-closed sockets at a time, all others every two seconds, for five minutes.
TEST_F(HistoryFolder, AMachineWhoseSocketsComeAndGoStaysWithinEveryBound) {
    const HistoryFile::Limits limits{.bytes = HistoryFile::kSmallest};
    HistoryFile history = file("boot/monotonic", limits);
    SocketRecorder recorder;
    std::uint64_t next = 1;
    std::vector<tracking::TrackedSocket> sockets;
    for (int second = 0; second < 300; ++second) {
        const Duration now = 1000s + std::chrono::seconds(second);
        if (second % 2 == 0) {
            sockets.clear();
            for (int i = 0; i < 5'000; ++i) {
                sockets.push_back(leaked_socket(Cookie{next++}, Instant{now}));
            }
        }
        recorder.observe({sockets, {}, [](const SocketRecord&) { return nullptr; }, 60s, at(now)});
        ASSERT_LE(recorder.followed(), 10'000U);
        if (second % 10 == 9) {
            Batch batch = batch_of(now, {});
            recorder.take(batch);
            ASSERT_LE(batch.sockets.size(), SocketRecorder::Bounds{}.batch);
            history.write(batch);
            ASSERT_LE(history.size(), limits.bytes);
        }
    }
    EXPECT_GT(recorder.handed_out(), 10'000U);
    EXPECT_EQ(recorder.handed_out() + recorder.left_out() + recorder.followed(), next - 1)
        << "what was not recorded is told";
}

/// Five thousand leaks that end with their process, in one look: more than a batch takes.
TEST_F(HistoryFolder, WhenAUnitDiesEachOfItsSocketsKeepsItsStory) {
    HistoryFile history = file();
    SocketRecorder recorder;
    const Owner owner{"shop.service", "shop.service", std::nullopt, {{812, "shop", 7}}};
    std::vector<tracking::TrackedSocket> sockets;
    for (std::uint64_t i = 1; i <= 5'000; ++i) {
        sockets.push_back(leaked_socket(Cookie{i}, Instant{900s}));
    }
    const auto look = [&](Duration now) {
        recorder.observe(
            {sockets, {}, [&owner](const SocketRecord&) { return &owner; }, 60s, at(now)});
        Batch batch = batch_of(now, {});
        recorder.take(batch);
        history.write(batch);
    };
    for (const Duration now : {1000s, 1010s, 1020s}) {
        look(now);
    }
    sockets.clear();
    look(1030s);  // nobody knows yet whether their descriptors are open still
    look(1060s);
    look(1070s);
    EXPECT_EQ(recorder.left_out(), 0U);
    const std::vector<HistoryRow> all = rows();
    EXPECT_EQ(all.size(), 5'000U);
    EXPECT_TRUE(std::all_of(all.begin(), all.end(), [](const HistoryRow& row) {
        return row.socket.ended && row.socket.leaked && row.socket.owner->name == "shop.service";
    }));
    EXPECT_EQ(rows({.from = at(1025s).time, .to = at(1025s).time}).size(), 5'000U)
        << "its last table";
}

TEST_F(HistoryFolder, CountsAndStepsAreKept) {
    Batch batch = batch_of(1200s, {});
    batch.counts = CountSample{{{TcpState::close_wait, tracking::Custody::process, 44, 5min}},
                               {{"shop.service", 44, 40, 3}},
                               {{{TcpState::established, TcpState::close_wait}, 12}}};
    HistoryFile history = file();
    history.write(batch);
    const Connection connection = open_for_reading(directory_);
    const auto counts = counts_at(connection, at(1200s).time);
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->second, *batch.counts);
    EXPECT_EQ(counts_at(connection, at(1201s).time), std::nullopt) << "nobody looked by then";
    EXPECT_EQ(counts_between(connection, at(0s).time, at(2000s).time, 10).size(), 1U);
}

void expect_set_aside(HistoryFile history, const std::string& why) {
    history.open();
    EXPECT_EQ(history.take_complaint(),
              history.path() + ": " + why + "; set aside as " + history.path() + ".bad");
    history.write(batch_of(1200s, {recorded(1, 1100s)}));
    EXPECT_EQ(history.open_sockets().size(), 1U);
}

TEST_F(HistoryFolder, AForeignFileIsSetAside) {
    write(std::string(10'000, 'x'));
    expect_set_aside(file(), "file is not a database");
    EXPECT_EQ(posix::read_file(path() + ".bad"), std::string(10'000, 'x'));
}

TEST_F(HistoryFolder, AnotherProgramsDatabaseIsSetAside) {
    Connection(path(), Connection::Mode::write).execute("CREATE TABLE theirs(x)");
    expect_set_aside(file(), "is not a history of halfclosed");
}

TEST_F(HistoryFolder, AnotherVersionIsSetAside) {
    file().write(batch_of(1200s, {}));
    Connection(path(), Connection::Mode::write).execute("PRAGMA user_version = 7");
    expect_set_aside(file(), "is of another version");
}

TEST_F(HistoryFolder, APipeInItsPlaceStaysAndDoesNotHoldUp) {
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    EXPECT_THROW(file().open(), posix::Error);
    EXPECT_TRUE(std::filesystem::is_fifo(path()));
}

TEST_F(HistoryFolder, ALinkIsFollowedAndStays) {
    const std::string elsewhere = directory_ + "/elsewhere.db";
    std::filesystem::create_symlink("elsewhere.db", path());
    file().write(batch_of(1200s, {recorded(1, 1100s)}));
    EXPECT_TRUE(std::filesystem::is_symlink(path()));
    EXPECT_EQ(rows().size(), 1U);
    EXPECT_EQ(std::filesystem::status(elsewhere).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    write(std::string(10'000, 'x'));
    HistoryFile damaged = file();
    damaged.open();
    EXPECT_NE(damaged.take_complaint().value_or("").find("set aside as " + elsewhere + ".bad"),
              std::string::npos);
    EXPECT_TRUE(std::filesystem::is_symlink(path()));
}

TEST_F(HistoryFolder, AnEmptyFileIsBegun) {
    write("");
    HistoryFile history = file();
    history.write(batch_of(1200s, {recorded(1, 1100s)}));
    EXPECT_EQ(history.take_complaint(), std::nullopt);
    EXPECT_EQ(rows().size(), 1U);
}

TEST_F(HistoryFolder, NoDirectoryIsAnErrorThatNamesIt) {
    HistoryFile history(directory_ + "/missing", "boot", {});
    try {
        history.open();
        FAIL();
    } catch (const posix::Error& error) {
        EXPECT_EQ(error.what(), directory_ + "/missing/history.db: No such file or directory");
    }
}

TEST_F(HistoryFolder, AFileThatIsTakenAwayIsBegunAgain) {
    HistoryFile history = file();
    history.write(batch_of(1200s, {recorded(1, 1100s)}));
    std::filesystem::remove(path());
    history.write(batch_of(1210s, {recorded(2, 1100s)}));
    EXPECT_EQ(rows().size(), 1U);
}

/// Whatever bytes change: it opens or is set aside, and never ends the program.
TEST_F(HistoryFolder, DamageAnywhereIsSetAsideOrHarmless) {
    file().write(batch_of(1200s, churn(1, 2'000, 1100s)));
    const std::string whole = posix::read_file(path(), 16 << 20);
    std::mt19937 dice(1);
    for (int i = 0; i < 40; ++i) {
        std::string changed = whole;
        for (int n = 0; n < 200; ++n) {
            changed[dice() % changed.size()] = static_cast<char>(dice());
        }
        write(i % 4 == 0 ? changed.substr(0, dice() % changed.size()) : changed);
        HistoryFile history = file();
        for (int attempt = 0; attempt < 2; ++attempt) {
            try {
                history.open();
                history.check();
                history.open_sockets();
                history.write(batch_of(1300s, {recorded(77, 1100s)}));
                break;
            } catch (const std::runtime_error& error) {  // set aside; the next attempt begins anew
                ASSERT_EQ(attempt, 0) << i << ": " << error.what();
            }
        }
        bool found = false;
        for (const RecordedSocket& socket : history.open_sockets()) {
            found = found || socket.record.cookie == Cookie{77};
        }
        EXPECT_TRUE(found) << i;
        std::filesystem::remove(path() + "-wal");
        std::filesystem::remove(path() + "-shm");
    }
}

TEST_F(HistoryFolder, WhenThereIsNoRoomWhatWasWrittenStays) {
    file().write(batch_of(1200s, {recorded(1, 1100s)}));
    // In a child, files may not grow past 128 KiB: what a full disk does to a writer.
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{128 * 1024, 128 * 1024};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        bool refused = false;
        try {
            file().write(batch_of(1300s, churn(10, 5'000, 1200s)));
        } catch (const SqliteError& error) {
            refused = !error.damaged();
        }
        ::_exit(refused ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(rows().size(), 1U);
    file().write(batch_of(1400s, {recorded(2, 1100s)}));
    EXPECT_EQ(rows().size(), 2U);
}

TEST_F(HistoryFolder, AKillAtAnyMomentLeavesWholeBatches) {
    file().write(batch_of(1200s, {}));
    // On a loaded machine the first that has written anything may be long in coming.
    for (int i = 0; i < 40 || (rows().empty() && i < 400); ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            HistoryFile history = file();
            for (std::uint64_t n = 0;; ++n) {
                const std::uint64_t first = (static_cast<std::uint64_t>(i) * 1'000 + n) * 100 + 1;
                history.write(batch_of(1300s, churn(first, 10, 1200s)));
            }
        }
        std::this_thread::sleep_for(std::chrono::microseconds(5'000 + i * 1'370));
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        HistoryFile next = file();
        next.open();
        next.check();
        ASSERT_EQ(next.take_complaint(), std::nullopt);
        ASSERT_EQ(rows().size() % 10, 0U);
    }
    EXPECT_GT(rows().size(), 0U);
}

}  // namespace
}  // namespace halfclosed::history
