#include "service/event_recorder.h"

#include <gtest/gtest.h>

#include "sockets.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;
using exporters::Event;

constexpr Instant kNow{1000s};

/// The events that reached the log.
struct Log {
    std::vector<Event> events;
    std::vector<Event::Kind> kinds;
    EventRecorder event_recorder{[this](const Event& event, WallTime) {
        events.push_back(event);
        kinds.push_back(event.kind);
    }};
};

std::string field(const Event& event, const std::string& name) {
    for (const auto& [key, value] : event.fields) {
        if (key == name) {
            return exporters::text_of(value);
        }
    }
    return "none";
}

exporters::Snapshot complete_report() {
    exporters::Snapshot snapshot;
    snapshot.instant = kNow;
    snapshot.closing.emplace(1);
    return snapshot;
}

TEST(EventRecorder, TellsALeakAndItsEnd) {
    Log log;
    exporters::Snapshot snapshot = complete_report();
    snapshot.sockets = {leaked_socket(Cookie{1}, kNow - 61s)};
    log.event_recorder.note(snapshot);
    log.event_recorder.note(snapshot);
    EXPECT_EQ(log.kinds, std::vector{Event::Kind::leak_began});
    snapshot.sockets.clear();
    log.event_recorder.note(snapshot);
    EXPECT_EQ(log.kinds, (std::vector{Event::Kind::leak_began, Event::Kind::leak_ended}));
}

// The peer resets it: the descriptor leaks on, and the leak ends when that is closed.
TEST(EventRecorder, TellsALeakThatDiedAndItsEnd) {
    Log log;
    exporters::Snapshot snapshot = complete_report();
    tracking::TrackedSocket socket = leaked_socket(Cookie{1}, kNow - 61s);
    snapshot.sockets = {socket};
    log.event_recorder.note(snapshot);
    socket.record.state = TcpState::close;
    snapshot.sockets.clear();
    snapshot.dead = {{socket, kNow}};
    log.event_recorder.note(snapshot);
    log.event_recorder.note(snapshot);
    EXPECT_EQ(log.kinds, (std::vector{Event::Kind::leak_began, Event::Kind::leak_died}));
    snapshot.dead.clear();
    log.event_recorder.note(snapshot);
    EXPECT_EQ(log.kinds.back(), Event::Kind::leak_ended);
    EXPECT_EQ(log.kinds.size(), 3U);
}

TEST(EventRecorder, TheEndOfALeakHasOwnerProcessAndHow) {
    Log log;
    exporters::Snapshot snapshot = complete_report();
    snapshot.sockets = {leaked_socket(Cookie{1}, kNow - 61s), leaked_socket(Cookie{2}, kNow - 61s)};
    log.event_recorder.note(snapshot);
    // The process is found at a later look.
    snapshot.owners[Cookie{1}].name = "shop.service";
    snapshot.owners[Cookie{1}].processes = {{812, "shop"}};
    log.event_recorder.note(snapshot);
    tracking::Changes changes;
    changes.ends.push_back({{.cookie = Cookie{1}},
                            {},
                            TcpState::close_wait,
                            tracking::CloseWaitEnd::aborted,
                            std::nullopt});
    log.event_recorder.note(changes, {}, kNow);
    snapshot.sockets.clear();
    snapshot.owners.clear();
    log.event_recorder.note(snapshot);
    ASSERT_EQ(log.events.size(), 4U);
    for (const Event& event : {log.events[2], log.events[3]}) {
        const bool first = field(event, "cookie") == "1";
        EXPECT_EQ(event.kind, Event::Kind::leak_ended);
        EXPECT_EQ(field(event, "owner"), first ? "shop.service" : "unknown");
        EXPECT_EQ(field(event, "pid"), first ? "812" : "none");
        EXPECT_EQ(field(event, "how"), first ? "aborted" : "unknown");
    }
}

TEST(EventRecorder, ALookThatFailedEndsNoLeak) {
    Log log;
    exporters::Snapshot snapshot = complete_report();
    snapshot.sockets = {leaked_socket(Cookie{1}, kNow - 61s)};
    log.event_recorder.note(snapshot);
    exporters::Snapshot blind = complete_report();
    blind.closing.reset();
    log.event_recorder.note(blind);
    EXPECT_EQ(log.kinds, std::vector{Event::Kind::leak_began});
}

TEST(EventRecorder, TellsAMismatchOnceUntilTheCountsAgreeAgain) {
    Log log;
    exporters::Snapshot snapshot = complete_report();
    snapshot.census.emplace();
    snapshot.census->reconciliation.emplace();
    for (const bool agrees : {true, false, false, true, false}) {
        (*snapshot.census->reconciliation)[tracking::Count::tw].agrees = agrees;
        log.event_recorder.note(snapshot);
    }
    EXPECT_EQ(log.kinds, (std::vector(2, Event::Kind::reconciliation_mismatch)));
}

TEST(EventRecorder, OfEndingsOnlyAnExpiryIsWorthALine) {
    Log log;
    tracking::Changes changes;
    for (const auto how : {tracking::FinWait2End::peer_closed, tracking::FinWait2End::expired,
                           tracking::FinWait2End::killed}) {
        changes.ends.push_back({{}, {}, TcpState::fin_wait2, how, std::nullopt});
    }
    log.event_recorder.note(changes, {}, kNow);
    EXPECT_EQ(log.kinds, std::vector{Event::Kind::fin_wait2_expired});
}

}  // namespace
}  // namespace halfclosed
