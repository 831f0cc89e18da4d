// What a kernel lacks is said, and nothing else is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/utsname.h>

#include <cstdio>
#include <filesystem>
#include <map>

#include "exact/hooks.h"
#include "exact/kernel_types.h"
#include "lacks.h"
#include "posix/error.h"

namespace halfclosed {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

/// Of the tracepoints that the programs can do without: the first kernel that has it, and with how many arguments.
struct Tracepoint {
    const char* name;
    unsigned arguments;
    std::pair<int, int> since;
};
constexpr Tracepoint kTracepoints[] = {
    {"kfree_skb", 4, {6, 11}},
    {"tcp_send_reset", 3, {6, 10}},
    {"tcp_receive_reset", 1, {4, 16}},
    {"sock_recv_length", 3, {6, 3}},
};

std::pair<int, int> version_of_kernel() {
    utsname name{};
    uname(&name);
    int major = 0;
    int minor = 0;
    std::sscanf(name.release, "%d.%d", &major, &minor);
    return {major, minor};
}

/// Linux 6.18, unless something is changed.
std::map<std::string, unsigned> all_tracepoints() {
    return {{"timer_start", 2},       {"timer_cancel", 1},     {"timer_expire_entry", 2},
            {"kfree_skb", 4},         {"tcp_destroy_sock", 1}, {"tcp_send_reset", 3},
            {"tcp_receive_reset", 1}, {"sock_recv_length", 3}, {"inet_sock_set_state", 3}};
}

exact::Hooks choose_from(const std::map<std::string, unsigned>& tracepoints) {
    return exact::choose_hooks([&](const char* name) -> std::optional<unsigned> {
        const auto found = tracepoints.find(name);
        return found != tracepoints.end() ? std::optional(found->second) : std::nullopt;
    });
}

TEST(LeftOut, IsNothingOfAKernelThatHasEverything) {
    EXPECT_THAT(choose_from(all_tracepoints()).left_out, IsEmpty());
}

TEST(LeftOut, OfLinux61IsALineForEachThatItLacks) {
    auto tracepoints = all_tracepoints();
    tracepoints["kfree_skb"] = 3;
    tracepoints["tcp_send_reset"] = 2;
    tracepoints.erase("sock_recv_length");
    const exact::Hooks hooks = choose_from(tracepoints);
    EXPECT_THAT(hooks.left_out, ElementsAre(StartsWith("kfree_skb of this kernel: "),
                                            StartsWith("tcp_send_reset of this kernel: why "),
                                            StartsWith("sock_recv_length of this kernel: ")));
    EXPECT_EQ(hooks.absent.size(), 5U);
    for (const exact::Hook* hook : hooks.attached) {
        EXPECT_LE(hook->arguments, tracepoints.at(hook->tracepoint)) << hook->program;
    }
}

TEST(LeftOut, IsSaidOnceOfATracepointThatIsNotThereInAnyForm) {
    auto tracepoints = all_tracepoints();
    tracepoints.erase("tcp_send_reset");
    const exact::Hooks hooks = choose_from(tracepoints);
    EXPECT_THAT(hooks.left_out,
                ElementsAre("tcp_send_reset of this kernel: resets that are sent are not counted"));
    EXPECT_EQ(hooks.absent.size(), 4U);
}

TEST(LeftOut, IsNothingThatTheCountsNeed) {
    for (const char* needed : {"timer_start", "timer_cancel", "timer_expire_entry",
                               "tcp_destroy_sock", "inet_sock_set_state"}) {
        auto tracepoints = all_tracepoints();
        tracepoints.erase(needed);
        EXPECT_THROW(choose_from(tracepoints), posix::Error) << needed;
    }
}

// By its types and by its version: neither is taken for granted.
TEST(LeftOut, OfThisKernelIsWhatItsTracepointsLack) {
    const exact::Source source;
    const exact::KernelTypes types;
    std::size_t lacking = 0;
    for (const Tracepoint& tracepoint : kTracepoints) {
        const unsigned arguments = types.tracepoint_arguments(tracepoint.name).value_or(0);
        const std::string said = left_out_of(source, tracepoint.name);
        EXPECT_EQ(said.empty(), arguments >= tracepoint.arguments) << tracepoint.name;
        if (version_of_kernel() >= tracepoint.since) {
            EXPECT_EQ(said, "") << tracepoint.name;
        }
        lacking += said.empty() ? 0 : 1;
    }
    EXPECT_EQ(source.left_out().size(), lacking);
}

/// A BPF file system that nobody else sees.
class PinDirectory {
 public:
    PinDirectory() {
        std::filesystem::create_directory(path_);
        mounted_ = unshare(CLONE_NEWNS) == 0 &&
                   mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                   mount("bpf", path_.c_str(), "bpf", 0, nullptr) == 0;
    }
    ~PinDirectory() {
        umount2(path_.c_str(), MNT_DETACH);
        std::error_code error;
        std::filesystem::remove(path_, error);
    }
    PinDirectory(const PinDirectory&) = delete;
    PinDirectory& operator=(const PinDirectory&) = delete;

    bool mounted() const { return mounted_; }
    std::string path() const { return path_; }

 private:
    std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / ("left_out." + std::to_string(getpid()));
    bool mounted_ = false;
};

TEST(LeftOut, IsTheSameForWhoTakesOverWhatIsPinned) {
    const PinDirectory place;
    ASSERT_TRUE(place.mounted());
    std::vector<std::string> first;
    for (const bool again : {false, true}) {
        const exact::Source source(exact::Source::Options{place.path() + "/halfclosed"});
        if (!again) {
            first = source.left_out();
        }
        EXPECT_EQ(source.left_out(), first);
    }
    EXPECT_EQ(exact::Source().left_out(), first);
}

}  // namespace

}  // namespace halfclosed
