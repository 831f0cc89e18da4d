#include "scenarios/run/private_network.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "posix/file.h"

namespace halfclosed::scenarios {

namespace {

/// Buckets. A scenario has some four sockets.
constexpr const char* kHashEntries = "1024";

[[noreturn]] void fail(const std::string& attempt) {
    throw std::system_error(errno, std::generic_category(), attempt);
}

void write_sysctl(const std::string& name, const std::string& value) {
    std::string path = "/proc/sys/" + name;
    std::replace(path.begin(), path.end(), '.', '/');
    const posix::Descriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || write(file.get(), value.data(), value.size()) < 0) {
        fail(name + " = " + value);
    }
}

}  // namespace

void enter_private_network() {
    try {
        write_sysctl("net.ipv4.tcp_child_ehash_entries", kHashEntries);
    } catch (const std::system_error& error) {
        if (error.code() != std::errc::no_such_file_or_directory) {
            throw;
        }
        return;  // a kernel before 6.1: the namespace shares the system's table, and that does as
                 // well
    }
    if (unshare(CLONE_NEWNET) < 0) {
        fail("unshare(CLONE_NEWNET)");
    }
}

void set_up_network(const std::map<std::string, std::string>& sysctls) {
    for (const auto& [name, value] : sysctls) {
        write_sysctl(name, value);
    }
    const posix::Descriptor any_socket(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!any_socket) {
        fail("socket");
    }
    ifreq request{};
    std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (ioctl(any_socket.get(), SIOCSIFFLAGS, &request) < 0) {
        fail("lo up");
    }
}

}  // namespace halfclosed::scenarios
