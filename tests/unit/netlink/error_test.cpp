#include "netlink/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace halfclosed::netlink {

TEST(Error, SaysWhatWasAttemptedAndWhyItFailed) {
    const Error error(Reason::truncated, "sock_diag dump (tcp)", "it ends inside a message header");
    EXPECT_STREQ(error.what(), "sock_diag dump (tcp): it ends inside a message header");
    EXPECT_EQ(error.reason(), Reason::truncated);
    EXPECT_EQ(error.error_number(), 0);
}

TEST(Error, KeepsTheErrno) {
    const Error error = Error::from_errno(Reason::kernel_error, "sock_diag dump (tcp)", EPERM);
    EXPECT_STREQ(error.what(), "sock_diag dump (tcp): Operation not permitted");
    EXPECT_EQ(error.reason(), Reason::kernel_error);
    EXPECT_EQ(error.error_number(), EPERM);
}

TEST(Error, NamesTheMissingModule) {
    const Error error = Error::from_errno(Reason::kernel_error, "sock_diag dump (tcp)", ENOENT);
    EXPECT_EQ(error.reason(), Reason::no_diag);
    EXPECT_EQ(error.error_number(), ENOENT);
    EXPECT_NE(std::string(error.what()).find("CONFIG_INET_DIAG"), std::string::npos);
    EXPECT_EQ(Error::from_errno(Reason::socket, "netlink socket", ENOENT).reason(), Reason::socket)
        << "only the kernel's own answer says so";
}

TEST(Reason, EveryOneHasALabelOfItsOwn) {
    std::set<std::string> names;
    for (const Reason reason : kReasons) {
        names.insert(name(reason));
    }
    EXPECT_EQ(names, (std::set<std::string>{"no_diag", "kernel_error", "truncated", "malformed",
                                            "wrong_sequence", "foreign_sender", "interrupted",
                                            "timeout", "socket"}));
}

}  // namespace halfclosed::netlink
