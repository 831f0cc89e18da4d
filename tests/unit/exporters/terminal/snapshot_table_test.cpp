#include "exporters/terminal/snapshot_table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "exporters/sample_snapshot.h"
#include "text/utf8.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;
using tracking::Cause;
using tracking::Custody;

std::size_t widest_line(const std::string& text) {
    std::size_t widest = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        widest = std::max(widest, text::columns(line));
    }
    return widest;
}

Snapshot ipv6_report() {
    Snapshot snapshot = quiet_report();
    tracking::TrackedSocket& socket =
        add_socket(snapshot, {.cookie = Cookie{1}, .cause = Cause::not_closed, .age = 26h});
    socket.record.family = Family::ipv6;
    socket.record.local = endpoint("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", 9999);
    socket.record.remote = endpoint("2001:db8:1111:2222:3333:4444:5555:6666", 65535);
    return snapshot;
}

TEST(SnapshotTable, AtEightyColumns) {
    EXPECT_EQ(snapshot_table(busy_report()),
              R"(OWNER          CAUSE         SOCKETS  LEAKED   OLDEST  FD/LIMIT
leaky.service  not_closed          1       1    4m12s   116/128
unknown        unread              1       1  ≥ 1m30s
               fin_wait2           1       0    ~ 12s
               last_ack            1       0     40ms
               not_accepted        1       0     3.0s

    AGE  STATE       LOCAL            REMOTE           HELD BY       RECV/SEND
  4m12s  close_wait  127.0.0.1:9999   127.0.0.1:64378  process       0/0
    peer closed 4m12s ago: read end-of-file, has not called close(); held by
    leaky.service, pid 812 (leaky)
≥ 1m30s  close_wait  127.0.0.1:9999   127.0.0.1:40002  process       27/0
    peer closed at least 1m30s ago: has not read the last 26 bytes and
    end-of-file
  ~ 12s  fin_wait2   127.0.0.1:9999   127.0.0.1:40004  timewait      0/0
    closed: waits for the peer's FIN, 48s more at most
   3.0s  close_wait  127.0.0.1:9999   127.0.0.1:40003  accept_queue  0/0
    peer closed 3.0s ago: still waits for accept()
   40ms  last_ack    127.0.0.1:40005  127.0.0.1:9999   orphan        0/0
    peer closed first, then this side: its FIN is not acknowledged

5 half-closed sockets on ports 9999 and 8000-8999: 1 fin_wait2, 3 close_wait (1
not_accepted, 1 unread, 1 not_closed), 1 last_ack; the oldest 4m12s.
12 half-closed sockets on other ports (--port all).
All ports counted as the kernel counts: tw 3, orphan 2 and 3 in other
namespaces, inuse 26, inuse6 9.
)");
}

TEST(SnapshotTable, OnAWideTerminalEachSocketIsALine) {
    const std::string table = snapshot_table(busy_report(), {.style = {.width = 200}});
    EXPECT_NE(table.find("RECV/SEND  WHY\n"), std::string::npos);
    EXPECT_NE(table.find("process       0/0        peer closed 4m12s ago: read end-of-file, has "
                         "not called close(); held by leaky.service, pid 812 (leaky)\n"),
              std::string::npos);
}

TEST(SnapshotTable, LongAddressesGoBelow) {
    EXPECT_TRUE(snapshot_table(ipv6_report())
                    .starts_with(R"(OWNER    CAUSE       SOCKETS  LEAKED  OLDEST  +/HOUR
unknown  not_closed        1       1   1d02h      +0

  AGE  STATE       HELD BY  RECV/SEND
1d02h  close_wait  process  0/0
    [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:9999 →
    [2001:db8:1111:2222:3333:4444:5555:6666]:65535
    peer closed 1d02h ago: read end-of-file, has not called close()

1 half-closed socket on ports 9999 and 8000-8999: 1 close_wait (1 not_closed);
the oldest 1d02h.
)")) << snapshot_table(ipv6_report());
}

/// The first `count` lines.
std::string head(const std::string& text, std::size_t count) {
    std::size_t end = 0;
    for (std::size_t line = 0; line < count && end < text.size(); ++line) {
        end = text.find('\n', end) + 1;
    }
    return text.substr(0, end);
}

TEST(SnapshotTable, OfManySocketsEachIsALine) {
    const std::string table = snapshot_table(crowded_report());
    EXPECT_EQ(head(table, 12), R"(OWNER
  CAUSE       SOCKETS  LEAKED  OLDEST  +/HOUR   FD/LIMIT   LEFT
shop.service
  not_closed     1800    1800   1h00m   +1800  1800/2048  8m16s
docker:3f4e5d6c7b8a/nginx.service
  unread          100     100   1m10s
unknown
  fin_wait2       100       0   1m10s

   AGE  CAUSE       LOCAL           REMOTE           OWNER
 1h00m  not_closed  127.0.0.1:9999  127.0.0.1:21799  shop.service 812 (shop)
 1h00m  not_closed  127.0.0.1:9999  127.0.0.1:21798  shop.service 812 (shop)
)") << table.substr(0, 2000);
    EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 9 + 1 + 2'000 + 1 + 5);
}

TEST(SnapshotTable, OfManySocketsOnAWideTerminal) {
    const std::string table = snapshot_table(crowded_report(), {.style = {.width = 200}});
    EXPECT_EQ(
        head(table, 7),
        R"(OWNER                              CAUSE       SOCKETS  LEAKED  OLDEST  +/HOUR   FD/LIMIT   LEFT
shop.service                       not_closed     1800    1800   1h00m   +1800  1800/2048  8m16s
docker:3f4e5d6c7b8a/nginx.service  unread          100     100   1m10s
unknown                            fin_wait2       100       0   1m10s

   AGE  CAUSE       LOCAL           REMOTE           RECV/SEND  OWNER
 1h00m  not_closed  127.0.0.1:9999  127.0.0.1:21799  0/0        shop.service 812 (shop)
)");
}

TEST(SnapshotTable, ALineASocketWithItsReasonInAPipe) {
    const std::string table =
        snapshot_table(crowded_report(), {.style = {.width = text::kNoWidth}});
    std::istringstream lines(table);
    std::size_t sockets = 0;
    for (std::string line; std::getline(lines, line);) {
        sockets += line.find("127.0.0.1:9999") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(sockets, 2'000U);
    EXPECT_NE(table.find("peer closed 1h00m ago: read end-of-file, has not called close(); held by "
                         "shop.service, pid 812 (shop)\n"),
              std::string::npos);
}

TEST(SnapshotTable, WideHasAllThatIsKnown) {
    const std::string table = snapshot_table(busy_report(), {.wide = true});
    EXPECT_NE(table.find("  4m12s  close_wait  not_closed    127.0.0.1:9999   127.0.0.1:64378  "
                         "server  process       0/0        tcp       1000   4711    5f3a  "
                         "leaky.service  812 (leaky)  -          -          peer closed 4m12s ago: "
                         "read end-of-file, has "
                         "not called close()\n"),
              std::string::npos)
        << table;
    EXPECT_NE(table.find("fin_wait2   -             127.0.0.1:9999   127.0.0.1:40004  server  "
                         "timewait      0/0        tcp          -      -       4  unknown "),
              std::string::npos)
        << table;
}

TEST(SnapshotTable, ALimitIsOfSocketsAndOfGroups) {
    const std::string table =
        snapshot_table(crowded_report(), {.style = {.width = 200}, .limit = 2});
    EXPECT_EQ(
        head(table, 9),
        R"(OWNER                              CAUSE       SOCKETS  LEAKED  OLDEST  +/HOUR   FD/LIMIT   LEFT
shop.service                       not_closed     1800    1800   1h00m   +1800  1800/2048  8m16s
docker:3f4e5d6c7b8a/nginx.service  unread          100     100   1m10s
… and 1 more

  AGE  STATE       LOCAL           REMOTE           HELD BY  RECV/SEND  WHY
1h00m  close_wait  127.0.0.1:9999  127.0.0.1:21799  process  0/0        peer closed 1h00m ago: read end-of-file, has not called close(); held by shop.service, pid 812 (shop)
1h00m  close_wait  127.0.0.1:9999  127.0.0.1:21798  process  0/0        peer closed 1h00m ago: read end-of-file, has not called close(); held by shop.service, pid 812 (shop)
… and 1998 more
)");
}

TEST(SnapshotTable, OfManyGroupsTheWorstAreShown) {
    Snapshot snapshot = quiet_report();
    for (unsigned i = 1; i <= 30; ++i) {
        add_socket(snapshot, {.cookie = Cookie{i}, .age = 1s}).record.remote =
            endpoint("10.0.0." + std::to_string(i), 40000);
    }
    const std::string table = snapshot_table(snapshot, {.by = GroupBy::peer});
    EXPECT_EQ(head(table, 1), "PEER       SOCKETS  LEAKED  OLDEST\n");
    EXPECT_NE(table.find("\n… and 20 more\n"), std::string::npos) << table;
}

TEST(SnapshotTable, NeverIsWiderThanTheTerminal) {
    for (const Snapshot& snapshot :
         {busy_report(), quiet_report(), ipv6_report(), crowded_report()}) {
        // Of thousands of sockets the rows repeat themselves, and a table takes long. 80, 100, 120 and 132 are among them.
        const std::size_t step = snapshot.sockets.size() > 100 ? 4 : 1;
        for (std::size_t width = 60; width <= 220; width += step) {
            EXPECT_LE(widest_line(snapshot_table(snapshot, {.style = {.width = width}})), width);
        }
    }
}

TEST(SnapshotTable, ColourOnlyWhenAskedFor) {
    EXPECT_EQ(snapshot_table(busy_report()).find('\x1b'), std::string::npos);
    const std::string coloured = snapshot_table(busy_report(), {.style = {.color = true}});
    EXPECT_NE(coloured.find("\x1b[1;31m  4m12s"), std::string::npos) << "leaked is red";
    EXPECT_NE(coloured.find("\x1b[33m   3.0s"), std::string::npos) << "not yet a leak";
}

TEST(SnapshotTable, NamesFromOutsideCannotCommandTheTerminal) {
    Snapshot snapshot = busy_report();
    Owner& owner = snapshot.owners[Cookie{0x5f3a}];
    owner.name = "evil\x1b]0;title\x07";
    owner.processes = {{1, "\x1b[2J", 3}};
    EXPECT_EQ(snapshot_table(snapshot).find('\x1b'), std::string::npos);
    EXPECT_EQ(snapshot_table(snapshot).find('\x07'), std::string::npos);
}

TEST(SnapshotTable, EmptySaysWhatElseIsThere) {
    EXPECT_EQ(snapshot_table(quiet_report(), {.style = {.width = 300}}),
              "No half-closed sockets on ports 9999 and 8000-8999. There is 1 listening, 0 "
              "established and 0 time_wait. `halfclosed watch` prints each transition as it "
              "happens.\n"
              "12 half-closed sockets on other ports (--port all).\n"
              "All ports counted as the kernel counts: tw 3, orphan 2 and 3 in other namespaces, "
              "inuse 26, inuse6 9.\n");
}

TEST(SnapshotTable, EmptySaysHowManyListen) {
    Snapshot snapshot = quiet_report();
    snapshot.census->socket_counts.add({0, 9999, tracking::Side::server}, TcpState::listen,
                                       Custody::process, 2);
    EXPECT_NE(snapshot_table(snapshot, {.style = {.width = 300}}).find(" There are 3 listening, "),
              std::string::npos);
}

TEST(SnapshotTable, SaysWhoWaitsForWhom) {
    Snapshot snapshot = quiet_report();
    add_socket(snapshot, {.cookie = Cookie{1}, .cause = Cause::not_closed});
    add_socket(snapshot, {.cookie = Cookie{2}, .state = TcpState::fin_wait2});
    snapshot.sockets[1].record.local = snapshot.sockets[0].record.remote;
    snapshot.sockets[1].record.remote = snapshot.sockets[0].record.local;
    snapshot.owners[Cookie{1}].name = "shop.service";
    snapshot.owners[Cookie{2}].name = "client.service";
    const std::string table = snapshot_table(snapshot, {.style = {.width = 300}});
    EXPECT_NE(table.find("\nclient.service waits for shop.service (1 socket).\n"),
              std::string::npos)
        << table;
}

TEST(SnapshotTable, WhoWatchesIsNotToldToWatch) {
    EXPECT_EQ(snapshot_table(quiet_report(), {.style = {.width = 300}, .view = View::live})
                  .find("halfclosed watch"),
              std::string::npos);
}

TEST(SnapshotTable, EmptyBecauseAFilterTookAllAwaySaysSo) {
    Snapshot snapshot = busy_report();
    snapshot.sockets.clear();
    EXPECT_TRUE(snapshot_table(snapshot, {.style = {.width = 300}}).starts_with("None of the "));
    EXPECT_NE(snapshot_table(snapshot, {.style = {.width = 300}}).find(" is as asked for."),
              std::string::npos);
}

TEST(SnapshotTable, EmptyBecauseNothingIsThereSaysSo) {
    Snapshot snapshot = quiet_report();
    snapshot.port_labels = {"9999"};
    snapshot.census->socket_counts = tracking::SocketCounts(1);
    EXPECT_NE(snapshot_table(snapshot, {.style = {.width = 300}})
                  .find("No half-closed sockets on port 9999. Nothing listens or is connected "
                        "there either: --port watches another."),
              std::string::npos);
}

TEST(SnapshotTable, NoAnswerIsNotAnEmptyTable) {
    Snapshot snapshot = quiet_report();
    snapshot.closing.reset();
    snapshot.census.reset();
    EXPECT_EQ(snapshot_table(snapshot, {.style = {.width = 300}}),
              "The kernel gave no answer: nothing is known about ports 9999 and 8000-8999.\n"
              "Not compared with the kernel's own counts: they could not be read.\n");
}

TEST(SnapshotTable, NamesTheCountsThatDiffer) {
    Snapshot snapshot = quiet_report();
    (*snapshot.census->reconciliation)[tracking::Count::tw] = {
        .counted = 3, .kernel = 5, .within = false};
    EXPECT_NE(snapshot_table(snapshot, {.style = {.width = 300}})
                  .find("differ from the kernel's own: tw 3, "
                        "kernel 5 ("),
              std::string::npos);
}

TEST(SnapshotTable, OfEveryPortSaysSoAndHasNoOthers) {
    Snapshot snapshot = quiet_report();
    snapshot.every_port = true;
    snapshot.census->unwatched = {};
    const std::string table = snapshot_table(snapshot, {.style = {.width = 300}});
    EXPECT_TRUE(table.starts_with("No half-closed sockets on any port.")) << table;
    EXPECT_EQ(table.find("--port all"), std::string::npos);
}

TEST(SnapshotTable, ALinkLocalAddressHasItsInterface) {
    Snapshot snapshot = busy_report();
    snapshot.interfaces = {{2, "eth0"}};
    SocketRecord& record = snapshot.sockets.front().record;
    record.local = endpoint("fe80::1", 9999);
    record.remote = endpoint("fe80::2", 40000);
    record.interface = 2;
    const std::string table = snapshot_table(snapshot, {.style = {.width = 300}});
    EXPECT_NE(table.find("[fe80::1%eth0]:9999  [fe80::2%eth0]:40000"), std::string::npos) << table;
}

}  // namespace
}  // namespace halfclosed::exporters
