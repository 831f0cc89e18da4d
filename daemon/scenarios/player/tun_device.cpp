#include "scenarios/player/tun_device.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

#include "posix/system_call.h"

namespace halfclosed::scenarios {

namespace {

/// The name that packetdrill's scripts know it by.
constexpr const char* kName = "tun0";
constexpr std::size_t kLargestPacket = 65'536;

ifreq request() {
    ifreq request{};
    std::strncpy(request.ifr_name, kName, sizeof request.ifr_name - 1);
    return request;
}

sockaddr ipv4(std::uint32_t host_order) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(host_order);
    sockaddr generic{};
    std::memcpy(&generic, &address, sizeof generic);
    return generic;
}

std::uint32_t number(const Address& address) {
    std::uint32_t network_order = 0;
    std::memcpy(&network_order, address.bytes.data(), sizeof network_order);
    return ntohl(network_order);
}

void set_up(int any_socket, unsigned mtu) {
    ifreq change = request();
    change.ifr_mtu = static_cast<int>(mtu);
    posix::check("mtu of the TUN device", ioctl(any_socket, SIOCSIFMTU, &change));
    change = request();
    change.ifr_flags = IFF_UP | IFF_RUNNING;
    posix::check("TUN device up", ioctl(any_socket, SIOCSIFFLAGS, &change));
}

void address_ipv4(int any_socket, const TunDevice::Addresses& addresses) {
    ifreq change = request();
    change.ifr_addr = ipv4(number(addresses.local));
    posix::check("address of the TUN device", ioctl(any_socket, SIOCSIFADDR, &change));
    change.ifr_netmask = ipv4(~0U << (32 - addresses.prefix));
    posix::check("netmask of the TUN device", ioctl(any_socket, SIOCSIFNETMASK, &change));
}

void route_ipv4(int any_socket) {
    rtentry route{};
    char name[] = "tun0";
    route.rt_dst = ipv4(0);
    route.rt_genmask = ipv4(0);
    route.rt_flags = RTF_UP;
    route.rt_dev = name;
    posix::check("route through the TUN device", ioctl(any_socket, SIOCADDRT, &route));
}

void address_ipv6(int any_socket, const TunDevice::Addresses& addresses) {
    in6_ifreq change{};
    std::memcpy(&change.ifr6_addr, addresses.local.bytes.data(), sizeof change.ifr6_addr);
    change.ifr6_prefixlen = 64;
    change.ifr6_ifindex = static_cast<int>(if_nametoindex(kName));
    posix::check("IPv6 address of the TUN device", ioctl(any_socket, SIOCSIFADDR, &change));
    in6_rtmsg route{};
    route.rtmsg_flags = RTF_UP;
    route.rtmsg_metric = 1;
    route.rtmsg_ifindex = change.ifr6_ifindex;
    posix::check("IPv6 route through the TUN device", ioctl(any_socket, SIOCADDRT, &route));
}

/// Of everything that goes through the device.
posix::Descriptor tap() {
    posix::Descriptor tap(
        posix::check("packet socket", socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
    const int on = 1;
    posix::check("SO_TIMESTAMPNS",
                 setsockopt(tap.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on));
    sockaddr_ll link{};
    link.sll_family = AF_PACKET;
    link.sll_protocol = htons(ETH_P_ALL);
    link.sll_ifindex = static_cast<int>(if_nametoindex(kName));
    posix::check("bind to the TUN device",
                 bind(tap.get(), reinterpret_cast<const sockaddr*>(&link), sizeof link));
    return tap;
}

/// The kernel's stamp is of CLOCK_REALTIME. Now if there is none.
TunDevice::Clock::time_point stamp(const msghdr& message) {
    const auto now = TunDevice::Clock::now();
    for (const cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(const_cast<msghdr*>(&message), const_cast<cmsghdr*>(header))) {
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SO_TIMESTAMPNS) {
            timespec sent{};
            std::memcpy(&sent, CMSG_DATA(header), sizeof sent);
            const auto age = std::chrono::system_clock::now().time_since_epoch() -
                             std::chrono::seconds{sent.tv_sec} -
                             std::chrono::nanoseconds{sent.tv_nsec};
            return now - std::max<std::chrono::nanoseconds>(age, std::chrono::nanoseconds{0});
        }
    }
    return now;
}

}  // namespace

TunDevice::TunDevice(const Addresses& addresses)
    : device_(posix::check("/dev/net/tun", open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC))),
      buffer_(kLargestPacket) {
    ifreq made = request();
    made.ifr_flags = IFF_TUN | IFF_NO_PI;
    posix::check("TUNSETIFF", ioctl(device_.get(), TUNSETIFF, &made));
    const bool is_ipv6 = addresses.local.family == Family::ipv6;
    if (is_ipv6) {
        // Nobody is asked whether the address is free: it can be used at once.
        posix::write_value("/proc/sys/net/ipv6/conf/tun0/accept_dad", "0");
        posix::write_value("/proc/sys/net/ipv6/conf/tun0/addr_gen_mode", "1");
    }
    const posix::Descriptor any_socket(
        posix::check("socket", socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)));
    if (!is_ipv6) {
        address_ipv4(any_socket.get(), addresses);
    }
    tap_ = tap();
    set_up(any_socket.get(), addresses.mtu);
    if (is_ipv6) {
        address_ipv6(any_socket.get(), addresses);
    } else {
        route_ipv4(any_socket.get());
    }
}

/// What comes out of the device has been read from the tap.
void TunDevice::drain() {
    while (read(device_.get(), buffer_.data(), buffer_.size()) > 0) {
    }
}

std::optional<TunDevice::Sent> TunDevice::receive() {
    drain();
    while (true) {
        iovec data{buffer_.data(), buffer_.size()};
        sockaddr_ll link{};
        alignas(cmsghdr) std::array<char, 256> control{};
        msghdr message{};
        message.msg_name = &link;
        message.msg_namelen = sizeof link;
        message.msg_iov = &data;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const auto taken = recvmsg(tap_.get(), &message, MSG_DONTWAIT);
        if (taken < 0) {
            return std::nullopt;
        }
        if (link.sll_pkttype == PACKET_OUTGOING) {
            return Sent{{buffer_.begin(), buffer_.begin() + taken}, stamp(message)};
        }
    }
}

/// tun_get_user() (drivers/net/tun.c) hands it to the stack before write() returns.
void TunDevice::send(std::span<const std::byte> packet) {
    posix::check("write to the TUN device", write(device_.get(), packet.data(), packet.size()));
}

}  // namespace halfclosed::scenarios
