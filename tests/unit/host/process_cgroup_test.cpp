#include "host/process_cgroup.h"

#include <gtest/gtest.h>

namespace halfclosed::host {
namespace {

TEST(ProcessCgroup, OfVersionTwo) {
    EXPECT_EQ(parse_process_cgroup("0::/system.slice/nginx.service\n"),
              "/system.slice/nginx.service");
    EXPECT_EQ(parse_process_cgroup("0::/a:b\n"), "/a:b");
    EXPECT_EQ(parse_process_cgroup("0::/\n"), "/");
    // The kernel says so of a cgroup that was removed, which has no living process: a user chose this name.
    EXPECT_EQ(parse_process_cgroup("0::/x.service (deleted)\n"), "/x.service (deleted)");
    EXPECT_EQ(parse_process_cgroup("0::/../nginx.service\n"), "/../nginx.service");
}

TEST(ProcessCgroup, OfAHybridHostIsVersionTwos) {
    EXPECT_EQ(parse_process_cgroup("12:cpu,cpuacct:/system.slice\n"
                                   "1:name=systemd:/system.slice/nginx.service\n"
                                   "0::/system.slice/nginx.service\n"),
              "/system.slice/nginx.service");
}

// Recorded of podman 4.3 with runc on a hybrid host.
TEST(ProcessCgroup, OfAContainerInEveryHierarchyIsTheContainers) {
    const std::string path = "/libpod_parent/libpod-" + std::string(64, 'a');
    EXPECT_EQ(parse_process_cgroup("9:name=systemd:" + path + "\n8:pids:" + path + "\n4:memory:" +
                                   path + "\n1:cpu:" + path + "\n0::" + path + "\n"),
              path);
}

TEST(ProcessCgroup, OfVersionOneIsSystemdsThenAContainers) {
    const std::string id(64, 'a');
    EXPECT_EQ(
        parse_process_cgroup("11:memory:/docker/" + id + "\n1:name=systemd:/docker/" + id + "\n"),
        "/docker/" + id);
    EXPECT_EQ(parse_process_cgroup("11:memory:/docker/" + id + "\n1:name=systemd:/\n0::/\n"),
              "/docker/" + id);
    const std::string pod = "/kubepods/burstable/pod1f0c7a52-2f0e-4c7c-9d26-0a6a3f0f7b11/" + id;
    EXPECT_EQ(parse_process_cgroup("12:pids:" + pod + "\n1:name=systemd:" + pod +
                                   "\n0::/system.slice/containerd.service\n"),
              pod)
        << "a hybrid host, and a runtime that knows version 1 only";
    EXPECT_EQ(parse_process_cgroup("12:pids:" + pod + "\n1:name=systemd:" + pod + "\n"), pod);
    EXPECT_EQ(parse_process_cgroup("11:memory:/batch\n1:name=systemd:/\n0::/\n"), "/")
        << "a controller's own tree names nothing";
}

TEST(ProcessCgroup, OfNoText) {
    EXPECT_EQ(parse_process_cgroup(""), "");
    EXPECT_EQ(parse_process_cgroup("0:\nx\n"), "");
}

}  // namespace
}  // namespace halfclosed::host
