#include "service/event_recorder.h"

#include <gtest/gtest.h>

#include "sockets.h"

namespace halfclosed {
namespace {

using namespace std::chrono_literals;
using exporters::Event;

constexpr Instant kNow{1000s};

/// The kinds of events that reached the log.
struct Log {
    std::vector<Event::Kind> kinds;
    Chronicle chronicle{[this](const Event& event, WallTime) { kinds.push_back(event.kind); }};
};

exporters::Report complete_report() {
    exporters::Report report;
    report.instant = kNow;
    report.closing.emplace(1);
    return report;
}

TEST(Chronicle, TellsALeakAndItsEnd) {
    Log log;
    exporters::Report report = complete_report();
    report.sockets = {leaked_socket(Cookie{1}, kNow - 61s)};
    log.chronicle.note(report);
    log.chronicle.note(report);
    EXPECT_EQ(log.kinds, std::vector{Event::Kind::leak_began});
    report.sockets.clear();
    log.chronicle.note(report);
    EXPECT_EQ(log.kinds, (std::vector{Event::Kind::leak_began, Event::Kind::leak_ended}));
}

TEST(Chronicle, ALookThatFailedEndsNoLeak) {
    Log log;
    exporters::Report report = complete_report();
    report.sockets = {leaked_socket(Cookie{1}, kNow - 61s)};
    log.chronicle.note(report);
    exporters::Report blind = complete_report();
    blind.closing.reset();
    log.chronicle.note(blind);
    EXPECT_EQ(log.kinds, std::vector{Event::Kind::leak_began});
}

TEST(Chronicle, TellsAMismatchOnceUntilTheCountsAgreeAgain) {
    Log log;
    exporters::Report report = complete_report();
    report.census.emplace();
    report.census->reconciliation.emplace();
    for (const bool agrees : {true, false, false, true, false}) {
        report.census->reconciliation->tw.agrees = agrees;
        log.chronicle.note(report);
    }
    EXPECT_EQ(log.kinds, (std::vector(2, Event::Kind::reconciliation_mismatch)));
}

TEST(Chronicle, OfEndingsOnlyAnExpiryIsWorthALine) {
    Log log;
    tracking::Changes changes;
    for (const auto how : {tracking::FinWait2End::peer_closed, tracking::FinWait2End::expired,
                           tracking::FinWait2End::killed}) {
        changes.endings.push_back({{}, {}, how, std::nullopt});
    }
    log.chronicle.note(changes, {}, kNow);
    EXPECT_EQ(log.kinds, std::vector{Event::Kind::fin_wait2_expired});
}

}  // namespace
}  // namespace halfclosed
