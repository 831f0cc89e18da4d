#include "host/cgroup_mount.h"

#include <gtest/gtest.h>

#include <optional>

#include "fixture.h"

namespace halfclosed::host {
namespace {

/// The one that is looked at first; nothing if there is none.
std::optional<CgroupMount> first_mount(std::string_view mountinfo) {
    const std::vector<CgroupMount> mounts = find_cgroup_mounts(mountinfo);
    return mounts.empty() ? std::nullopt : std::optional(mounts.front());
}

TEST(CgroupMount, IsBesideTheControllersWhenHybrid) {
    EXPECT_EQ(first_mount(fixture("mountinfo-hybrid")),
              (CgroupMount{.point = "/sys/fs/cgroup/unified", .root = "/"}));
}

TEST(CgroupMount, IsTheWholeDirectoryWhenUnified) {
    EXPECT_EQ(first_mount(fixture("mountinfo-unified")),
              (CgroupMount{.point = "/sys/fs/cgroup", .root = "/"}));
}

TEST(CgroupMount, MayBeAPartBoundToAPathWithABlank) {
    EXPECT_EQ(first_mount(fixture("mountinfo-part")),
              (CgroupMount{.point = "/run/hc part", .root = "/halfclosed-rec"}));
}

TEST(CgroupMount, TheWholeTreeIsPreferredToAPart) {
    const std::string part = "9 1 0:38 /part /part rw - cgroup2 cgroup2 rw\n";
    const std::string whole = "8 1 0:38 / /whole rw shared:3 master:1 - cgroup2 cgroup2 rw\n";
    const CgroupMount expected{.point = "/whole", .root = "/"};
    EXPECT_EQ(first_mount(part + whole), expected);
    EXPECT_EQ(first_mount(whole + part), expected);
}

TEST(CgroupMount, AllAreTold) {
    EXPECT_EQ(find_cgroup_mounts("9 1 0:38 /part /part rw - cgroup2 cgroup2 rw\n"
                                 "8 1 0:38 / /a rw - cgroup2 cgroup2 rw\n"
                                 "7 1 0:38 / /b rw - cgroup2 cgroup2 rw\n"),
              (std::vector<CgroupMount>{{"/a", "/"}, {"/b", "/"}, {"/part", "/part"}}));
}

TEST(CgroupMount, EscapesAreOctalAndOnlyWholeOnes) {
    const auto point = [](const std::string& text) {
        return first_mount("9 1 0:38 / " + text + " rw - cgroup2 cgroup2 rw\n")->point;
    };
    EXPECT_EQ(point("/a\\040b\\134c\\011"), "/a b\\c\t");
    EXPECT_EQ(point("/a\\04"), "/a\\04");
    EXPECT_EQ(point("/a\\08x"), "/a\\08x");
}

TEST(CgroupMount, AControllerOfVersionOneIsNone) {
    std::string text = fixture("mountinfo-hybrid");
    text = without(text, "- cgroup2 cgroup2 rw");
    EXPECT_EQ(complaint([&] { find_cgroup_mounts(text); }),
              "mountinfo: a line has no file system type");
    EXPECT_EQ(first_mount("32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"),
              std::nullopt);
    EXPECT_EQ(first_mount(""), std::nullopt);
}

TEST(CgroupMount, APrefixGivesTheSameMountNoneOrAnError) {
    for (const char* const name : {"mountinfo-hybrid", "mountinfo-unified", "mountinfo-part"}) {
        const std::string text = fixture(name);
        const auto whole = first_mount(text);
        for (std::size_t length = 0; length < text.size(); ++length) {
            try {
                const auto mount = first_mount(std::string_view(text).substr(0, length));
                EXPECT_TRUE(!mount || mount == whole) << name << " cut at " << length;
            } catch (const posix::Error&) {
                EXPECT_NE(text[length - 1], '\n') << name << " cut at " << length;
            }
        }
    }
}

}  // namespace
}  // namespace halfclosed::host
