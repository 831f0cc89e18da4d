#include "diag_message.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include "ledger.h"

namespace year {

void put(std::string& bytes, const void* value, std::size_t size) {
    bytes.append(static_cast<const char*>(value), size);
    bytes.resize(NLMSG_ALIGN(bytes.size()));
}

void put_message(std::string& datagram, std::uint16_t type, std::uint16_t flags,
                 std::uint32_t sequence, const std::string& payload) {
    const nlmsghdr header{static_cast<std::uint32_t>(sizeof(nlmsghdr) + payload.size()), type,
                          flags, sequence, 0};
    put(datagram, &header, sizeof header);
    put(datagram, payload.data(), payload.size());
}

namespace {

void put_attribute(std::string& bytes, std::uint16_t type, const void* value, std::size_t size) {
    const nlattr header{static_cast<std::uint16_t>(NLA_HDRLEN + size), type};
    put(bytes, &header, sizeof header);
    put(bytes, value, size);
}

void set_addresses(inet_diag_sockid& id, bool ipv6, std::uint32_t remote) {
    if (ipv6) {
        id.idiag_src[0] = id.idiag_dst[0] = htonl(0xfd000000U);
        id.idiag_src[3] = htonl(1);
        id.idiag_dst[3] = htonl(remote);
    } else {
        id.idiag_src[0] = htonl(0xc0a80001U);
        id.idiag_dst[0] = htonl(remote);
    }
}

void set_cookie(inet_diag_sockid& id, std::uint64_t cookie) {
    id.idiag_cookie[0] = static_cast<std::uint32_t>(cookie);
    id.idiag_cookie[1] = static_cast<std::uint32_t>(cookie >> 32U);
}

/// As jiffies_to_msecs() of 32 bits: it wraps after 49 days.
std::uint32_t told_milliseconds(Time duration) {
    return static_cast<std::uint32_t>(
        static_cast<std::uint64_t>(duration / (4 * kMillisecond) * 4));
}

tcp_info info_of(const Connection& connection, Time now) {
    tcp_info info{};
    info.tcpi_state = static_cast<std::uint8_t>(connection.state);
    info.tcpi_rto = 204'000;
    const bool sends = connection.sends && connection.state == State::close_wait;
    info.tcpi_last_data_sent =
        told_milliseconds(sends ? 40 * kMillisecond : now - connection.last_sent);
    info.tcpi_last_data_recv = told_milliseconds(now - connection.last_data);
    info.tcpi_last_ack_recv = told_milliseconds(sends ? 4 * kMillisecond : now - connection.since);
    info.tcpi_bytes_acked =
        sends ? static_cast<std::uint64_t>((now - connection.since) / kMillisecond) : 100;
    return info;
}

}  // namespace

std::string message(const Listener& listener) {
    inet_diag_msg message{};
    message.idiag_family = listener.ipv6 ? AF_INET6 : AF_INET;
    message.idiag_state = static_cast<std::uint8_t>(State::listen);
    message.id.idiag_sport = htons(listener.port);
    set_cookie(message.id, listener.cookie);
    message.idiag_wqueue = 4'096;
    message.idiag_inode = listener.inode;
    std::string bytes;
    put(bytes, &message, sizeof message);
    const std::uint8_t shutdown = 0;
    put_attribute(bytes, INET_DIAG_SHUTDOWN, &shutdown, sizeof shutdown);
    return bytes;
}

std::string message(const Connection& connection, Time now, std::uint32_t extensions) {
    inet_diag_msg message{};
    message.idiag_family = connection.ipv6 ? AF_INET6 : AF_INET;
    message.idiag_state = static_cast<std::uint8_t>(connection.state);
    message.idiag_timer = connection.timer;
    message.id.idiag_sport = htons(connection.local_port);
    message.id.idiag_dport = htons(connection.remote_port);
    set_addresses(message.id, connection.ipv6, connection.remote);
    set_cookie(message.id, connection.cookie);
    std::string bytes;
    if (connection.minisock) {
        message.idiag_expires =
            static_cast<std::uint32_t>(told_expiry(connection, now) / kMillisecond);
        put(bytes, &message, sizeof message);
        return bytes;
    }
    message.idiag_expires = connection.timer == 0 ? 0 : 200;
    message.idiag_rqueue = connection.receive_queue;
    message.idiag_uid = 1'000;
    message.idiag_inode = connection.inode;
    put(bytes, &message, sizeof message);
    const std::uint8_t shutdown = connection.state == State::established  ? 0
                                  : connection.state == State::close_wait ? 1
                                                                          : 2;
    put_attribute(bytes, INET_DIAG_SHUTDOWN, &shutdown, sizeof shutdown);
    if ((extensions & 1U << (INET_DIAG_INFO - 1U)) != 0) {
        const tcp_info info = info_of(connection, now);
        put_attribute(bytes, INET_DIAG_INFO, &info, sizeof info);
    }
    return bytes;
}

}  // namespace year
