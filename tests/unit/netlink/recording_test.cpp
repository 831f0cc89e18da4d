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
    EXPECT_TRUE(read_recording(recorded("6.18-nothing.dump"), "nothing").empty());
}

TEST(Recording, MayHaveSeveralDumps) {
    const Bytes one = recorded("6.18-every-kind.dump");
    const std::size_t sockets = read_recording(one, "one").size();
    EXPECT_GT(sockets, 100u);
    EXPECT_EQ(read_recording(join(one, one, recorded("6.18-nothing.dump")), "three").size(),
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

}  // namespace halfclosed::netlink
