#include "scenarios/run/connection_observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace halfclosed::scenarios {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using tracking::Custody;

constexpr std::uint16_t kPort = 9999;
constexpr std::uint16_t kClientPort = 40'000;

Instant at(std::chrono::nanoseconds since_start) {
    return Instant{100s + since_start};
}

SocketRecord socket(Side side, TcpState state, std::uint64_t cookie) {
    SocketRecord record;
    record.cookie = Cookie{cookie};
    record.state = state;
    record.local.address.bytes = {127, 0, 0, 1};
    record.remote.address.bytes = {127, 0, 0, 1};
    record.local.port = side == Side::server ? kPort : kClientPort;
    record.remote.port = side == Side::server ? kClientPort : kPort;
    record.inode = 4711;
    record.shutdown = 0;
    return record;
}

SocketRecord orphan(TcpState state, std::uint64_t cookie) {
    SocketRecord record = socket(Side::server, state, cookie);
    record.inode = 0;
    record.timer = {Timer::Kind::retransmit, 0, 200ms};
    return record;
}

SocketRecord minisock(TcpState state, std::uint64_t cookie) {
    SocketRecord record = socket(Side::server, state, cookie);
    record.inode = 0;
    record.shutdown.reset();
    record.timer = {Timer::Kind::timewait, 0, 2000ms};
    return record;
}

Sockstat kernel(std::uint64_t orphans, std::uint64_t tw) {
    Sockstat counts;
    counts.orphan = orphans;
    counts.tw = tw;
    return counts;
}

/// Looks that take a tenth of a millisecond, one each millisecond.
class ConnectionObserverTest : public testing::Test {
 protected:
    std::vector<TraceEvent> look(const std::vector<SocketRecord>& sockets) {
        time_ += 1ms;
        return observer_.observe({at(time_), at(time_ + 100us), sockets});
    }

    template <typename Kind>
    static std::vector<Kind> only(const std::vector<TraceEvent>& events) {
        std::vector<Kind> kept;
        for (const TraceEvent& event : events) {
            if (const Kind* const it = std::get_if<Kind>(&event)) {
                kept.push_back(*it);
            }
        }
        return kept;
    }

    ConnectionObserver observer_{kPort, 2s, at(0ms)};
    std::chrono::nanoseconds time_{0};
};

TEST_F(ConnectionObserverTest, TellsANewStateOnceAndBetweenWhichLooksItCame) {
    EXPECT_THAT(only<StateObservation>(look({})), IsEmpty());
    EXPECT_THAT(only<StateObservation>(look({socket(Side::client, TcpState::established, 1)})),
                ElementsAre(StateObservation{Side::client, TcpState::established, Custody::process,
                                             at(1ms), at(2100us)}));
    EXPECT_THAT(only<StateObservation>(look({socket(Side::client, TcpState::established, 1)})),
                IsEmpty());
    EXPECT_THAT(only<StateObservation>(look({socket(Side::client, TcpState::close_wait, 1)})),
                ElementsAre(StateObservation{Side::client, TcpState::close_wait, Custody::process,
                                             at(3ms), at(4100us)}));
    EXPECT_EQ(observer_.current(Side::client)->state, TcpState::close_wait);
    EXPECT_EQ(observer_.current(Side::server), std::nullopt);
}

TEST_F(ConnectionObserverTest, TellsAChangeOfHandsInOneState) {
    SocketRecord waiting = socket(Side::server, TcpState::established, 1);
    waiting.inode = 0;
    EXPECT_EQ(only<StateObservation>(look({waiting})).front().custody, Custody::accept_queue);
    EXPECT_EQ(only<StateObservation>(look({socket(Side::server, TcpState::established, 1)}))
                  .front()
                  .custody,
              Custody::process);
}

TEST_F(ConnectionObserverTest, TheListenerIsNoEndOfTheConnection) {
    SocketRecord listener = socket(Side::server, TcpState::listen, 1);
    listener.remote = {};
    EXPECT_THAT(look({listener}), IsEmpty());
    EXPECT_THAT(observer_.missing(), IsEmpty());
}

/// Seen when the listener that a connection waits at is closed: a socket of the client's in CLOSE, without a port.
TEST_F(ConnectionObserverTest, ASocketThatIsTakenToPiecesIsNoSecondConnection) {
    look({socket(Side::client, TcpState::fin_wait1, 8)});
    SocketRecord dying = socket(Side::client, TcpState::close, 8);
    dying.local.port = 0;
    EXPECT_THAT(only<RunError>(look({dying})), IsEmpty());
    ASSERT_EQ(observer_.missing().size(), 1U);
    EXPECT_EQ(observer_.missing()[0].cookie, Cookie{8});
    EXPECT_EQ(observer_.current(Side::client)->state, TcpState::fin_wait1);
}

TEST_F(ConnectionObserverTest, AbsentIsNotGone) {
    look({socket(Side::client, TcpState::close_wait, 1)});
    EXPECT_THAT(only<StateObservation>(look({})), IsEmpty());
    ASSERT_EQ(observer_.missing().size(), 1U);
    EXPECT_EQ(observer_.missing().front().cookie, Cookie{1});

    const tracking::Confirmation there[] = {
        {Cookie{1}, socket(Side::client, TcpState::last_ack, 1)}};
    EXPECT_THAT(only<StateObservation>(observer_.confirm(there, at(2200us))),
                ElementsAre(StateObservation{Side::client, TcpState::last_ack, Custody::process,
                                             at(1ms), at(2200us)}));
    EXPECT_THAT(observer_.missing(), IsEmpty());

    look({});
    const tracking::Confirmation gone[] = {{Cookie{1}, std::nullopt}};
    EXPECT_THAT(only<StateObservation>(observer_.confirm(gone, at(3200us))),
                ElementsAre(StateObservation{Side::client, TcpState::close, std::nullopt, at(2ms),
                                             at(3200us)}));
    EXPECT_THAT(observer_.missing(), IsEmpty());
    EXPECT_EQ(observer_.current(Side::client)->state, TcpState::close);
}

/// A full socket and its minisock are the same end also where they bear different cookies.
TEST_F(ConnectionObserverTest, ACookieMayChangeAtTheConversion) {
    look({orphan(TcpState::fin_wait1, 1)});
    const std::vector<TraceEvent> events = look({minisock(TcpState::time_wait, 2)});
    EXPECT_THAT(only<RunError>(events), IsEmpty());
    ASSERT_EQ(only<StateObservation>(events).size(), 1U);
    EXPECT_EQ(only<StateObservation>(events).front().state, TcpState::time_wait);
    const tracking::Confirmation gone[] = {{Cookie{1}, std::nullopt}};
    EXPECT_THAT(only<StateObservation>(observer_.confirm(gone, at(2200us))), IsEmpty());
    EXPECT_EQ(observer_.current(Side::server)->state, TcpState::time_wait);
}

TEST_F(ConnectionObserverTest, ASecondConnectionIsTrouble) {
    look({socket(Side::client, TcpState::established, 1)});
    SocketRecord other = socket(Side::client, TcpState::established, 2);
    other.local.port = kClientPort + 1;
    EXPECT_EQ(only<RunError>(look({socket(Side::client, TcpState::established, 1), other})).size(),
              1U);
}

TEST_F(ConnectionObserverTest, AnEndThatLivedBetweenTwoLooksIsOverAfterTwoWithoutIt) {
    look({});
    observer_.existed(Side::client, at(1500us));
    EXPECT_THAT(only<StateObservation>(look({})), IsEmpty());
    EXPECT_THAT(only<StateObservation>(look({})),
                ElementsAre(StateObservation{Side::client, TcpState::close, std::nullopt,
                                             at(1500us), at(3100us)}));
    EXPECT_THAT(only<StateObservation>(look({})), IsEmpty());
}

TEST_F(ConnectionObserverTest, ALookThatBeganBeforeTheEndExistedSaysNothingOfIt) {
    observer_.existed(Side::client, at(2500us));
    look({});
    look({});
    EXPECT_EQ(observer_.current(Side::client), std::nullopt);
}

TEST_F(ConnectionObserverTest, LooksFarApartLeaveABlindSpan) {
    EXPECT_THAT(only<ObservationGap>(look({})), IsEmpty());
    time_ += 18ms;
    EXPECT_THAT(only<ObservationGap>(look({})), IsEmpty());
    time_ += 30ms;
    EXPECT_THAT(only<ObservationGap>(look({})), ElementsAre(ObservationGap{at(20ms), at(51100us)}));
}

TEST_F(ConnectionObserverTest, ComparesCountsBetweenEqualLooksOnly) {
    look({orphan(TcpState::fin_wait1, 1)});
    observer_.between(kernel(8, 0), at(1500us));
    EXPECT_THAT(only<CountSample>(look({minisock(TcpState::fin_wait2, 1)})), IsEmpty())
        << "it changed";
    EXPECT_FALSE(observer_.counts_compared());
    observer_.between(kernel(7, 1), at(2500us));
    EXPECT_THAT(only<CountSample>(look({minisock(TcpState::fin_wait2, 1)})),
                ElementsAre(CountSample{at(2500us), 0, 7, 1, 1}));
    EXPECT_TRUE(observer_.counts_compared());
    observer_.between(kernel(9, 1), at(3500us));
    EXPECT_THAT(only<CountSample>(look({minisock(TcpState::fin_wait2, 1)})), IsEmpty())
        << "no news of ours";
    observer_.between(kernel(9, 2), at(4500us));
    EXPECT_THAT(only<CountSample>(look({minisock(TcpState::fin_wait2, 1)})),
                ElementsAre(CountSample{at(4500us), 0, 9, 1, 2}))
        << "they differ";
}

TEST_F(ConnectionObserverTest, CountsASocketThatADumpHasTwiceOnce) {
    const SocketRecord record = orphan(TcpState::fin_wait1, 1);
    look({record, record});
    observer_.between(kernel(1, 0), at(1500us));
    EXPECT_THAT(only<CountSample>(look({record, record})),
                ElementsAre(CountSample{at(1500us), 1, 1, 0, 0}));
}

TEST_F(ConnectionObserverTest, TellsTheTrackersWord) {
    look({minisock(TcpState::fin_wait2, 1)});
    EXPECT_THAT(
        only<StateEnd>(look({minisock(TcpState::time_wait, 1)})),
        ElementsAre(StateEnd{Side::server, TcpState::fin_wait2, "peer_closed", at(2100us)}));
}

}  // namespace
}  // namespace halfclosed::scenarios
