#include "host/network_namespaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "host/mountinfo.h"
#include "host/namespace_visit.h"

namespace halfclosed::host {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

/// A /proc of our own making: files that are one file by a hard link stand for one namespace.
class ProcOfNamespaces : public testing::Test {
 protected:
    ProcOfNamespaces() {
        char name[] = "/tmp/halfclosed-proc-XXXXXX";
        root_ = ::mkdtemp(name);
        write("thread-self/mountinfo", "");
    }
    ~ProcOfNamespaces() override { fs::remove_all(root_); }

    void write(const std::string& path, const std::string& text) {
        fs::create_directories((root_ / path).parent_path());
        std::ofstream(root_ / path) << text;
    }

    NamespaceInode make_namespace(const std::string& name) {
        write("namespaces/" + name, "");
        struct stat status {};
        ::stat((root_ / "namespaces" / name).c_str(), &status);
        return status.st_ino;
    }

    void enter(const std::string& task, const std::string& space) {
        fs::create_directories(root_ / task / "ns");
        fs::create_hard_link(root_ / "namespaces" / space, root_ / task / "ns/net");
    }

    std::string path(const std::string& below) const { return (root_ / below).string(); }

    fs::path root_;
};

TEST_F(ProcOfNamespaces, ProcessesAreToldByTheNamespaceThatTheyAreIn) {
    const NamespaceInode host = make_namespace("host");
    const NamespaceInode box = make_namespace("box");
    enter("1", "host");
    enter("10", "host");
    enter("9", "box");
    const NetworkNamespaces found = find_network_namespaces(root_.string());
    ASSERT_EQ(found.by_inode.size(), 2U);
    EXPECT_THAT(found.by_inode.at(host).processes, ElementsAre(1, 10));
    EXPECT_THAT(found.by_inode.at(box).processes, ElementsAre(9));
    EXPECT_THAT(found.by_inode.at(box).ways, ElementsAre(path("9/ns/net")));
    EXPECT_EQ(found.by_inode.at(box).mount, std::nullopt);
    EXPECT_EQ(found.unreadable, 0U);
}

TEST_F(ProcOfNamespaces, AThreadMayBeElsewhereThanItsProcess) {
    const NamespaceInode host = make_namespace("host");
    const NamespaceInode box = make_namespace("box");
    enter("7", "host");
    enter("7/task/7", "host");
    enter("7/task/8", "box");
    const NetworkNamespaces found = find_network_namespaces(root_.string());
    ASSERT_TRUE(found.by_inode.contains(box)) << "a directory of tasks that counts its links";
    EXPECT_THAT(found.by_inode.at(box).ways, ElementsAre(path("7/task/8/ns/net")));
    EXPECT_THAT(found.by_inode.at(box).processes, ElementsAre(7));
    EXPECT_THAT(found.by_inode.at(host).ways, ElementsAre(path("7/ns/net")));
}

TEST_F(ProcOfNamespaces, AMountHasANameAndNeedsNoProcess) {
    const NamespaceInode blue = make_namespace("blue");
    enter("1", "blue");
    write("thread-self/mountinfo", "36 35 0:4 net:[4026532000] " + path("namespaces/blue") +
                                       " rw shared:1 - nsfs nsfs rw\n"
                                       "37 35 0:4 mnt:[4026532001] /run/other rw - nsfs nsfs rw\n");
    const NetworkNamespaces found = find_network_namespaces(root_.string());
    ASSERT_EQ(found.by_inode.size(), 1U);
    EXPECT_EQ(found.by_inode.at(blue).mount, "blue");
    EXPECT_THAT(found.by_inode.at(blue).ways,
                ElementsAre(path("namespaces/blue"), path("1/ns/net")));
}

TEST_F(ProcOfNamespaces, OfManyWaysIntoOneAFewAreKept) {
    const NamespaceInode box = make_namespace("box");
    for (int pid = 1; pid <= 20; ++pid) {
        enter(std::to_string(pid), "box");
    }
    const NetworkNamespaces found = find_network_namespaces(root_.string());
    EXPECT_EQ(found.by_inode.at(box).ways.size(), NetworkNamespace::kMostWays);
    EXPECT_EQ(found.by_inode.at(box).processes.size(), NetworkNamespace::kMostWays);
}

TEST_F(ProcOfNamespaces, WithoutProcNobodyKnows) {
    EXPECT_THROW(find_network_namespaces(path("not there")), posix::Error);
}

TEST_F(ProcOfNamespaces, ANamespaceIsCalledByWhatItsProcessesHaveInCommon) {
    const std::string pod =
        "/kubepods.slice/kubepods-pod0a1b2c3d_0000_4000_8000_000000000001.slice/";
    const std::string a(64, 'a');
    const std::string b(64, 'b');
    write("1/cgroup", "0::" + pod + "cri-containerd-" + a + ".scope\n");
    write("2/cgroup", "0::" + pod + "cri-containerd-" + b + ".scope\n");
    write("3/cgroup", "0::/system.slice/docker-" + a + ".scope/system.slice/nginx.service\n");
    write("4/cgroup", "0::/system.slice/docker-" + a + ".scope/init.scope\n");
    write("5/cgroup", "0::/system.slice/shop.service\n");
    write("6/cgroup", "0::/\n");
    const auto name = [this](std::vector<pid_t> pids) {
        return common_owner(pids, root_.string());
    };
    EXPECT_EQ(name({1, 2}), "pod:0a1b2c3d-0000-4000-8000-000000000001");
    EXPECT_EQ(name({3, 4}), "docker:aaaaaaaaaaaa");
    EXPECT_EQ(name({5}), "shop.service");
    EXPECT_EQ(name({5, 99}), "shop.service") << "one that has ended says nothing";
    EXPECT_EQ(name({3, 5}), std::nullopt);
    EXPECT_EQ(name({6}), std::nullopt);
    EXPECT_EQ(name({}), std::nullopt);
}

TEST(OpenNamespace, GoesTheWayThatStillLeadsThere) {
    const NamespaceInode own = own_network_namespace();
    bool forbidden = false;
    EXPECT_TRUE(open_namespace({"/proc/0/ns/net", "/proc/self/ns/net"}, own, forbidden));
    EXPECT_FALSE(open_namespace({"/proc/self/ns/net"}, own + 1, forbidden))
        << "the inode is another one's by now";
    EXPECT_FALSE(open_namespace({}, own, forbidden));
    EXPECT_FALSE(forbidden);
}

TEST(Mounts, AreReadWithTheirEscapes) {
    const std::string text =
        "36 35 0:4 net:[4026532000] /run/netns/a\\040b rw shared:1 master:2 - nsfs nsfs rw\n"
        "37 35 0:29 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
    EXPECT_THAT(parse_mounts(text, "nsfs"),
                ElementsAre(Mount{"net:[4026532000]", "/run/netns/a b", "nsfs"}));
    EXPECT_THAT(parse_mounts(text, "cgroup2"),
                ElementsAre(Mount{"/", "/sys/fs/cgroup", "cgroup2"}));
    EXPECT_THROW(parse_mounts("36 35 0:4 / /x rw -\n", "nsfs"), posix::Error);
}

}  // namespace
}  // namespace halfclosed::host
