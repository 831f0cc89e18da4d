#include "host/owner.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace halfclosed::host {
namespace {

const std::string kId = "3f4ec6a4e1a5b2c9d87f0e1d2c3b4a5968778695a4b3c2d1e0f1a2b3c4d5e6f7";
const std::string kShort = "3f4ec6a4e1a5";
const std::string kUid = "1f0c7a52-2f0e-4c7c-9d26-0a6a3f0f7b11";

struct Case {
    std::string path;
    std::string name;
    std::string unit;  ///< empty for none
};

class OwnerTable : public testing::TestWithParam<Case> {};

TEST_P(OwnerTable, ReadsThePath) {
    const Owner owner = owner_of(GetParam().path);
    EXPECT_EQ(owner.name, GetParam().name);
    EXPECT_EQ(owner.unit.value_or(""), GetParam().unit);
    EXPECT_EQ(owner.cgroup, GetParam().path);
    EXPECT_TRUE(owner.processes.empty());
}

std::vector<Case> systemd_paths() {
    const std::string user = "/user.slice/user-1000.slice/user@1000.service";
    return {
        {"/system.slice/nginx.service", "nginx.service", "nginx.service"},
        {"/init.scope", "init.scope", "init.scope"},
        {"/system.slice/system-postgresql.slice/postgresql@15-main.service",
         "postgresql@15-main.service", "postgresql@15-main.service"},
        // What a unit has below it is its own affair, also where it looks like another.
        {"/system.slice/app.service/workers/7", "app.service", "app.service"},
        {"/system.slice/app.service/nginx.service", "app.service", "app.service"},
        {"/user.slice/user-1000.slice/session-3.scope", "session-3.scope", "session-3.scope"},
        {user, "user@1000.service", "user@1000.service"},
        {user + "/app.slice", "user@1000.service", "user@1000.service"},
        {user + "/init.scope", "user@1000/init.scope", "init.scope"},
        {user + "/app.slice/shop.service", "user@1000/shop.service", "shop.service"},
        {user + "/app.slice/user@0.service/nginx.service", "user@1000/user@0/nginx.service",
         "nginx.service"},
        // Spelled as systemd does: "a\x2db" and "a-b" are two units.
        {user + "/app.slice/app-gnome-org.gnome.Terminal\\x2d4711.scope",
         "user@1000/app-gnome-org.gnome.Terminal\\x2d4711.scope",
         "app-gnome-org.gnome.Terminal\\x2d4711.scope"},
        {"/system.slice/_cpu.service", "cpu.service", "cpu.service"},
        // No units: a slice, and names that only look like suffixes.
        {"/system.slice", "/system.slice", ""},
        {"/.service", "/.service", ""},
        {"/my.service.d", "/my.service.d", ""},
    };
}

// Recorded from /proc/PID/cgroup; the ids are changed.
std::vector<Case> container_paths() {
    const std::string docker = "docker-" + kId + ".scope";
    const std::string podman = "libpod-" + kId + ".scope";
    const std::string user = "/user.slice/user-1000.slice/user@1000.service";
    return {
        // Docker: systemd driver, cgroupfs driver, both of v1; rootless; in a unit of a runtime.
        {"/system.slice/" + docker, "docker:" + kShort, docker},
        {"/docker/" + kId, "docker:" + kShort, ""},
        {"/system.slice/docker.service/docker/" + kId, "docker:" + kShort, ""},
        {user + "/app.slice/" + docker, "user@1000/docker:" + kShort, docker},
        {"/docker/" + kId + "/system.slice/nginx.service", "docker:" + kShort + "/nginx.service",
         "nginx.service"},
        {"/system.slice/" + docker + "/init.scope", "docker:" + kShort + "/init.scope",
         "init.scope"},
        // containerd without Kubernetes.
        {"/system.slice/nerdctl-" + kId + ".scope", "containerd:" + kShort,
         "nerdctl-" + kId + ".scope"},
        // Podman: rootful, cgroupfs, rootless, a pod of it, a quadlet's unit, its monitor.
        {"/machine.slice/" + podman + "/container", "podman:" + kShort, podman},
        {"/libpod_parent/libpod-" + kId, "podman:" + kShort, ""},
        {user + "/user.slice/" + podman + "/container", "user@1000/podman:" + kShort, podman},
        {"/machine.slice/machine-libpod_pod_" + kId + ".slice/" + podman, "podman:" + kShort,
         podman},
        {"/system.slice/shop.service/libpod-payload-" + kId, "shop.service/podman:" + kShort,
         "shop.service"},
        {"/machine.slice/libpod-conmon-" + kId + ".scope", "libpod-conmon-" + kId + ".scope",
         "libpod-conmon-" + kId + ".scope"},
        // Amazon ECS, whose runtime the path does not tell.
        {"/ecs/0123456789abcdef0123456789abcdef/" + kId, "container:" + kShort, ""},
        // A container in a container.
        {"/docker/" + std::string(64, 'a') + "/docker/" + kId,
         "docker:aaaaaaaaaaaa/docker:" + kShort, ""},
        // Not 64 digits, not hexadecimal, not behind a separator.
        {"/docker/" + kId.substr(1), "/docker/" + kId.substr(1), ""},
        {"/docker/a" + kId, "/docker/a" + kId, ""},
        {"/docker/" + std::string(64, 'g'), "/docker/" + std::string(64, 'g'), ""},
    };
}

std::vector<Case> kubernetes_paths() {
    const std::string slice = "kubepods-burstable-pod1f0c7a52_2f0e_4c7c_9d26_0a6a3f0f7b11.slice";
    const std::string top = "/kubepods.slice/kubepods-burstable.slice/" + slice;
    const std::string name = "pod:" + kUid + "/" + kShort;
    const std::string containerd = "cri-containerd-" + kId + ".scope";
    return {
        {top + "/" + containerd, name, containerd},
        {top + "/crio-" + kId + ".scope/container", name, "crio-" + kId + ".scope"},
        {top + "/docker-" + kId + ".scope", name, "docker-" + kId + ".scope"},
        {"/kubepods.slice/kubepods-pod1f0c7a52_2f0e_4c7c_9d26_0a6a3f0f7b11.slice/" + containerd,
         name, containerd},
        {"/kubepods/burstable/pod" + kUid + "/" + kId, name, ""},
        {"/kubepods/pod" + kUid + "/" + kId, name, ""},
        {"/system.slice/containerd.service/" + slice + ":cri-containerd:" + kId, name, ""},
        // CRI-O: cgroupfs driver, quality of service guaranteed, its monitor.
        {"/kubepods/besteffort/pod" + kUid + "/crio-" + kId, name, ""},
        {"/kubepods.slice/kubepods-pod1f0c7a52_2f0e_4c7c_9d26_0a6a3f0f7b11.slice/crio-" + kId +
             ".scope",
         name, "crio-" + kId + ".scope"},
        {top + "/crio-conmon-" + kId + ".scope", "pod:" + kUid + "/crio-conmon-" + kId + ".scope",
         "crio-conmon-" + kId + ".scope"},
        // k3s and the like have the kubelet's tree below their own unit with the cgroupfs driver.
        {"/system.slice/k3s.service/kubepods/burstable/pod" + kUid + "/" + kId, name, ""},
        // A static pod has a hash for a UID.
        {"/kubepods/besteffort/pod0123456789abcdef0123456789abcdef/" + kId,
         "pod:0123456789abcdef0123456789abcdef/" + kShort, ""},
        {top, "pod:" + kUid, ""},
        {top + "/" + containerd + "/system.slice/sshd.service", name + "/sshd.service",
         "sshd.service"},
        // A node that is a container itself (kind).
        {"/docker/" + std::string(64, 'b') +
             "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
             "kubelet-kubepods-besteffort-pod1f0c7a52_2f0e_4c7c_9d26_0a6a3f0f7b11.slice/" +
             containerd,
         "docker:bbbbbbbbbbbb/" + name, containerd},
    };
}

std::vector<Case> machine_paths() {
    return {
        {"/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service",
         "machine:web/nginx.service", "nginx.service"},
        {"/machine.slice/systemd-nspawn@web.service/payload", "machine:web", ""},
        {"/machine.slice/systemd-nspawn@web.service/supervisor", "systemd-nspawn@web.service",
         "systemd-nspawn@web.service"},
        {"/machine.slice/machine-web.scope/payload/init.scope", "machine:web/init.scope",
         "init.scope"},
        {"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator", "machine:qemu-1-vm",
         "machine-qemu\\x2d1\\x2dvm.scope"},
        {"/lxc.payload.web/system.slice/nginx.service", "machine:web/nginx.service",
         "nginx.service"},
        {"/lxc/web/ns/system.slice/nginx.service", "machine:web/nginx.service", "nginx.service"},
        {"/lxc.monitor.web", "/lxc.monitor.web", ""},
    };
}

// Put together as the runtimes' sources do, for layouts that could not be recorded: the place of a container must not
// depend on what stands above it.
std::vector<Case> other_layouts() {
    const std::string docker = "docker-" + kId + ".scope";
    const std::string containerd = "cri-containerd-" + kId + ".scope";
    const std::string pod =
        "/kubepods.slice/kubepods-burstable.slice/"
        "kubepods-burstable-pod1f0c7a52_2f0e_4c7c_9d26_0a6a3f0f7b11.slice/";
    const std::string in_pod = "pod:" + kUid + "/" + kShort;
    const std::string user = "/user.slice/user-1000.slice/user@1000.service";
    return {
        // Seen from a cgroup namespace below.
        {"/../../docker/" + kId, "docker:" + kShort, ""},
        {"/../system.slice/" + docker, "docker:" + kShort, docker},
        {"/../.." + pod + containerd, in_pod, containerd},
        // A cgroup parent of the user's choice.
        {"/my.slice/" + docker, "docker:" + kShort, docker},
        // Rootless, with the cgroupfs driver: below the unit of the user's own daemon.
        {user + "/app.slice/docker.service/docker/" + kId, "user@1000/docker:" + kShort, ""},
        // containerd's namespace "default", with the cgroupfs driver: nothing tells the runtime.
        {"/default/" + kId, "container:" + kShort, ""},
        // The kubelet's --cgroup-root, and a guaranteed pod.
        {"/kubelet/kubepods/besteffort/pod" + kUid + "/" + kId, in_pod, ""},
        {"/kubepods/guaranteed/pod" + kUid + "/" + kId, in_pod, ""},
        // LXC's pattern with a folder, an old LXC, a machine whose name is escaped, one without "payload".
        {"/lxc.payload/web/init.scope", "machine:web/init.scope", "init.scope"},
        {"/lxc/web", "machine:web", ""},
        {"/machine.slice/systemd-nspawn@a\\x2db.service/payload", "machine:a-b", ""},
        {"/machine.slice/machine-web.scope/system.slice/nginx.service", "machine:web/nginx.service",
         "nginx.service"},
    };
}

std::vector<Case> other_paths() {
    return {
        {"/", "unknown", ""},
        {"", "unknown", ""},
        {"/batch/job 7", "/batch/job 7", ""},
        // Looks like a unit, and is not in the place of one.
        {"/delegated/user.slice/user-1000.slice/nginx.service",
         "/delegated/user.slice/user-1000.slice/nginx.service", "nginx.service"},
        {"/delegated/user@0.service/nginx.service", "/delegated/user@0.service/nginx.service",
         "user@0.service"},
        {"/unknown", "/unknown", ""},
        // Outside of our cgroup namespace (/proc/PID/cgroup).
        {"/../nginx.service", "nginx.service", "nginx.service"},
        {"/../../user.slice/user-1000.slice/user@1000.service/app.slice/shop.service",
         "user@1000/shop.service", "shop.service"},
        // Nothing in a name may command a terminal or spoil a page.
        {"/bad\xff\x1b[2J", "/bad\uFFFD\uFFFD[2J", ""},
    };
}

INSTANTIATE_TEST_SUITE_P(Systemd, OwnerTable, testing::ValuesIn(systemd_paths()));
INSTANTIATE_TEST_SUITE_P(Containers, OwnerTable, testing::ValuesIn(container_paths()));
INSTANTIATE_TEST_SUITE_P(Kubernetes, OwnerTable, testing::ValuesIn(kubernetes_paths()));
INSTANTIATE_TEST_SUITE_P(Machines, OwnerTable, testing::ValuesIn(machine_paths()));
INSTANTIATE_TEST_SUITE_P(Layouts, OwnerTable, testing::ValuesIn(other_layouts()));
INSTANTIATE_TEST_SUITE_P(Others, OwnerTable, testing::ValuesIn(other_paths()));

TEST(OwnerName, IsNobodyElses) {
    const std::vector<std::string> paths{
        "/system.slice/shop.service",
        "/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service",
        "/user.slice/user-1001.slice/user@1001.service/app.slice/shop.service",
        "/docker/" + kId + "/system.slice/shop.service",
        "/lxc.payload.web/system.slice/shop.service",
        "/system.slice/app.service/docker/" + kId + "/system.slice/shop.service",
        "/user.slice/user-1000.slice/user@1000.service/docker/" + kId + "/shop.service",
        "/a/job",
        "/b/job",
    };
    std::set<std::string> names;
    for (const std::string& path : paths) {
        EXPECT_TRUE(names.insert(owner_of(path).name).second) << path;
    }
}

TEST(OwnerName, OfALongPathIsShortAndStillItsOwn) {
    std::string path;
    for (int depth = 0; depth < 200; ++depth) {
        path += "/a-cgroup-with-a-long-name-é";
    }
    const std::string name = owner_of(path + "/1").name;
    EXPECT_LE(name.size(), 256U);
    EXPECT_NE(name, owner_of(path + "/2").name);
    EXPECT_EQ(name, owner_of(path + "/1").name);
    EXPECT_EQ(name.find("\uFFFD"), std::string::npos) << "cut inside a character";
}

// Thousands of cgroups with paths of 4,096 bytes must not take the daemon's memory.
TEST(OwnerName, TheCgroupOfALongPathIsShortAndStillItsOwn) {
    const std::string path = "/" + std::string(4'000, 'd');
    const std::string cgroup = owner_of(path + "1").cgroup.value();
    EXPECT_LE(cgroup.size(), 1'024U);
    EXPECT_NE(cgroup, owner_of(path + "2").cgroup.value());
    const std::string bytes(4'000, '\x80');
    EXPECT_LE(owner_of("/" + bytes).cgroup->size(), 1'024U) << "no character begins in it";
}

}  // namespace
}  // namespace halfclosed::host
