#include "scenarios/run/namespace_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

namespace halfclosed::scenarios {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Case {
    const char* description;
    int error;
    NamespacePolicy policy;
    const char* advice;
};

NamespacePolicy policy(std::optional<std::uint64_t> max_user, std::optional<std::uint64_t> clone,
                       std::optional<std::uint64_t> apparmor) {
    return {max_user, 1000, clone, apparmor};
}

TEST(Refusal, SaysWhatToChange) {
    const Case cases[] = {
        {"Debian's switch", EPERM, policy(1000, 0, {}), "kernel.unprivileged_userns_clone=1"},
        {"none allowed", ENOSPC, policy(0, {}, {}), "user.max_user_namespaces from 0"},
        {"no network namespaces", ENOSPC, {1000, 0, {}, {}}, "user.max_net_namespaces from 0"},
        {"too many", ENOSPC, policy(1000, 1, 0), "too many namespaces"},
        {"Ubuntu's AppArmor", EACCES, policy(1000, {}, 1),
         "kernel.apparmor_restrict_unprivileged_userns=0"},
        {"a container", EPERM, policy(1000, {}, {}), "seccomp"},
        {"read-only /proc/sys", EROFS, policy(1000, {}, {}), "/proc/sys writable"},
        {"a small kernel", EINVAL, policy({}, {}, {}), "CONFIG_USER_NS"},
    };
    for (const Case& test : cases) {
        const std::system_error failure(test.error, std::generic_category(), "clone()");
        const std::string line = explain_refusal(failure, test.policy);
        EXPECT_THAT(line, HasSubstr("clone()")) << test.description;
        EXPECT_THAT(line, HasSubstr(test.advice)) << test.description;
        EXPECT_THAT(line, Not(HasSubstr("\n"))) << test.description;
    }
}

}  // namespace
}  // namespace halfclosed::scenarios
