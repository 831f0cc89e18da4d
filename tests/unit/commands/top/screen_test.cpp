#include "commands/top/screen.h"

#include <gtest/gtest.h>

#include "exporters/sample_snapshot.h"
#include "in_utc.h"
#include "text/utf8.h"

namespace halfclosed::top {
namespace {

using namespace std::chrono_literals;
using exporters::Snapshot;

using Transitions = std::deque<exporters::ToldTransition>;

std::string text_of(const Screen& screen) {
    std::string text;
    for (const std::string& line : screen.lines) {
        text += line + "\n";
    }
    return text;
}

std::string drawn(const Snapshot& snapshot, std::size_t width, std::size_t rows,
                  const ViewState& state = {}, const Transitions& transitions = {}) {
    return text_of(screen({snapshot, transitions, ""}, state, rows, {width, false}));
}

exporters::ToldTransition transition(std::uint16_t port, tracking::Edge edge,
                                     std::chrono::milliseconds before,
                                     std::optional<std::chrono::seconds> held = std::nullopt,
                                     const char* remote = "127.0.0.1") {
    tracking::Transition result;
    result.socket.local = exporters::endpoint("127.0.0.1", 9999);
    result.socket.remote = exporters::endpoint(remote, port);
    result.edge = edge;
    result.evidence = held ? tracking::Evidence::seen : tracking::Evidence::implied;
    result.held = held;
    return {result, exporters::kWallTime - before};
}

constexpr tracking::Edge kClosedByPeer{TcpState::established, TcpState::close_wait};
constexpr tracking::Edge kClosed{TcpState::close_wait, TcpState::last_ack};

const Transitions kTransitions{transition(40001, kClosedByPeer, 1900ms),
                               transition(40002, kClosedByPeer, 900ms),
                               transition(40003, kClosed, 100ms, 252s)};

using TopScreen = InUtc;

TEST_F(TopScreen, TwoThousandSocketsAtSixtyByTwenty) {
    EXPECT_EQ(drawn(exporters::crowded_report(), 60, 20),
              R"(02:40:00  2000 half-closed, 1900 leaked, the oldest 1h00m
fin_wait2 100  close_wait 1900  +12 on other ports
OWNER             CAUSE       SOCKETS  LEAKED  OLDEST   LEFT
shop.service      not_closed     1800    1800   1h00m  8m16s
docker:3f4e5d6c…  unread          100     100   1m10s
unknown           fin_wait2       100       0   1m10s

  AGE  CAUSE       LOCAL  REMOTE           OWNER
1h00m  not_closed  :9999  127.0.0.1:21799  shop.service 812…
1h00m  not_closed  :9999  127.0.0.1:21798  shop.service 812…
1h00m  not_closed  :9999  127.0.0.1:21797  shop.service 812…
1h00m  not_closed  :9999  127.0.0.1:21796  shop.service 812…
1h00m  not_closed  :9999  127.0.0.1:21795  shop.service 812…
1h00m  not_closed  :9999  127.0.0.1:21794  shop.service 812…
1h00m  not_closed  :9999  127.0.0.1:21793  shop.service 812…
1h00m  not_closed  :9999  127.0.0.1:21792  shop.service 812…
1h00m  not_closed  :9999  127.0.0.1:21791  shop.service 812…
1h00m  not_closed  :9999  127.0.0.1:21790  shop.service 812…
1h00m  not_closed  :9999  127.0.0.1:21789  shop.service 812…
q quit  ? help  s sort:age  / filter  p pause  1-11 of 2000
)");
}

TEST_F(TopScreen, TwoThousandSocketsAtTwoHundredBySixty) {
    const Snapshot snapshot = exporters::crowded_report();
    const Screen whole = screen({snapshot, kTransitions, ""}, {}, 60, {200, false});
    const std::vector<std::string> top(whole.lines.begin(), whole.lines.begin() + 10);
    const std::vector<std::string> bottom(whole.lines.end() - 6, whole.lines.end());
    EXPECT_EQ(
        top,
        (std::vector<std::string>{
            "02:40:00  2000 half-closed, 1900 leaked, the oldest 1h00m  ports 9999 and 8000-8999",
            "fin_wait2 100  close_wait 1900  +12 on other ports (--port all)",
            "OWNER                              CAUSE       SOCKETS  LEAKED  OLDEST  +/HOUR   "
            "FD/LIMIT   LEFT",
            "shop.service                       not_closed     1800    1800   1h00m   +1800  "
            "1800/2048  8m16s",
            "docker:3f4e5d6c7b8a/nginx.service  unread          100     100   1m10s",
            "unknown                            fin_wait2       100       0   1m10s", "",
            "   AGE  CAUSE       LOCAL           REMOTE           RECV/SEND  OWNER",
            " 1h00m  not_closed  127.0.0.1:9999  127.0.0.1:21799  0/0        shop.service 812 "
            "(shop)",
            " 1h00m  not_closed  127.0.0.1:9999  127.0.0.1:21798  0/0        shop.service 812 "
            "(shop)"}));
    EXPECT_EQ(
        bottom,
        (std::vector<std::string>{
            "59m27s  not_closed  127.0.0.1:9999  127.0.0.1:21753  0/0        shop.service 812 "
            "(shop)",
            "TRANSITIONS",
            "02:39:58.100  127.0.0.1:9999  → 127.0.0.1:40001  established ⇢ close_wait",
            "02:39:59.100  127.0.0.1:9999  → 127.0.0.1:40002  established ⇢ close_wait",
            "02:39:59.900  127.0.0.1:9999  → 127.0.0.1:40003   close_wait → last_ack    4m12s",
            "q quit  ? help  s sort:age  / filter  p pause  1-47 of 2000"}));
}

TEST_F(TopScreen, FewSocketsAtEightyByTwentyFour) {
    EXPECT_EQ(drawn(exporters::busy_report(), 80, 24, {}, kTransitions),
              R"(02:40:00  5 half-closed, 2 leaked, the oldest 4m12s  ports 9999 and 8000-8999
fin_wait2 1  close_wait 3  last_ack 1  +12 on other ports (--port all)
OWNER          CAUSE                          SOCKETS  LEAKED   OLDEST  FD/LIMIT
leaky.service  not_closed                           1       1    4m12s   116/128
unknown        unread, fin_wait2, last_ack,…        4       1  ≥ 1m30s

    AGE  CAUSE         LOCAL            REMOTE           OWNER
  4m12s  not_closed    127.0.0.1:9999   127.0.0.1:64378  leaky.service 812 (lea…
≥ 1m30s  unread        127.0.0.1:9999   127.0.0.1:40002  unknown
  ~ 12s  fin_wait2     127.0.0.1:9999   127.0.0.1:40004  unknown
   3.0s  not_accepted  127.0.0.1:9999   127.0.0.1:40003  unknown
   40ms  last_ack      127.0.0.1:40005  127.0.0.1:9999   unknown







TRANSITIONS
02:39:58.100  127.0.0.1:9999  → 127.0.0.1:40001  established ⇢ close_wait
02:39:59.100  127.0.0.1:9999  → 127.0.0.1:40002  established ⇢ close_wait
02:39:59.900  127.0.0.1:9999  → 127.0.0.1:40003   close_wait → last_ack    4m12s
q quit  ? help  s sort:age  / filter  p pause
)");
}

TEST_F(TopScreen, NoSockets) {
    EXPECT_EQ(drawn(exporters::quiet_report(), 100, 6),
              R"(02:40:00  0 half-closed, 0 leaked  ports 9999 and 8000-8999
+12 on other ports (--port all)

No half-closed sockets on ports 9999 and 8000-8999. There is 1 listening, 0 established and 0 time_…

q quit  ? help  s sort:age  / filter  p pause
)");
}

TEST_F(TopScreen, FitsEveryTerminal) {
    Transitions transitions = kTransitions;
    transitions.push_back(
        transition(65535, kClosed, 0ms, 252s, "2001:db8:1111:2222:3333:4444:5555:6666"));
    for (const Snapshot& snapshot :
         {exporters::busy_report(), exporters::quiet_report(), exporters::crowded_report()}) {
        for (const std::size_t width : {40U, 60U, 80U, 200U}) {
            for (std::size_t rows = 2; rows <= 60; rows += rows < 30 ? 1 : 15) {
                for (const bool help : {false, true}) {
                    const Screen screen = top::screen({snapshot, transitions, "A note."},
                                                      {.help = help}, rows, {width, false});
                    ASSERT_EQ(screen.lines.size(), rows) << width << "x" << rows;
                    for (const std::string& line : screen.lines) {
                        ASSERT_LE(text::columns(line), width) << line;
                    }
                }
            }
        }
    }
}

TEST_F(TopScreen, TheWorstOwnerIsOnTheFirstScreenOfEveryTerminal) {
    for (std::size_t rows = 10; rows <= 60; rows += 10) {
        EXPECT_NE(drawn(exporters::crowded_report(), 60, rows).find("shop.service"),
                  std::string::npos)
            << rows;
    }
}

TEST_F(TopScreen, TheWorstOwnerStandsBeforeTransitionsOnTheLowestTerminals) {
    for (std::size_t rows = 5; rows < 10; ++rows) {
        EXPECT_NE(
            drawn(exporters::crowded_report(), 60, rows, {}, kTransitions).find("\nshop.service "),
            std::string::npos)
            << rows;
    }
}

TEST_F(TopScreen, TheHelpIsWholeAtSixtyByTwenty) {
    const std::string text = drawn(exporters::quiet_report(), 60, 20, {.help = true});
    EXPECT_EQ(text.find("…"), std::string::npos) << text;
    EXPECT_NE(text.find("\nPress any key to go on.\n"), std::string::npos) << text;
    EXPECT_NE(text.find("\nand not closed.\n"), std::string::npos) << text;
}

TEST_F(TopScreen, ScrollingShowsOtherSockets) {
    const Snapshot snapshot = exporters::crowded_report();
    const std::string text = drawn(snapshot, 80, 24, {.first = 1'990});
    EXPECT_NE(text.find(" of 2000"), std::string::npos) << text;
    EXPECT_NE(text.find("fin_wait2"), std::string::npos);
    EXPECT_NE(text.find("shop.service"), std::string::npos) << "owners stay in sight";
}

TEST_F(TopScreen, WhereFewerSocketsAreLeftTheViewIsAtTheirEnd) {
    const Snapshot snapshot = exporters::crowded_report();
    const Screen whole = screen({snapshot, {}, ""}, {.first = 1'990}, 24, {80, false});
    EXPECT_EQ(whole.first, 2'000 - whole.rows);
    const Screen filtered =
        screen({snapshot, {}, ""}, {.filter = "nginx", .first = 1'990}, 24, {80, false});
    EXPECT_EQ(filtered.first, 100 - filtered.rows);
    EXPECT_NE(text_of(filtered).find(std::to_string(filtered.first + 1) + "-100 of 100"),
              std::string::npos)
        << text_of(filtered);
    EXPECT_EQ(screen({snapshot, {}, ""}, {.help = true, .first = 7}, 24, {80, false}).first, 7U)
        << "help changes nothing";
}

TEST_F(TopScreen, AFilterAndItsAbsenceOfSockets) {
    const Snapshot snapshot = exporters::crowded_report();
    EXPECT_EQ(screen({snapshot, {}, ""}, {.filter = "NGINX"}, 24, {}).sockets, 100U);
    EXPECT_EQ(screen({snapshot, {}, ""}, {.filter = "fin_wait2"}, 24, {}).sockets, 100U);
    EXPECT_EQ(screen({snapshot, {}, ""}, {.filter = "127.0.0.1:21799"}, 24, {}).sockets, 1U);
    EXPECT_EQ(screen({snapshot, {}, ""}, {.filter = "shop"}, 24, {}).sockets, 1'800U);
    EXPECT_NE(drawn(snapshot, 80, 24, {.filter = "nobody"}).find("No socket has 'nobody'."),
              std::string::npos);
    EXPECT_NE(drawn(snapshot, 80, 24, {.typing = "shop"}).find("filter: shop_"), std::string::npos);
}

TEST_F(TopScreen, SaysThatItIsPausedAndWhatMatters) {
    const Snapshot snapshot = exporters::busy_report();
    EXPECT_NE(drawn(snapshot, 80, 24, {.paused = true}).find("PAUSED"), std::string::npos);
    EXPECT_NE(text_of(screen({snapshot, {}, "A look each 200ms."}, {}, 24, {})).find("A look each"),
              std::string::npos);
}

TEST_F(TopScreen, NamesFromOutsideCannotCommandTheTerminal) {
    Snapshot snapshot = exporters::busy_report();
    Owner& owner = snapshot.owners[Cookie{0x5f3a}];
    owner.name = "evil\x1b]0;title\x07";
    owner.processes = {{1, "\x1b[2J", 3}};
    const std::string text = drawn(snapshot, 200, 40, {.filter = "\x1b[2J", .typing = "\x1b[2J"});
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\x07'), std::string::npos);
}

TEST_F(TopScreen, ABlindLookSaysSo) {
    Snapshot snapshot = exporters::quiet_report();
    snapshot.closing.reset();
    EXPECT_NE(drawn(snapshot, 80, 24).find("the kernel gives no answer"), std::string::npos);
}

}  // namespace
}  // namespace halfclosed::top
