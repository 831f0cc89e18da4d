#include "netlink/recording.h"

#include <gtest/gtest.h>
#include <linux/sock_diag.h>

#include <cerrno>

#include "bytes.h"
#include "expect_error.h"

namespace halfclosed::netlink {

namespace {

Error error_in(const Bytes& stream) {
    return error_of([&] { read_recording(stream, "look.dump"); });
}

}  // namespace

TEST(Recording, OfNothingIsWholeToo) {
    EXPECT_TRUE(read_recording(recorded("6.18-nothing.dump"), "nothing").records.empty());
}

TEST(Recording, MayHaveSeveralDumps) {
    const Bytes one = recorded("6.18-every-kind.dump");
    const std::size_t sockets = read_recording(one, "one").records.size();
    EXPECT_GT(sockets, 100u);
    EXPECT_EQ(read_recording(join(one, one, recorded("6.18-nothing.dump")), "three").records.size(),
              2 * sockets);
}

TEST(Recording, SaysItsNameAndWhatIsWrong) {
    EXPECT_STREQ(error_in({}).what(), "look.dump: it is empty");
    EXPECT_STREQ(error_in(Bytes(3)).what(), "look.dump: it ends inside a message header");
    EXPECT_STREQ(error_in(Bytes(16)).what(), "look.dump: a message of 0 bytes");
}

TEST(Recording, ThatEndsEarlyIsTruncated) {
    Bytes stream = recorded("6.18-every-kind.dump");
    stream.resize(stream.size() - 20);
    EXPECT_EQ(error_in(stream).reason(), Reason::truncated);
    EXPECT_STREQ(error_in(stream).what(),
                 "look.dump: it ends before the end of the dump (NLMSG_DONE)");
}

TEST(Recording, OfADumpThatFailedIsAnError) {
    Bytes stream = recorded("6.18-every-kind.dump");
    stream.resize(stream.size() - 20);
    EXPECT_EQ(error_in(join(stream, done(1, -ENOMEM))).reason(), Reason::kernel_error);
    EXPECT_EQ(error_in(recorded("6.18-refused.reply")).error_number(), EINVAL);
}

TEST(Recording, OfSomethingElseIsAnError) {
    const std::string text = "State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n";
    const auto view = std::as_bytes(std::span(text));
    EXPECT_THROW(read_recording(view, "ss.txt"), Error);
    EXPECT_EQ(error_in(Bytes(1000)).reason(), Reason::malformed);
    EXPECT_THROW(read_recording(Bytes(1000, std::byte{0xff}), "ones"), Error);
}

namespace {

Bytes note(const std::string& text) {
    const std::string whole = "halfclosed recording\n" + text;
    const auto view = std::as_bytes(std::span(whole));
    return message(NLMSG_NOOP, 0, {view.begin(), view.end()});
}

}  // namespace

TEST(Recording, ThatSaysNothingOfPortsIsOfThoseOfWhoMadeIt) {
    EXPECT_EQ(read_recording(recorded("6.18-by-ss.dump"), "ss").ports, std::nullopt);
}

TEST(Recording, KnowsThePortsThatItWasAskedFor) {
    const Bytes dump = recorded("6.18-every-kind.dump");
    const Recording some = read_recording(join(dump, note("ports 80-80 8000-8999\n")), "some");
    EXPECT_EQ(some.ports, (std::vector<PortRange>{{80, 80}, {8000, 8999}}));
    EXPECT_EQ(some.records, read_recording(dump, "bare").records);
    EXPECT_EQ(read_recording(join(dump, note("ports\n")), "all").ports, std::vector<PortRange>{});
}

TEST(Recording, HasMptcpConnectionsWhereItSaysSo) {
    const Bytes dump = recorded("6.18-every-kind.dump");
    const auto records =
        read_recording(join(dump, note("protocol mptcp\n"), dump, note("protocol tcp\n")), "both")
            .records;
    const std::size_t half = records.size() / 2;
    EXPECT_EQ(records.front().protocol, Protocol::mptcp_subflow);
    EXPECT_EQ(records[half].protocol, Protocol::mptcp);
    EXPECT_EQ(identity(records[half]).protocol, Protocol::mptcp);
}

TEST(Recording, SkipsWhatALaterVersionMayNote) {
    const Bytes dump = recorded("6.18-nothing.dump");
    const Bytes stream = join(note("weather fine\n"), dump, note("no end of line"),
                              message(NLMSG_NOOP, 0, bytes_of(std::uint64_t{7})));
    EXPECT_EQ(read_recording(stream, "later").ports, std::nullopt);
}

TEST(Recording, WithPortsThatAreNoneIsMalformed) {
    for (const char* ports : {"80", "80-", "-80", "90-80", "80-99999", "80-80x"}) {
        const Error error = error_in(
            join(recorded("6.18-nothing.dump"), note("ports " + std::string(ports) + "\n")));
        EXPECT_EQ(error.reason(), Reason::malformed) << ports;
        EXPECT_EQ(std::string(error.what()).rfind("look.dump: ", 0), 0u);
    }
}

TEST(Recording, SaysItsNameWhateverIsWrong) {
    const Bytes socket = message(SOCK_DIAG_BY_FAMILY, 1, Bytes(3), NLM_F_MULTI);
    EXPECT_EQ(std::string(error_in(join(socket, done(1))).what()).rfind("look.dump: ", 0), 0u);
}

}  // namespace halfclosed::netlink
