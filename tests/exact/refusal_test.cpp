// What is said when the kernel refuses the programs: which capability is missing, or, when none is, the verifier's word.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <string>

#include "exact/refusal.h"
#include "exact/source.h"

namespace halfclosed {

namespace {

using exact::in_one_line;
using exact::reason_of_refusal;
using testing::HasSubstr;

constexpr std::uint64_t kBpf = std::uint64_t{1} << CAP_BPF;
constexpr std::uint64_t kPerfmon = std::uint64_t{1} << CAP_PERFMON;
constexpr std::uint64_t kAdmin = std::uint64_t{1} << CAP_SYS_ADMIN;

TEST(Refusal, NamesTheCapabilitiesThatAreMissing) {
    for (const int error : {EPERM, EACCES}) {
        EXPECT_EQ(reason_of_refusal(error, 0, "w"), " (it takes CAP_BPF and CAP_PERFMON)");
        EXPECT_EQ(reason_of_refusal(error, kBpf, "w"), " (it takes CAP_PERFMON)");
        EXPECT_EQ(reason_of_refusal(error, kPerfmon, "w"), " (it takes CAP_BPF)");
    }
}

TEST(Refusal, IsTheVerifiersWhenNoCapabilityIsMissing) {
    EXPECT_EQ(reason_of_refusal(EACCES, kBpf | kPerfmon, "R1 !read_ok"), " (R1 !read_ok)");
    EXPECT_EQ(reason_of_refusal(EACCES, kAdmin, "R1 !read_ok"), " (R1 !read_ok)");
    EXPECT_EQ(reason_of_refusal(EACCES, kAdmin, ""), "");
    EXPECT_EQ(reason_of_refusal(EINVAL, 0, "R1 !read_ok"), " (R1 !read_ok)");
}

TEST(Refusal, OfWhatIsHeldButNotHereNamesNoCapability) {
    EXPECT_THAT(reason_of_refusal(EPERM, kBpf | kPerfmon, ""), HasSubstr("are held"));
}

TEST(Refusal, TakesTheVerdictOutOfTheVerifiersLog) {
    EXPECT_EQ(in_one_line("libbpf: prog 'drop': BPF program load failed: Permission denied\n"),
              "libbpf: prog 'drop': BPF program load failed: Permission denied");
    EXPECT_EQ(in_one_line("libbpf: prog 'drop': -- BEGIN PROG LOAD LOG --\n"
                          "0: (95) exit\n"
                          "R0 !read_ok\n"
                          "processed 1 insns (limit 1000000) max_states_per_insn 0\n"
                          "-- END PROG LOAD LOG --\n"),
              "libbpf: prog 'drop': the verifier: R0 !read_ok");
    EXPECT_EQ(in_one_line(""), "");
}

/// The reason for which there are two cases: to a process that may, the verifier says EACCES.
TEST(Refusal, OfTheVerifierHasTheSameErrnoAsOfACapability) {
    const bpf_insn leave{BPF_JMP | BPF_EXIT, 0, 0, 0, 0};  // without a result
    bpf_attr attributes{};
    attributes.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
    attributes.insns = reinterpret_cast<std::uintptr_t>(&leave);
    attributes.insn_cnt = 1;
    attributes.license = reinterpret_cast<std::uintptr_t>("GPL");
    const long program = ::syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
    const int error = errno;
    ASSERT_LT(program, 0);
    EXPECT_EQ(error, EACCES);
    EXPECT_EQ(reason_of_refusal(error, exact::effective_capabilities(), "R0 !read_ok"),
              " (R0 !read_ok)");
}

bool give_up_capabilities() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    return ::syscall(SYS_capset, &header, none.data()) == 0;
}

TEST(Refusal, OfAProcessWithoutCapabilitiesNamesThem) {
    const pid_t child = fork();
    if (child == 0) {
        int status = 1;
        try {
            if (give_up_capabilities()) {
                const exact::Source source;
            }
        } catch (const std::exception& error) {
            const std::string what = error.what();
            status = what.find("(it takes CAP_BPF and CAP_PERFMON)") != std::string::npos ? 0 : 2;
        }
        _exit(status);
    }
    ASSERT_GT(child, 0);
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace

}  // namespace halfclosed
