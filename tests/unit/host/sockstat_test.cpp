#include "host/sockstat.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <thread>

#include "fixture.h"

namespace halfclosed::host {
namespace {

const Sockstat kRecorded{.sockets_used = 19,
                         .inuse = 12,
                         .inuse6 = 5,
                         .orphan = 2,
                         .tw = 8,
                         .alloc = 20,
                         .mem_pages = 1739};

TEST(Sockstat, RecordedFilesGiveTheirNumbers) {
    EXPECT_EQ(read_sockstat(kProc + "/net"), kRecorded);
}

TEST(Sockstat, TextOfEachFileIsParsedOnItsOwn) {
    Sockstat expected = kRecorded;
    expected.inuse6.reset();
    EXPECT_EQ(parse_sockstat(fixture("net/sockstat")), expected);
    EXPECT_EQ(parse_sockstat6(fixture("net/sockstat6")), 5U);
}

TEST(Sockstat, UnknownLinesAndFieldsAreSkipped) {
    const Sockstat values = parse_sockstat(
        "MPTCP: inuse 99\n"
        "sockets: used 3 spare 98\n"
        "TCP6: inuse 97\n"
        "TCP: fresh 96 inuse 4 orphan 5 tw 6 alloc 7 mem 8 later 95\n");
    EXPECT_EQ(values, (Sockstat{.sockets_used = 3,
                                .inuse = 4,
                                .inuse6 = {},
                                .orphan = 5,
                                .tw = 6,
                                .alloc = 7,
                                .mem_pages = 8}));
}

TEST(Sockstat, ErrorsNameTheFileAndWhatIsMissing) {
    const std::string text = fixture("net/sockstat");
    const auto complaint_about = [](const std::string& damaged) {
        return complaint([&] { parse_sockstat(damaged, "/proc/x/net/sockstat"); });
    };
    EXPECT_EQ(complaint_about(""), "/proc/x/net/sockstat: no sockets line");
    EXPECT_EQ(complaint_about(with(text, "TCP:", "SCTP:")), "/proc/x/net/sockstat: no TCP line");
    EXPECT_EQ(complaint_about(without(text, " orphan 2")),
              "/proc/x/net/sockstat: no orphan in the TCP line");
    EXPECT_EQ(complaint_about(with(text, "tw 8", "tw eight")),
              "/proc/x/net/sockstat: TCP tw is not a number");
    EXPECT_EQ(complaint_about(with(text, "tw 8", "tw -8")),
              "/proc/x/net/sockstat: TCP tw is not a number");
    EXPECT_EQ(complaint_about(with(text, "mem 1739", "mem 99999999999999999999")),
              "/proc/x/net/sockstat: TCP mem is not a number");
    EXPECT_EQ(complaint_about(with(text, "mem 1739", "mem")),
              "/proc/x/net/sockstat: TCP mem is not a number");
    EXPECT_EQ(complaint([] { parse_sockstat6("UDP6: inuse 0\n"); }), "sockstat6: no TCP6 line");
}

TEST(Sockstat, APrefixGivesTheSameNumbersOrAnError) {
    const std::string text = fixture("net/sockstat");
    const Sockstat whole = parse_sockstat(text);
    const std::size_t enough = text.find("UDP:");  // both lines that count are before it
    for (std::size_t length = 0; length < text.size(); ++length) {
        const std::string prefix = text.substr(0, length);
        if (length < enough) {
            EXPECT_THROW(parse_sockstat(prefix), posix::Error) << length;
        } else {
            EXPECT_EQ(parse_sockstat(prefix), whole) << length;
        }
    }
    const std::string text6 = fixture("net/sockstat6");
    for (std::size_t length = 0; length < text6.find("UDP6:"); ++length) {
        EXPECT_THROW(parse_sockstat6(text6.substr(0, length)), posix::Error) << length;
    }
}

TEST(Sockstat, WithoutIpv6ThereIsNoNumberForIt) {
    EXPECT_EQ(read_sockstat(kProc + "/without-ipv6/net").inuse6, std::nullopt);
}

TEST(Sockstat, AMissingDirectoryIsAnError) {
    EXPECT_EQ(complaint([] { read_sockstat("/nonexistent"); }),
              "/nonexistent/sockstat: No such file or directory");
}

TEST(Sockstat, IsOfTheNamespaceOfTheCallingThread) {
    bool moved = false;
    Sockstat empty;
    Sockstat listening;
    std::thread([&] {
        moved = ::unshare(CLONE_NEWNET) == 0;
        if (!moved) {
            return;
        }
        empty = read_sockstat();
        const posix::Descriptor first(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const posix::Descriptor second(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ::listen(first.get(), 1);
        ::listen(second.get(), 1);
        listening = read_sockstat();
    }).join();
    if (!moved) {
        GTEST_SKIP() << "may not make a network namespace";
    }
    EXPECT_EQ(empty.inuse, 0U);
    EXPECT_EQ(empty.inuse6.value_or(0), 0U);
    EXPECT_EQ(listening.inuse, 1U);
    EXPECT_EQ(listening.inuse6.value_or(1), 1U);
}

}  // namespace
}  // namespace halfclosed::host
