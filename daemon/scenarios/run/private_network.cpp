#include "scenarios/run/private_network.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <system_error>

#include "posix/file.h"
#include "posix/system_call.h"

namespace halfclosed::scenarios {

namespace {

/// Buckets. A scenario has some four sockets.
constexpr const char* kHashEntries = "1024";

void write_sysctl(const std::string& name, const std::string& value) {
    std::string path = "/proc/sys/" + name;
    std::replace(path.begin(), path.end(), '.', '/');
    posix::write_value(path, value, name + " = " + value);
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
    posix::check("unshare(CLONE_NEWNET)", unshare(CLONE_NEWNET));
}

void set_up_network(const std::map<std::string, std::string>& sysctls) {
    for (const auto& [name, value] : sysctls) {
        write_sysctl(name, value);
    }
    const posix::Descriptor any_socket(
        posix::check("socket", socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
    ifreq request{};
    std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    posix::check("lo up", ioctl(any_socket.get(), SIOCSIFFLAGS, &request));
}

}  // namespace halfclosed::scenarios
