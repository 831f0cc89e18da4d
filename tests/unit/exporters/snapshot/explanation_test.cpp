#include "exporters/snapshot/explanation.h"

#include <gtest/gtest.h>

#include "exporters/sample_snapshot.h"

namespace halfclosed::exporters {
namespace {

using namespace std::chrono_literals;
using tracking::Age;
using tracking::Cause;
using tracking::Custody;

std::string why_of(const SampleSocket& sample, std::uint32_t recv_queue = 0,
                   std::uint32_t send_queue = 0, Timer timer = {}) {
    Snapshot snapshot = quiet_report();
    tracking::TrackedSocket& socket = add_socket(snapshot, sample);
    socket.record.recv_queue = recv_queue;
    socket.record.send_queue = send_queue;
    socket.record.timer = timer;
    return why(socket, snapshot.instant);
}

TEST(Why, CloseWaitByCause) {
    EXPECT_EQ(why_of({.cause = Cause::not_closed, .age = 252s}),
              "peer closed 4m12s ago: read end-of-file, has not called close()");
    EXPECT_EQ(why_of({.cause = Cause::unread, .age = 12s}, 1),
              "peer closed 12s ago: has not read end-of-file");
    EXPECT_EQ(why_of({.cause = Cause::unread, .age = 12s}, 2),
              "peer closed 12s ago: has not read the last 1 byte and end-of-file");
    EXPECT_EQ(why_of({.custody = Custody::accept_queue, .cause = Cause::not_accepted, .age = 3s}),
              "peer closed 3.0s ago: still waits for accept()");
}

TEST(Why, WhoReadEndOfFileIfTheKernelToldIt) {
    Snapshot snapshot = quiet_report();
    tracking::TrackedSocket& socket =
        add_socket(snapshot, {.cause = Cause::not_closed, .age = 252s, .dated = Age::Kind::exact});
    socket.end_read = {snapshot.instant - 251s, 812, 800};
    EXPECT_EQ(why(socket, snapshot.instant),
              "peer closed 4m12s ago: thread 812 read end-of-file 4m11s ago and has not called "
              "close()");
    socket.end_read->thread = 0;
    EXPECT_EQ(why(socket, snapshot.instant),
              "peer closed 4m12s ago: read end-of-file 4m11s ago and has not called close()");
}

TEST(Why, AgeAsWellAsItIsKnown) {
    EXPECT_EQ(why_of({.cause = Cause::not_closed, .age = 90s, .dated = Age::Kind::at_least}),
              "peer closed at least 1m30s ago: read end-of-file, has not called close()");
    EXPECT_EQ(why_of({.cause = Cause::not_closed, .age = 90s, .dated = Age::Kind::estimated}),
              "peer closed about 1m30s ago: read end-of-file, has not called close()");
    EXPECT_EQ(why_of({.cause = Cause::not_closed, .age = 0s, .dated = Age::Kind::at_least}),
              "peer closed some time ago: read end-of-file, has not called close()");
}

TEST(Why, FinWait2ByCustody) {
    EXPECT_EQ(why_of({.state = TcpState::fin_wait2, .custody = Custody::process}),
              "shut down for writing and still open: waits for the peer's FIN, for ever");
    EXPECT_EQ(why_of({.state = TcpState::fin_wait2, .custody = Custody::timewait}, 0, 0,
                     {Timer::Kind::timewait, 0, 7s}),
              "closed: waits for the peer's FIN, 7.0s more at most");
    EXPECT_EQ(why_of({.state = TcpState::fin_wait2, .custody = Custody::timewait}, 0, 0, {}),
              "closed: waits for the peer's FIN")
        << "a history does not know for how long";
    EXPECT_EQ(why_of({.state = TcpState::fin_wait2, .custody = Custody::orphan}),
              "closed: waits for the peer's FIN");
}

// A close() that waits for what is unsent still has the socket's file, and its descriptor is gone already.
TEST(Why, ACloseThatLingersIsNotCalledOpen) {
    Snapshot snapshot = quiet_report();
    tracking::TrackedSocket& socket =
        add_socket(snapshot, {.state = TcpState::fin_wait1, .custody = Custody::process});
    socket.record.send_queue = 101;
    socket.record.shutdown = 3;
    EXPECT_EQ(
        why(socket, snapshot.instant),
        "shut down in both directions, or a close() that waits (SO_LINGER): 100 bytes and the "
        "FIN are not acknowledged");
    socket.record.shutdown = 2;
    EXPECT_EQ(why(socket, snapshot.instant),
              "shut down for writing and still open: 100 bytes and the FIN are not acknowledged");
}

TEST(Why, ADeadSocketSaysThatItsDescriptorIsOpen) {
    Snapshot snapshot = quiet_report();
    tracking::DeadSocket dead;
    dead.since = snapshot.instant - 252s;
    EXPECT_EQ(
        why(dead, snapshot.instant),
        "the connection ended 4m12s ago, its descriptor is still open: has not called close()");
}

TEST(Why, WhatStillSendsWaitsForNobody) {
    EXPECT_EQ(why_of({.cause = Cause::sending, .age = 12s}),
              "peer closed 12s ago: this side is still sending its answer");
}

TEST(Why, WhatAPeerDoesNotTakeIsToldOfOneInCloseWait) {
    EXPECT_EQ(why_of({.cause = Cause::unread, .age = 12s}, 1, 76'288, {Timer::Kind::probe, 3, 1s}),
              "peer closed 12s ago: has not read end-of-file; 76288 bytes that it wrote are not "
              "acknowledged");
    EXPECT_EQ(why_of({.cause = Cause::unread, .age = 12s}, 1, 0, {Timer::Kind::keepalive, 0, 1s}),
              "peer closed 12s ago: has not read end-of-file");
}

TEST(Why, FinUnderWay) {
    EXPECT_EQ(why_of({.state = TcpState::fin_wait1, .custody = Custody::orphan}, 0, 1),
              "closed: its FIN is not acknowledged");
    EXPECT_EQ(
        why_of({.state = TcpState::fin_wait1, .custody = Custody::orphan}, 0, 101,
               {Timer::Kind::probe, 3, 1s}),
        "closed: 100 bytes and the FIN are not acknowledged, the peer's window is shut, or this "
        "host cannot send");
    EXPECT_EQ(why_of({.state = TcpState::last_ack, .custody = Custody::orphan}, 0, 1,
                     {Timer::Kind::retransmit, 2, 1s}),
              "peer closed first, then this side: its FIN is not acknowledged, sent again 2 times");
    EXPECT_EQ(why_of({.state = TcpState::closing, .custody = Custody::orphan}),
              "both sides closed at once: its FIN is not acknowledged");
}

TEST(HeldBy, NamesWhatIsKnown) {
    EXPECT_EQ(held_by(nullptr), "");
    const Owner nobody;
    EXPECT_EQ(held_by(&nobody), "");
    Owner owner;
    owner.processes = {{812, "nginx", 7}, {813, "a\tb", 7}};
    EXPECT_EQ(held_by(&owner), "held by pid 812 (nginx), pid 813 (a\uFFFDb)");
    owner.name = "nginx.service";
    EXPECT_EQ(held_by(&owner), "held by nginx.service, pid 812 (nginx), pid 813 (a\uFFFDb)");
}

TEST(AgeText, ShowsHowWellItIsKnown) {
    EXPECT_EQ(age_text({252s, tracking::Age::Kind::observed}), "4m12s");
    EXPECT_EQ(age_text({252s, tracking::Age::Kind::estimated}), "~ 4m12s");
    EXPECT_EQ(age_text({252s, tracking::Age::Kind::at_least}), "≥ 4m12s");
    EXPECT_EQ(age_text({5s, tracking::Age::Kind::at_least, 252s}), "5.0s–4m12s");
    EXPECT_EQ(age_text({252s, tracking::Age::Kind::at_least, 252s + 30ms}), "~ 4m12s");
    EXPECT_EQ(ago_text({252s, tracking::Age::Kind::at_least, 252s + 30ms}), "about 4m12s ago");
    EXPECT_EQ(ago_text({5s, tracking::Age::Kind::at_least, 252s}), "between 5.0s and 4m12s ago");
}

}  // namespace
}  // namespace halfclosed::exporters
