// From a socket as the kernel reports it to the unit and the process behind it, in a network
// namespace and a cgroup of its own.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "host/cgroup_owners.h"
#include "host/socket_holders.h"
#include "netlink/session.h"
#include "posix/clock.h"

namespace halfclosed {
namespace {

/// A cgroup "halfclosed-test-PID.service" in the hierarchy of this machine.
class TestUnit {
 public:
    explicit TestUnit(const host::CgroupMount& mount)
        : name_("halfclosed-test-" + std::to_string(::getpid()) + ".service"),
          path_(mount.point + "/" + name_) {
        std::error_code ignored;
        std::filesystem::create_directory(path_, ignored);
    }
    TestUnit(const TestUnit&) = delete;
    TestUnit& operator=(const TestUnit&) = delete;
    ~TestUnit() { ::rmdir(path_.c_str()); }

    const std::string& name() const { return name_; }
    /// Moves the calling process in.
    bool enter() const {
        std::ofstream processes(path_ + "/cgroup.procs");
        processes << ::getpid() << std::flush;
        return processes.good();
    }

 private:
    std::string name_;
    std::string path_;
};

/// A process of the unit that listens, in the network namespace of the calling thread, until this
/// object ends.
class Listener {
 public:
    explicit Listener(const TestUnit& unit) {
        std::array<int, 2> ready{};
        if (::pipe(ready.data()) != 0) {
            return;
        }
        pid_ = ::fork();
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::prctl(PR_SET_NAME, "listener");
            const int socket = unit.enter() ? ::socket(AF_INET, SOCK_STREAM, 0) : -1;
            if (socket < 0 || ::listen(socket, 1) != 0 || ::write(ready[1], "", 1) != 1) {
                ::_exit(1);
            }
            while (true) {
                ::pause();
            }
        }
        ::close(ready[1]);
        char byte = 0;
        listens_ = ::read(ready[0], &byte, 1) == 1;
        ::close(ready[0]);
    }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }
    pid_t pid() const { return pid_; }
    bool listens() const { return listens_; }

 private:
    pid_t pid_ = -1;
    bool listens_ = false;
};

void attribute(const TestUnit& unit, std::optional<std::string>& obstacle) {
    if (::unshare(CLONE_NEWNET) != 0) {
        obstacle = "may not make a network namespace";
        return;
    }
    const Listener listener(unit);
    if (!listener.listens()) {
        obstacle = "may not move a process to a cgroup";
        return;
    }
    std::vector<SocketRecord> records;
    netlink::Session().dump({.states = {TcpState::listen}, .ports = {}},
                            [&](const SocketRecord& record) { records.push_back(record); });
    ASSERT_EQ(records.size(), 1U);

    ASSERT_TRUE(records[0].cgroup_id.has_value());
    host::Owners owners;
    owners.look_up(std::array{*records[0].cgroup_id}, posix::boot_clock_now());
    const Owner* const owner = owners.find(*records[0].cgroup_id);
    ASSERT_NE(owner, nullptr);
    EXPECT_EQ(owner->unit, unit.name());

    const host::Holders found = host::find_holders({records[0].inode});
    ASSERT_TRUE(found.by_inode.contains(records[0].inode));
    const std::vector<host::Holder>& holders = found.by_inode.at(records[0].inode);
    ASSERT_EQ(holders.size(), 1U);
    EXPECT_EQ(holders[0].pid, listener.pid());
    EXPECT_EQ(holders[0].comm, "listener");
}

TEST(SocketOwners, ASocketLeadsToItsUnitAndProcess) {
    std::optional<host::CgroupMount> mount;
    try {
        mount = host::read_cgroup_mount();
    } catch (const posix::Error& error) {
        GTEST_SKIP() << error.what();
    }
    const TestUnit unit(*mount);
    std::optional<std::string> obstacle;
    // Network namespaces are a thread's own: this one takes its with it.
    std::thread([&] { attribute(unit, obstacle); }).join();
    if (obstacle) {
        GTEST_SKIP() << *obstacle;
    }
}

}  // namespace
}  // namespace halfclosed
