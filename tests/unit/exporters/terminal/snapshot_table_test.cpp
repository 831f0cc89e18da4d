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
              R"(    AGE  STATE       LOCAL            REMOTE           HELD BY       RECV/SEND
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
    const std::string table = snapshot_table(busy_report(), {.width = 200});
    EXPECT_NE(table.find("RECV/SEND  WHY\n"), std::string::npos);
    EXPECT_NE(table.find("process       0/0        peer closed 4m12s ago: read end-of-file, has "
                         "not called close(); held by leaky.service, pid 812 (leaky)\n"),
              std::string::npos);
}

TEST(SnapshotTable, LongAddressesGoBelow) {
    EXPECT_TRUE(snapshot_table(ipv6_report()).starts_with(R"(  AGE  STATE       HELD BY  RECV/SEND
1d02h  close_wait  process  0/0
    [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:9999 →
    [2001:db8:1111:2222:3333:4444:5555:6666]:65535
    peer closed 1d02h ago: read end-of-file, has not called close()

1 half-closed socket on ports 9999 and 8000-8999: 1 close_wait (1 not_closed);
the oldest 1d02h.
)")) << snapshot_table(ipv6_report());
}

TEST(SnapshotTable, NeverIsWiderThanTheTerminal) {
    for (const Snapshot& snapshot : {busy_report(), quiet_report(), ipv6_report()}) {
        for (std::size_t width = 60; width <= 220; ++width) {
            EXPECT_LE(widest_line(snapshot_table(snapshot, {.width = width})), width);
        }
    }
}

TEST(SnapshotTable, ColourOnlyWhenAskedFor) {
    EXPECT_EQ(snapshot_table(busy_report()).find('\x1b'), std::string::npos);
    const std::string coloured = snapshot_table(busy_report(), {.color = true});
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
    EXPECT_EQ(snapshot_table(quiet_report(), {.width = 300}),
              "No half-closed sockets on ports 9999 and 8000-8999. There are 1 listening, 0 "
              "established and 0 time_wait. `halfclosed watch` prints each transition as it "
              "happens.\n"
              "12 half-closed sockets on other ports (--port all).\n"
              "All ports counted as the kernel counts: tw 3, orphan 2 and 3 in other namespaces, "
              "inuse 26, inuse6 9.\n");
}

TEST(SnapshotTable, WhoWatchesIsNotToldToWatch) {
    EXPECT_EQ(snapshot_table(quiet_report(), {.width = 300}, View::live).find("halfclosed watch"),
              std::string::npos);
}

TEST(SnapshotTable, EmptyBecauseAFilterTookAllAwaySaysSo) {
    Snapshot snapshot = busy_report();
    snapshot.sockets.clear();
    EXPECT_TRUE(snapshot_table(snapshot, {.width = 300}).starts_with("None of the "));
    EXPECT_NE(snapshot_table(snapshot, {.width = 300}).find(" is as asked for."),
              std::string::npos);
}

TEST(SnapshotTable, EmptyBecauseNothingIsThereSaysSo) {
    Snapshot snapshot = quiet_report();
    snapshot.port_labels = {"9999"};
    snapshot.census->socket_counts = tracking::SocketCounts(1);
    EXPECT_NE(snapshot_table(snapshot, {.width = 300})
                  .find("No half-closed sockets on port 9999. Nothing listens or is connected "
                        "there either: --port watches another."),
              std::string::npos);
}

TEST(SnapshotTable, NoAnswerIsNotAnEmptyTable) {
    Snapshot snapshot = quiet_report();
    snapshot.closing.reset();
    snapshot.census.reset();
    EXPECT_EQ(snapshot_table(snapshot, {.width = 300}),
              "The kernel gave no answer: nothing is known about ports 9999 and 8000-8999.\n"
              "Not compared with the kernel's own counts: they could not be read.\n");
}

TEST(SnapshotTable, NamesTheCountsThatDiffer) {
    Snapshot snapshot = quiet_report();
    (*snapshot.census->reconciliation)[tracking::Count::tw] = {
        .counted = 3, .kernel = 5, .within = false};
    EXPECT_NE(snapshot_table(snapshot, {.width = 300})
                  .find("differ from the kernel's own: tw 3, "
                        "kernel 5 ("),
              std::string::npos);
}

TEST(SnapshotTable, OfEveryPortSaysSoAndHasNoOthers) {
    Snapshot snapshot = quiet_report();
    snapshot.every_port = true;
    snapshot.census->unwatched = {};
    const std::string table = snapshot_table(snapshot, {.width = 300});
    EXPECT_TRUE(table.starts_with("No half-closed sockets on all ports.")) << table;
    EXPECT_EQ(table.find("--port all"), std::string::npos);
}

TEST(SnapshotTable, ALinkLocalAddressHasItsInterface) {
    Snapshot snapshot = busy_report();
    snapshot.interfaces = {{2, "eth0"}};
    SocketRecord& record = snapshot.sockets.front().record;
    record.local = endpoint("fe80::1", 9999);
    record.remote = endpoint("fe80::2", 40000);
    record.interface = 2;
    const std::string table = snapshot_table(snapshot, {.width = 300});
    EXPECT_NE(table.find("[fe80::1%eth0]:9999  [fe80::2%eth0]:40000"), std::string::npos) << table;
}

}  // namespace
}  // namespace halfclosed::exporters
