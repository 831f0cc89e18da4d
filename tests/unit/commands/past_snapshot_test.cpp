#include "commands/past_snapshot.h"

#include <nlohmann/json.hpp>

#include "commands/comparison.h"
#include "commands/past_growth.h"
#include "commands/past_transitions.h"
#include "exporters/sample_snapshot.h"
#include "exporters/snapshot/leaks.h"
#include "history/history_folder.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;
using history::at;
using history::batch_of;
using history::ended;
using history::recorded;

/// Cookie 1 leaked from 1100 s on and was closed at 1200 s; 2 is there from 1150 s on; 3, of port 80, died at 1250 s.
class PastSnapshot : public history::HistoryFolder {
 protected:
    PastSnapshot() {
        history::RecordedSocket closed = recorded(1, 1100s);
        closed.add({TcpState::last_ack, tracking::Custody::orphan, std::nullopt,
                    tracking::Age::Kind::observed, at(1199s), tracking::Evidence::implied});
        closed = ended(closed, 1200s);
        closed.spans.back().evidence = tracking::Evidence::seen;
        history::RecordedSocket dead = recorded(3, 1100s);
        dead.port = 80;
        dead.add({TcpState::close, tracking::Custody::process, tracking::Cause::not_closed,
                  tracking::Age::Kind::observed, at(1250s)});
        file().write(batch_of(1500s, {closed, recorded(2, 1150s), dead}));
    }
    exporters::Snapshot then(Duration since_boot, const std::vector<PortRange>& ports = {}) const {
        return snapshot_at(history::open_for_reading(directory_), at(since_boot).time, {ports, {}});
    }
};

TEST_F(PastSnapshot, HasWhatWasThereWithTheAgesOfThen) {
    const exporters::Snapshot snapshot = then(1160s);
    ASSERT_EQ(snapshot.sockets.size(), 3U);
    EXPECT_EQ(snapshot.sockets[0].record.cookie, Cookie{1});
    EXPECT_EQ(snapshot.sockets[0].age(snapshot.instant).value, 60s);
    EXPECT_EQ(snapshot.sockets[0].cause, tracking::Cause::not_closed);
    EXPECT_EQ(snapshot.owner(snapshot.sockets[0].record)->name, "shop.service");
    EXPECT_EQ(snapshot.owner(snapshot.sockets[0].record)->processes.at(0).pid, 812);
    EXPECT_EQ(snapshot.port_labels, (std::vector<std::string>{"9999", "80"}));
    EXPECT_EQ(snapshot.census, std::nullopt);
}

TEST_F(PastSnapshot, ASocketIsInTheStateThatItWasIn) {
    const exporters::Snapshot snapshot = then(1199500ms, {{9999, 9999}});
    ASSERT_EQ(snapshot.sockets.size(), 2U);
    EXPECT_EQ(snapshot.sockets[0].record.state, TcpState::last_ack);
}

TEST_F(PastSnapshot, ADeadSocketIsDead) {
    const exporters::Snapshot snapshot = then(1400s);
    ASSERT_EQ(snapshot.sockets.size(), 1U);
    ASSERT_EQ(snapshot.dead.size(), 1U);
    EXPECT_EQ(snapshot.dead[0].socket.record.cookie, Cookie{3});
    EXPECT_EQ(snapshot.dead[0].age(snapshot.instant).value, 150s);
}

TEST_F(PastSnapshot, ADeadSocketThatEndedLaterIsDeadBeforeThat) {
    history::RecordedSocket dead = recorded(4, 1101s);
    dead.add({TcpState::close, tracking::Custody::process, tracking::Cause::not_closed,
              tracking::Age::Kind::observed, at(1150s)});
    dead.ended = at(1300s);  // its descriptor was closed at last
    dead.how = "closed";
    file().write(batch_of(1510s, {dead}));
    ASSERT_EQ(then(1270s).dead.size(), 2U);
    EXPECT_EQ(then(1270s).dead[1].socket.record.cookie, Cookie{4});
    EXPECT_EQ(then(1290s).dead[1].age(then(1290s).instant).value, 140s);
    EXPECT_EQ(then(1310s).dead.size(), 1U);
}

TEST_F(PastSnapshot, WhenNobodyLookedThereIsNoAnswer) {
    try {
        then(1600s);
        FAIL();
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(),
                     "nothing is known of 2026-11-27T00:10:00.000Z yet: the history is written up "
                     "to 2026-11-27T00:08:20.000Z (a running daemon writes every ten seconds, or "
                     "once a minute while nothing changes)");
    }
}

TEST_F(PastSnapshot, TransitionsComeInTheirOrder) {
    const auto transitions =
        transitions_since(history::open_for_reading(directory_), at(1000s).time, {}, {});
    ASSERT_EQ(transitions.size(), 2U);
    EXPECT_EQ(transitions[0].first.edge,
              (tracking::Edge{TcpState::close_wait, TcpState::last_ack}));
    EXPECT_EQ(transitions[0].first.evidence, tracking::Evidence::implied);
    EXPECT_EQ(transitions[0].first.held, 99s);
    EXPECT_EQ(transitions[1].second, at(1200s).time);
    EXPECT_TRUE(transitions_since(history::open_for_reading(directory_), at(1000s).time,
                                  {{{80, 80}}, {}}, {})
                    .empty());
}

TEST_F(PastSnapshot, TransitionsOfThePastAreFilteredByOwnerCauseAndAge) {
    const auto count = [this](const exporters::SocketFilter& filter) {
        return transitions_since(history::open_for_reading(directory_), at(1000s).time, {}, filter)
            .size();
    };
    EXPECT_EQ(count({.owners = {"shop.service"}}), 2U);
    EXPECT_EQ(count({.owners = {"other.service"}}), 0U);
    EXPECT_EQ(count({.causes = {tracking::Cause::not_closed}}), 1U) << "it left CLOSE-WAIT";
    EXPECT_EQ(count({.causes = {tracking::Cause::unread}}), 0U);
    EXPECT_EQ(count({.older_than = 90s}), 1U);
    EXPECT_EQ(count({.older_than = 100s}), 0U);
    EXPECT_EQ(count({.states = {TcpState::last_ack}}), 2U);
}

TEST_F(PastSnapshot, GrowthIsThatOfTheHourBefore) {
    history::RecordedSocket third = recorded(7, 1300s);
    third.leaked = at(1360s);
    file().write(batch_of(1520s, {third}));
    exporters::Snapshot snapshot = then(1520s);
    add_past_growth(snapshot, directory_, {});
    EXPECT_TRUE(snapshot.growth.empty()) << "none to begin with, and less than an hour";
    history::RecordedSocket eighth = recorded(8, 900s);
    eighth.leaked = at(960s);
    file().write(batch_of(1520s, {eighth}));
    add_past_growth(snapshot, directory_, {});
    EXPECT_DOUBLE_EQ(snapshot.growth.at("shop.service").sockets_per_hour.value(), 3600.0 / 520);
    snapshot.growth.clear();
    snapshot.time += 1h;
    add_past_growth(snapshot, directory_, {});
    add_past_growth(snapshot, directory_ + "/nowhere", {});
    EXPECT_TRUE(snapshot.growth.empty()) << "no daemon that runs";
}

TEST_F(PastSnapshot, OnlySocketsOfTheScope) {
    history::RecordedSocket elsewhere = recorded(8, 1100s);
    elsewhere.record.netns = NamespaceId{5};
    history::Batch batch = batch_of(1530s, {elsewhere});
    batch.namespaces[NamespaceId{5}] = "blue";
    file().write(batch);
    const auto there =
        snapshot_at(history::open_for_reading(directory_), at(1400s).time, {{}, NamespaceId{5}});
    ASSERT_EQ(there.sockets.size(), 1U);
    EXPECT_EQ(there.sockets[0].record.netns, NamespaceId{5});
    EXPECT_EQ(there.namespaces.watched.at(NamespaceId{5}).name, "blue");
    EXPECT_EQ(then(1400s).sockets.size(), 2U) << "without a wish, all of them";
}

TEST_F(PastSnapshot, AComparisonSaysWhatIsNewAndWhatIsGone) {
    EXPECT_EQ(compare(then(1120s), then(1300s)),
              (std::vector{OwnerChange{"shop.service", 2, 2, 1, 1, 0, 2}}));
    const std::string text = comparison_text(then(1160s), then(1400s), {});
    EXPECT_TRUE(
        text.ends_with("\nshop.service: 1 of 3 is gone, none is new; leaks grew from 0 to 2.\n"
                       "Since 2026-11-27T00:02:40.000Z, 4m00s ago.\n"))
        << text;
    const auto json = nlohmann::json::parse(comparison_json(then(1160s), then(1400s)));
    EXPECT_EQ(json["schema"], "halfclosed.comparison/1");
    EXPECT_EQ(json["since"], "2026-11-27T00:02:40.000Z");
    EXPECT_EQ(json["owners"][0]["gone"], 1);
    EXPECT_EQ(json["owners"][0]["remained"], 2);
}

TEST(Comparison, SaysOfEachOwnerWithLeaksWhatBecameOfThem) {
    const exporters::Snapshot before = exporters::crowded_report();
    exporters::Snapshot after = before;
    std::erase_if(after.sockets, [&after](const tracking::TrackedSocket& socket) {
        return owner_label(after.owner(socket.record)) == "shop.service";
    });
    const std::string text = comparison_text(before, after, {});
    EXPECT_NE(text.find("\nshop.service: 1800 of 1800 are gone, none is new.\n"), std::string::npos)
        << text;
    EXPECT_NE(text.find("\ndocker:3f4e5d6c7b8a/nginx.service: none of 100 is gone"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find("\nunknown: "), std::string::npos) << "it leaks nothing";
}

TEST_F(PastSnapshot, AnOwnerThatOnlyOneSideKnowsIsThatOnes) {
    exporters::Snapshot before = then(1160s);
    exporters::Snapshot after = then(1180s);
    after.owners.clear();
    const std::vector<OwnerChange> changes = compare(before, after);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].owner, "shop.service");
    EXPECT_EQ(changes[0].gone, 0U);
}

}  // namespace
}  // namespace halfclosed
