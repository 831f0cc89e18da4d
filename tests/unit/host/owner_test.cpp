#include "host/owner.h"

#include <gtest/gtest.h>

#include <string>

namespace halfclosed::host {
namespace {

const std::string kId = "3f4ec6a4e1a5b2c9d87f0e1d2c3b4a5968778695a4b3c2d1e0f1a2b3c4d5e6f7";
const std::string kShort = "3f4ec6a4e1a5";

struct Case {
    std::string path;
    std::string unit;       ///< empty for none
    std::string container;  ///< empty for none
    std::string leaf;
    std::string name;
};

class OwnerTable : public testing::TestWithParam<Case> {};

TEST_P(OwnerTable, ReadsThePath) {
    const Owner owner = owner_of(GetParam().path);
    EXPECT_EQ(owner.cgroup, GetParam().path);
    EXPECT_EQ(owner.unit.value_or(""), GetParam().unit);
    EXPECT_EQ(owner.container.value_or(""), GetParam().container);
    EXPECT_EQ(owner.leaf, GetParam().leaf);
    EXPECT_EQ(owner.name(), GetParam().name);
}

std::vector<Case> systemd_paths() {
    return {
        {"/system.slice/nginx.service", "nginx.service", "", "nginx.service", "nginx.service"},
        {"/init.scope", "init.scope", "", "init.scope", "init.scope"},
        {"/system.slice/system-postgresql.slice/postgresql@15-main.service",
         "postgresql@15-main.service", "", "postgresql@15-main.service",
         "postgresql@15-main.service"},
        // A unit with cgroups of its own below: still the unit.
        {"/system.slice/app.service/workers/7", "app.service", "", "7", "app.service"},
        {"/user.slice/user-1000.slice/session-3.scope", "session-3.scope", "", "session-3.scope",
         "session-3.scope"},
        {"/user.slice/user-1000.slice/user@1000.service/init.scope", "init.scope", "", "init.scope",
         "init.scope"},
        {"/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service",
         "syncthing.service", "", "syncthing.service", "syncthing.service"},
        {"/user.slice/user-1000.slice/user@1000.service/app.slice/"
         "app-gnome-org.gnome.Terminal\\x2d4711.scope",
         "app-gnome-org.gnome.Terminal-4711.scope", "",
         "app-gnome-org.gnome.Terminal\\x2d4711.scope", "app-gnome-org.gnome.Terminal-4711.scope"},
        {"/system.slice/_cpu.service", "cpu.service", "", "_cpu.service", "cpu.service"},
        // Escapes that are none stay as they are, and control characters stay escaped.
        {"/a\\x2.service", "a\\x2.service", "", "a\\x2.service", "a\\x2.service"},
        {"/a\\xzz.service", "a\\xzz.service", "", "a\\xzz.service", "a\\xzz.service"},
        {"/a\\x1b\\x0a\\x7f\\x00.service", "a\\x1b\\x0a\\x7f\\x00.service", "",
         "a\\x1b\\x0a\\x7f\\x00.service", "a\\x1b\\x0a\\x7f\\x00.service"},
        {"/caf\\xc3\\xa9.service", "caf\xc3\xa9.service", "", "caf\\xc3\\xa9.service",
         "caf\xc3\xa9.service"},
        // No units: a slice, and names that only look like suffixes.
        {"/system.slice", "", "", "system.slice", "system.slice"},
        {"/.service", "", "", ".service", ".service"},
        {"/my.service.d", "", "", "my.service.d", "my.service.d"},
    };
}

std::vector<Case> container_paths() {
    const std::string docker = "docker-" + kId + ".scope";
    const std::string cri = "cri-containerd-" + kId + ".scope";
    const std::string crio = "crio-" + kId + ".scope";
    const std::string podman = "libpod-" + kId + ".scope";
    const std::string pod = "kubepods-burstable-pod1f0c7a52_2f0e_4c7c_9d26_0a6a3f0f7b11.slice";
    const std::string colons = pod + ":cri-containerd:" + kId;
    const std::string conmon = "libpod-conmon-" + kId + ".scope";
    return {
        {"/system.slice/" + docker, docker, kShort, docker, docker},
        {"/docker/" + kId, "", kShort, kId, kShort},
        // The runtime's own service above the container does not own what runs in it.
        {"/system.slice/docker.service/docker/" + kId, "", kShort, kId, kShort},
        {"/kubepods.slice/kubepods-burstable.slice/" + pod + "/" + cri, cri, kShort, cri, cri},
        {"/kubepods.slice/kubepods-besteffort.slice/" + pod + "/" + docker, docker, kShort, docker,
         docker},
        {"/kubepods/burstable/pod1f0c7a52-2f0e-4c7c-9d26-0a6a3f0f7b11/" + kId, "", kShort, kId,
         kShort},
        {"/system.slice/containerd.service/" + colons, "", kShort, colons, kShort},
        {"/kubepods.slice/" + pod + "/" + crio, crio, kShort, crio, crio},
        {"/machine.slice/" + podman + "/container", podman, kShort, "container", podman},
        {"/user.slice/user-1000.slice/user@1000.service/user.slice/" + podman, podman, kShort,
         podman, podman},
        {"/machine.slice/" + conmon, conmon, "", conmon, conmon},
        {"/ecs/0123456789abcdef0123456789abcdef/" + kId, "", kShort, kId, kShort},
        // A container that runs systemd: the unit is the one inside.
        {"/machine.slice/" + podman + "/container/system.slice/sshd.service", "sshd.service",
         kShort, "sshd.service", "sshd.service"},
        {"/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service",
         "nginx.service", "", "nginx.service", "nginx.service"},
        // Containers in a container: the innermost.
        {"/docker/" + std::string(64, 'a') + "/docker/" + kId, "", kShort, kId, kShort},
        // Not 64 digits, not hexadecimal, not behind a separator.
        {"/docker/" + kId.substr(1), "", "", kId.substr(1), kId.substr(1)},
        {"/docker/a" + kId, "", "", "a" + kId, "a" + kId},
        {"/docker/" + std::string(64, 'g'), "", "", std::string(64, 'g'), std::string(64, 'g')},
    };
}

std::vector<Case> other_paths() {
    return {
        {"/", "", "", "/", "/"},
        {"", "", "", "/", "/"},
        {"/lxc.payload.web", "", "", "lxc.payload.web", "lxc.payload.web"},
        {"/batch/job 7", "", "", "job 7", "job 7"},
        {"/batch//job/", "", "", "job", "job"},
        {"/bad\xff\xfe", "", "", "bad\xff\xfe", "bad\xff\xfe"},
    };
}

INSTANTIATE_TEST_SUITE_P(Systemd, OwnerTable, testing::ValuesIn(systemd_paths()));
INSTANTIATE_TEST_SUITE_P(Containers, OwnerTable, testing::ValuesIn(container_paths()));
INSTANTIATE_TEST_SUITE_P(Others, OwnerTable, testing::ValuesIn(other_paths()));

}  // namespace
}  // namespace halfclosed::host
