#include "exporters/terminal/transition_line.h"

#include <gtest/gtest.h>

#include "exporters/sample_snapshot.h"
#include "in_utc.h"
#include "text/utf8.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;
using tracking::Evidence;
using tracking::Side;
using tracking::Transition;

Transition closed_by_peer() {
    return {.socket = {.cookie = Cookie{0x5f3a},
                       .local = endpoint("127.0.0.1", 9999),
                       .remote = endpoint("127.0.0.1", 40001)},
            .watched = {0, 9999, Side::server},
            .edge = {TcpState::established, TcpState::close_wait},
            .evidence = Evidence::implied,
            .held = std::nullopt};
}

using TransitionLine = InUtc;

TEST_F(TransitionLine, AsText) {
    Transition transition = closed_by_peer();
    EXPECT_EQ(transition_text(transition, kWallTime),
              "02:40:00.000  127.0.0.1:9999  → 127.0.0.1:40001  established ⇢ close_wait");
    transition.edge = {TcpState::close_wait, TcpState::last_ack};
    transition.evidence = Evidence::seen;
    transition.held = 252s;
    EXPECT_EQ(transition_text(transition, kWallTime),
              "02:40:00.000  127.0.0.1:9999  → 127.0.0.1:40001   close_wait → last_ack    4m12s");
}

TEST_F(TransitionLine, AnEndThatNobodyKnowsIsALineToo) {
    Transition transition = closed_by_peer();
    transition.edge = {TcpState::close_wait, TcpState::close};
    EXPECT_EQ(
        ending_text(transition, kWallTime, {.width = 120}),
        "02:40:00.000  127.0.0.1:9999  → 127.0.0.1:40001   close_wait → ?           gone, not "
        "known how");
    transition.held = 252s;
    EXPECT_TRUE(ending_text(transition, kWallTime, {.width = 120})
                    .ends_with("  4m12s, gone, not known how"));
    EXPECT_EQ(
        ending_json(transition, kWallTime),
        R"({"schema":"halfclosed.ending/1","time":"2026-02-02T02:40:00.000Z","cookie":"5f3a",)"
        R"("local":"127.0.0.1:9999","remote":"127.0.0.1:40001","port":9999,"side":"server",)"
        R"("state":"close_wait","how":"unknown","held_seconds":252.0})");
}

TEST_F(TransitionLine, ANarrowTerminalIsToldWhatHappenedFirst) {
    Transition transition = closed_by_peer();
    transition.edge = {TcpState::close_wait, TcpState::last_ack};
    transition.held = 252s;
    EXPECT_EQ(transition_text(transition, kWallTime, {.width = 60}),
              "02:40:00  close_wait ⇢ last_ack  4m12s  :9999 → 127.0.0.1:4…");
    transition.socket.remote = endpoint("2001:db8:1111:2222:3333:4444:5555:6666", 65535);
    EXPECT_EQ(transition_text(transition, kWallTime, {.width = 80}),
              "02:40:00  close_wait ⇢ last_ack  4m12s  :9999 → [2001:db8:1111:2222:3333:4444:5…");
    EXPECT_EQ(ending_text(transition, kWallTime, {.width = 60}),
              "02:40:00  close_wait → ?  4m12s, gone, not known how  :9999…");
}

TEST_F(TransitionLine, NoLineIsWiderThanItsTerminal) {
    Transition transition = closed_by_peer();
    transition.held = 26h;
    for (const char* const remote : {"127.0.0.1", "2001:db8:1111:2222:3333:4444:5555:6666"}) {
        transition.socket.remote = endpoint(remote, 65535);
        for (const std::size_t width : {40U, 60U, 80U, 100U, 200U}) {
            EXPECT_LE(text::columns(transition_text(transition, kWallTime, {.width = width})),
                      width);
            EXPECT_LE(text::columns(ending_text(transition, kWallTime, {.width = width})), width);
        }
    }
}

TEST_F(TransitionLine, ColourOnlyWhenAskedFor) {
    EXPECT_EQ(transition_text(closed_by_peer(), kWallTime).find('\x1b'), std::string::npos);
    EXPECT_NE(
        transition_text(closed_by_peer(), kWallTime, {.color = true}).find("\x1b[33mclose_wait"),
        std::string::npos);
}

TEST_F(TransitionLine, AsJson) {
    Transition transition = closed_by_peer();
    EXPECT_EQ(
        transition_json(transition, kWallTime),
        R"({"schema":"halfclosed.transition/1","time":"2026-02-02T02:40:00.000Z",)"
        R"("cookie":"5f3a","local":"127.0.0.1:9999","remote":"127.0.0.1:40001","port":9999,"side":"server","from":"established",)"
        R"("to":"close_wait","evidence":"implied","held_seconds":null})");
    transition.evidence = Evidence::seen;
    transition.held = 1500ms;
    EXPECT_NE(
        transition_json(transition, kWallTime).find(R"("evidence":"seen","held_seconds":1.5})"),
        std::string::npos);
}

}  // namespace
}  // namespace halfclosed::exporters
