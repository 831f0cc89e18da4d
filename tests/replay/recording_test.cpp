// Recorded netlink streams beside what ss said at the same instant.

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "ground/second_opinion.h"
#include "netlink/recording.h"
#include "records/tcp_state.h"
#include "tracking/census.h"
#include "tracking/tracker.h"

namespace halfclosed {

namespace {

const tracking::WatchedPorts kWholeRange({{1, 65535}});

std::string path(const std::string& name) {
    return std::string(HALFCLOSED_FIXTURES "/netlink/") + name;
}

std::string read(const std::string& name) {
    std::ifstream file(path(name), std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    if (content.empty()) {
        throw std::runtime_error("cannot read " + path(name));
    }
    return content;
}

std::vector<SocketRecord> recorded(const std::string& name) {
    const std::string stream = read(name);
    return netlink::read_recording(std::as_bytes(std::span(stream)), name).records;
}

/// "fin_wait2" -> "FIN-WAIT-2".
std::string as_ss_names(TcpState state) {
    SocketRecord record;
    record.state = state;
    return ground::as_ss_writes({record}).front().state;
}

}  // namespace

TEST(ARecording, SaysOfEverySocketWhatSsSaid) {
    const auto ours = ground::as_ss_writes(recorded("6.18-every-kind.dump"));
    const auto theirs = ground::parse_ss(read("6.18-every-kind.ss"));
    EXPECT_EQ(ground::disagreement(ours, theirs), "");
    EXPECT_GT(ours.size(), 100u);
}

// ss reads the files that we write.
TEST(ARecording, IsReadBySsAsByUs) {
    const auto theirs = ground::parse_ss(
        ground::run_ss("-tanoeH", "TCPDIAG_FILE='" + path("6.18-every-kind.dump") + "'"));
    EXPECT_EQ(ground::disagreement(ground::as_ss_writes(recorded("6.18-every-kind.dump")), theirs),
              "");
}

// We read the files that ss writes: a dump for each family, one behind the other.
TEST(ARecording, OfSsIsReadByUs) {
    EXPECT_EQ(ground::disagreement(ground::as_ss_writes(recorded("6.18-by-ss.dump")),
                                   ground::parse_ss(read("6.18-every-kind.ss"))),
              "");
}

TEST(ARecording, HasTheSameSocketsInOneWalkAndInTwo) {
    EXPECT_EQ(ground::disagreement(ground::as_ss_writes(recorded("6.18-every-kind.dump")),
                                   ground::as_ss_writes(recorded("6.18-two-families.dump"))),
              "");
}

TEST(ACensusOfARecording, CountsEachStateAsSsDoes) {
    tracking::Census census(kWholeRange);
    for (const SocketRecord& record : recorded("6.18-every-kind.dump")) {
        census.add(record);
    }
    std::map<std::string, std::size_t> counted;
    for (unsigned number = 1; number < tracking::SocketCounts::kStates; ++number) {
        std::size_t count = 0;
        for (const tracking::Side side : tracking::kSides) {
            for (const tracking::Custody custody : tracking::kCustodies) {
                count += census.socket_counts().count(0, side, TcpState(number), custody);
            }
        }
        if (count > 0) {
            counted[as_ss_names(TcpState(number))] = count;
        }
    }
    EXPECT_EQ(counted, ground::by_state(ground::parse_ss(read("6.18-every-kind.ss"))));
}

// sockstat's rules, applied to ss's text: minisocks are what has the timewait timer; request sockets and minisocks
// have no shutdown; an address without brackets is of an IPv4 socket.
TEST(ACensusOfARecording, ReconcilesWithSs) {
    tracking::Census census(kWholeRange);
    for (const SocketRecord& record : recorded("6.18-every-kind.dump")) {
        census.add(record);
    }
    tracking::KernelCounts expected;
    for (const ground::Line& line : ground::parse_ss(read("6.18-every-kind.ss"))) {
        const bool minisock = line.timer == "timewait";
        const bool full = line.shutdown.has_value();
        const bool ipv6 = line.local.front() == '[' || line.local.front() == '*';
        const bool closing = line.state.rfind("FIN-WAIT", 0) == 0 || line.state == "CLOSING" ||
                             line.state == "LAST-ACK";
        expected[tracking::Count::tw] += minisock ? 1 : 0;
        expected[tracking::Count::orphan] += full && closing && line.inode == 0 ? 1 : 0;
        (ipv6 ? expected[tracking::Count::inuse6] : expected[tracking::Count::inuse]) +=
            full ? 1 : 0;
    }
    EXPECT_EQ(census.counts(), expected);
    EXPECT_GT(expected[tracking::Count::orphan], 0u);
    EXPECT_GT(expected[tracking::Count::tw], 0u);
    EXPECT_GT(expected[tracking::Count::inuse6], 0u);
}

TEST(ATrackerOfARecording, AdoptsTheHalfClosedOnesAndAsksForTheOld) {
    const auto records = recorded("6.18-every-kind.dump");
    tracking::Tracker tracker(kWholeRange);
    const Instant start{std::chrono::hours{1}};
    EXPECT_EQ(tracker.observe(records, start), tracking::Changes{});

    const auto theirs = ground::by_state(ground::parse_ss(read("6.18-every-kind.ss")));
    std::map<std::string, std::size_t> ours;
    for (const tracking::TrackedSocket& socket : tracker.sockets()) {
        ++ours[as_ss_names(socket.record.state)];
    }
    for (const char* state : {"FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "LAST-ACK", "CLOSING"}) {
        EXPECT_EQ(ours[state], theirs.at(state)) << state;
    }
    EXPECT_EQ(tracker.undated().size(), theirs.at("CLOSE-WAIT"));
    EXPECT_TRUE(tracker.missing().empty());

    // Nothing of it is there any more: of the TIME-WAIT ones nobody asks yet.
    tracker.observe({}, start + std::chrono::seconds{1});
    EXPECT_EQ(tracker.missing().size(), theirs.at("FIN-WAIT-1") + theirs.at("FIN-WAIT-2") +
                                            theirs.at("CLOSE-WAIT") + theirs.at("LAST-ACK") +
                                            theirs.at("CLOSING"));
}

}  // namespace halfclosed
