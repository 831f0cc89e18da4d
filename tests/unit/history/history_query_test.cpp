#include "history/history_query.h"

#include <nlohmann/json.hpp>

#include "history/counts_json.h"
#include "history/history_folder.h"
#include "history/history_json.h"
#include "history/leak_counts.h"

namespace halfclosed::history {
namespace {

class HistoryQuery : public HistoryFolder {
 protected:
    HistoryQuery() {
        file().write(batch_of(1500s, {ended(recorded(1, 1100s), 1200s), recorded(2, 1150s),
                                      ended(recorded(3, 1300s), 1400s)}));
    }
    std::vector<std::uint64_t> cookies(const SocketQuery& query) const {
        std::vector<std::uint64_t> cookies;
        for (const HistoryRow& row : rows(query)) {
            cookies.push_back(static_cast<std::uint64_t>(row.socket.record.cookie));
        }
        return cookies;
    }
};

using Cookies = std::vector<std::uint64_t>;

TEST_F(HistoryQuery, TellsThoseThatWereThereBetweenTwoTimes) {
    EXPECT_EQ(cookies({}), (Cookies{1, 2, 3}));
    EXPECT_EQ(cookies({.from = at(1201s).time}), (Cookies{2, 3}));
    EXPECT_EQ(cookies({.to = at(1250s).time}), (Cookies{1, 2}));
    EXPECT_EQ(cookies({.from = at(1160s).time, .to = at(1160s).time}), (Cookies{1, 2}));
    EXPECT_EQ(cookies({.from = at(1501s).time}), Cookies{}) << "nobody looked by then";
}

/// Leaks of shop.service: 1 from 1100 s to 1200 s, 2 from 1150 s on, 3 from 4000 s on, of port 80.
class LeakCounting : public HistoryFolder {
 protected:
    LeakCounting() {
        RecordedSocket first = ended(recorded(1, 1040s), 1200s);
        first.leaked = at(1100s);
        RecordedSocket second = recorded(2, 1090s);
        second.leaked = at(1150s);
        RecordedSocket third = recorded(3, 3940s);
        third.leaked = at(4000s);
        third.port = 80;
        file().write(batch_of(5000s, {first, second, third, recorded(4, 1100s)}));
    }
    std::optional<LeakCounts> counts(Duration since_boot, Duration span,
                                     bool port_80 = true) const {
        return leak_counts(
            open_for_reading(directory_), at(since_boot).time, span,
            [port_80](std::uint16_t port, NamespaceId) { return port_80 || port != 80; });
    }
};

TEST_F(LeakCounting, TellsHowManyThereWereAtBothEnds) {
    using Pair = std::pair<std::uint64_t, std::uint64_t>;
    const auto last = counts(5000s, 1h);
    ASSERT_TRUE(last);
    EXPECT_EQ(last->between, 1h);
    EXPECT_EQ(last->owners.at("shop.service"), Pair(1, 2));
    EXPECT_EQ(counts(5000s, 1h, false)->owners.at("shop.service"), Pair(1, 1));
    const auto earlier = counts(1160s, 1h);
    EXPECT_EQ(earlier->between, 160s) << "nobody looked before 1000 s";
    EXPECT_EQ(earlier->owners.at("shop.service"), Pair(0, 2));
    EXPECT_EQ(counts(1300s, 120s)->owners.at("shop.service"), Pair(2, 1)) << "one was closed";
    const auto late = counts(5100s, 1h);
    EXPECT_EQ(late->to, at(5000s).time) << "nobody looked later";
    EXPECT_EQ(counts(9000s, 1h), std::nullopt);
}

TEST_F(LeakCounting, ARestartInBetweenChangesNothing) {
    Batch next = batch_of(5300s, {});
    next.observed_since = at(5060s);
    file().write(next);
    const auto across = counts(5300s, 1h);
    EXPECT_EQ(across->from, at(1700s).time);
    EXPECT_EQ(across->owners.at("shop.service").second, 2U);
}

TEST_F(HistoryQuery, TellsThoseOfAnOwnerACookieAndTheLastFew) {
    EXPECT_EQ(cookies({.owner = "shop.service"}), (Cookies{1, 2, 3}));
    EXPECT_EQ(cookies({.owner = "other.service"}), Cookies{});
    EXPECT_EQ(cookies({.cookie = Cookie{2}}), (Cookies{2}));
    EXPECT_EQ(cookies({.limit = 2}), (Cookies{2, 3}));
}

TEST_F(HistoryQuery, ALineSaysWhatIsDocumented) {
    const auto json = nlohmann::json::parse(history_line(rows({.cookie = Cookie{1}}).at(0)));
    EXPECT_EQ(json["schema"], "halfclosed.history/1");
    EXPECT_EQ(json["cookie"], "1");
    EXPECT_EQ(json["local"], "127.0.0.1:9999");
    EXPECT_EQ(json["began"], "2026-11-27T00:01:40.000Z");
    EXPECT_EQ(json["ended"], "2026-11-27T00:03:20.000Z");
    EXPECT_EQ(json["how"], "closed");
    EXPECT_EQ(json["lived_seconds"], 100.0);
    EXPECT_EQ(json["owner"]["name"], "shop.service");
    EXPECT_EQ(json["owner"]["processes"][0]["pid"], 812);
    ASSERT_EQ(json["states"].size(), 2U);
    EXPECT_EQ(json["states"][0]["state"], "close_wait");
    EXPECT_EQ(json["states"][0]["cause"], "not_closed");
    EXPECT_EQ(json["states"][0]["seconds"], 100.0);
    EXPECT_EQ(json["states_left_out"], 0);
    const auto open = nlohmann::json::parse(history_line(rows({.cookie = Cookie{2}}).at(0)));
    EXPECT_EQ(open["ended"], nullptr);
    EXPECT_EQ(open["lived_seconds"], 350.0) << "until it was last observed";
}

TEST_F(HistoryQuery, ALineSaysHowManyStatesWereLeftOut) {
    RecordedSocket restless = recorded(4, 1600s);
    restless.spans_left_out = 93;
    file().write(batch_of(1700s, {restless}));
    const auto json = nlohmann::json::parse(history_line(rows({.cookie = Cookie{4}}).at(0)));
    EXPECT_EQ(json["states_left_out"], 93);
}

/// Milliseconds that do not fit into nanoseconds, and instants whose difference does not fit either.
TEST_F(HistoryQuery, TimesOfADamagedFileDoNotOverflow) {
    for (const auto& [ms, ns] : {std::pair{"9223372036854775807", "-9223372036854775808"},
                                 std::pair{"-9223372036854775808", "9223372036854775807"}}) {
        const auto times = [ms = std::string(ms), ns = std::string(ns)](const std::string& name) {
            return name + "_ms = " + ms + ", " + name + "_ns = " + ns;
        };
        const std::string all = "UPDATE spans SET " + times("began") +
                                " WHERE number = 0; UPDATE sockets SET " + times("leaked") +
                                "; UPDATE observed SET " + times("to");
        Connection(path(), Connection::Mode::write).execute(all);
        std::size_t lines = 0;
        for (const HistoryRow& row : rows()) {
            lines += nlohmann::json::parse(history_line(row)).contains("leaked") ? 1 : 0;
        }
        EXPECT_EQ(lines, 3U);
        EXPECT_TRUE(nlohmann::json::accept(
            counts_json(open_for_reading(directory_), WallTime{}, at(2000s).time, 300)));
    }
}

TEST_F(HistoryQuery, WithoutADaemonNorTheRightToWriteItIsRead) {
    // A directory that cannot be written to has no room for the log that SQLite would make.
    std::filesystem::permissions(
        directory_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    EXPECT_EQ(cookies({}), (Cookies{1, 2, 3}));
    std::filesystem::permissions(directory_, std::filesystem::perms::owner_all);
}

TEST_F(HistoryQuery, NoFileIsAnErrorThatSaysHowToHaveOne) {
    try {
        open_for_reading(directory_ + "/missing");
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what())
                      .find("No such file or directory (halfclosed serve "
                            "--state-dir makes it)"),
                  std::string::npos)
            << error.what();
    }
}

}  // namespace
}  // namespace halfclosed::history
