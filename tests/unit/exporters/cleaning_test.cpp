// Every control character, sent through every way out: none reaches a terminal, a page or a log.

#include <gtest/gtest.h>

#include "control_characters.h"
#include "exporters/csv/snapshot_csv.h"
#include "exporters/events/event_log.h"
#include "exporters/http/routes.h"
#include "exporters/json/live_json.h"
#include "exporters/json/snapshot_json.h"
#include "exporters/json/status_json.h"
#include "exporters/metrics/metrics_page.h"
#include "exporters/sample_snapshot.h"
#include "exporters/terminal/group_table.h"
#include "exporters/terminal/snapshot_table.h"
#include "exporters/web/landing_page.h"
#include "text/utf8.h"

namespace halfclosed::exporters {
namespace {

/// Where the hostile name stands: whatever a user, a container or a peer chooses.
Snapshot hostile_report() {
    Snapshot snapshot = busy_report();
    for (auto& [cookie, owner] : snapshot.owners) {
        owner.name = hostile_name();
        owner.unit = hostile_name();
        owner.cgroup = "/" + hostile_name();
        owner.processes = {{812, hostile_name(), 7}};
    }
    snapshot.cgroup_owners[77].name = hostile_name();
    snapshot.cgroup_owners[77].cgroup = "/" + hostile_name();
    for (tracking::TrackedSocket& socket : snapshot.sockets) {
        socket.record.interface = 3;
    }
    tracking::DeadSocket dead{snapshot.sockets.front(), kNow - std::chrono::seconds{30}};
    dead.socket.record.state = TcpState::close;
    snapshot.dead = {dead};
    snapshot.interfaces[3] = hostile_name();
    return snapshot;
}

std::string all_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

class Cleaning : public testing::Test {
 protected:
    /// Something of the name is there, and nothing of it that commands.
    static void expect_clean(const std::string& way, const std::string& text) {
        EXPECT_NE(text.find("a\xEF\xBF\xBD"), std::string::npos)
            << way << " does not have the name";
        EXPECT_EQ(control_in(text), "") << way;
        EXPECT_EQ(text::printable_lines(text), text) << way;
    }

    const Snapshot snapshot_ = hostile_report();
    const Owner& owner_ = snapshot_.owners.begin()->second;
    const tracking::TrackedSocket& socket_ = snapshot_.sockets.front();
};

TEST_F(Cleaning, EveryCharacterByItself) {
    for (const std::string& character : control_characters()) {
        EXPECT_EQ(text::printable("a" + character + "b").find(character), std::string::npos);
    }
}

TEST_F(Cleaning, OfTheMetricsPage) {
    Snapshot snapshot = snapshot_;
    const auto exemplars = std::make_shared<DurationExemplars>();
    tracking::Changes changes;
    changes.ends = {{identity(socket_.record), socket_.watched, TcpState::close_wait,
                     tracking::CloseWaitEnd::closed, std::chrono::seconds{42}}};
    exemplars->note(changes, kWallTime, snapshot);
    ASSERT_EQ(exemplars->latest.size(), 1U);
    snapshot.exemplars = exemplars;
    expect_clean("/metrics", metrics_page(snapshot, kNow));
    expect_clean("/metrics in OpenMetrics",
                 metrics_page(snapshot, kNow, MetricsFormat::openmetrics));
    snapshot.detail = Detail::essential;
    expect_clean("/metrics, the essential ones", metrics_page(snapshot, kNow));
}

TEST_F(Cleaning, OfTheSnapshotInJson) {
    expect_clean("JSON", snapshot_json(snapshot_));
    for (const GroupBy by : {GroupBy::owner, GroupBy::owner_and_cause}) {
        SnapshotQuery query;
        query.by = by;
        expect_clean("JSON, in groups", snapshot_json(snapshot_, query));
    }
}

TEST_F(Cleaning, OfWhatThePageFollows) {
    expect_clean("/api/v1/live", live_json(snapshot_, kNow));
}

TEST_F(Cleaning, OfTheStatus) {
    expect_clean("status", status_json(snapshot_, kNow, {}));
}

TEST_F(Cleaning, OfCommaSeparatedValues) {
    expect_clean("CSV", sockets_csv(snapshot_, listing(snapshot_)));
    expect_clean("CSV of groups", groups_csv(groups_of(snapshot_, GroupBy::owner), GroupBy::owner));
}

TEST_F(Cleaning, OfThePageForPeople) {
    expect_clean("page", landing_page(snapshot_, kNow));
}

TEST_F(Cleaning, OfTables) {
    for (const std::size_t width : {80U, 120U, 4000U}) {
        expect_clean("table", snapshot_table(snapshot_, {{width, false}}));
        TableOptions wide{{width, false}};
        wide.wide = true;
        expect_clean("wide table", snapshot_table(snapshot_, wide));
        expect_clean("groups", group_table(snapshot_, GroupBy::owner, {width, false}));
        expect_clean("lines of owners", owner_lines(snapshot_, {width, false}));
    }
}

TEST_F(Cleaning, OfTheLog) {
    const Event began = leak_began(socket_, &owner_, kNow);
    const Event verdict = scenario_verdict(hostile_name(), false, hostile_name());
    for (const Event& event : {began, leak_ended(socket_, &owner_, hostile_name(), kNow),
                               leak_died(socket_, &owner_, kNow), verdict}) {
        expect_clean("event as JSON", event_json(event, kWallTime));
        expect_clean("event in the journal", all_of(journal_fields(event)));
    }
}

TEST_F(Cleaning, OfAnswersThatQuoteTheRequest) {
    for (const std::string& character : control_characters()) {
        const http::Request request{
            "GET", "/api/v1/snapshot", {{"state", "x" + character + "y"}}, {}, {}};
        const http::Answer refused = answer(request, &snapshot_, kNow);
        EXPECT_EQ(refused.status, 400U);
        EXPECT_EQ(control_in(refused.body()), "");
    }
}

}  // namespace
}  // namespace halfclosed::exporters
