#include "ground/private_namespace.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace halfclosed::ground {

namespace {

void check(int result, const char* what) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
}

void bring_loopback_up() {
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    check(descriptor, "socket");
    ifreq request{};
    std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
    request.ifr_flags = IFF_UP;
    const int result = ioctl(descriptor, SIOCSIFFLAGS, &request);
    close(descriptor);
    check(result, "bring the loopback interface up");
}

}  // namespace

void set_sysctl(const std::string& name, const std::string& value) {
    std::ofstream file("/proc/sys/" + name);
    file << value << std::flush;
    if (!file) {
        throw std::system_error(errno, std::generic_category(), "write " + name);
    }
}

void enter_private_namespace(unsigned buckets) {
    const int user = geteuid() == 0 ? 0 : CLONE_NEWUSER;
    check(unshare(user | CLONE_NEWNET), "unshare");
    // The table's size is inherited by the namespaces that are made from this one. Before Linux 6.1 there is one table for
    // all of them.
    if (access("/proc/sys/net/ipv4/tcp_child_ehash_entries", F_OK) == 0) {
        set_sysctl("net/ipv4/tcp_child_ehash_entries", std::to_string(buckets));
    }
    check(unshare(CLONE_NEWNET), "unshare");
    bring_loopback_up();
}

}  // namespace halfclosed::ground
