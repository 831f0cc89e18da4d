#pragma once

#include <chrono>
#include <cstdint>

#include "records/socket_record.h"

namespace halfclosed {

using namespace std::chrono_literals;

/// One end of a connection, whatever state it is in.
struct End {
    Cookie cookie{};
    Endpoint local;
    Endpoint remote;
};

inline Endpoint ipv4(std::uint8_t last_byte, std::uint16_t port) {
    return {{Family::ipv4, {127, 0, 0, last_byte}}, port};
}

inline Endpoint mapped(std::uint8_t last_byte, std::uint16_t port) {
    return {{Family::ipv6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, last_byte}}, port};
}

/// Both ends of one connection to the watched port, as sockets of this host.
inline const End kServer{Cookie{1}, ipv4(1, 9999), ipv4(1, 40000)};
inline const End kClient{Cookie{2}, ipv4(1, 40000), ipv4(1, 9999)};

/// The same end with another cookie: the next connection between the same addresses and ports.
inline End again(End end, std::uint64_t cookie) {
    end.cookie = Cookie{cookie};
    return end;
}

/// A full socket with a file. The owner is uid 1000, inode 77, cgroup 4242.
inline SocketRecord held(const End& end, TcpState state) {
    SocketRecord record;
    record.cookie = end.cookie;
    record.family = end.local.address.family;
    record.state = state;
    record.local = end.local;
    record.remote = end.remote;
    record.uid = 1000;
    record.inode = 77;
    record.shutdown = 0;
    record.cgroup_id = 4242;
    return record;
}

/// A full socket that its process has closed: it keeps uid and cgroup.
inline SocketRecord orphaned(const End& end, TcpState state) {
    SocketRecord record = held(end, state);
    record.inode = 0;
    record.shutdown = 3;
    record.timer = {Timer::Kind::retransmit, 0, 200ms};
    return record;
}

/// A connection in a listener's queue.
inline SocketRecord unaccepted(const End& end, TcpState state) {
    SocketRecord record = held(end, state);
    record.inode = 0;
    return record;
}

/// What tcp_time_wait() leaves of a closed socket, in FIN-WAIT-2 or TIME-WAIT.
inline SocketRecord minisock(const End& end, TcpState state, std::chrono::milliseconds expires) {
    SocketRecord record = held(end, state);
    record.uid = 0;
    record.inode = 0;
    record.shutdown.reset();
    record.cgroup_id.reset();
    record.timer = {Timer::Kind::timewait, 0, expires};
    return record;
}

/// A socket of the handshake: struct request_sock, reported as SYN_RECV.
inline SocketRecord request_socket(const End& end) {
    SocketRecord record = minisock(end, TcpState::syn_recv, 0ms);
    record.timer = {Timer::Kind::retransmit, 0, 1s};
    return record;
}

inline SocketRecord with_unread(SocketRecord record, std::uint32_t bytes) {
    record.recv_queue = bytes;
    return record;
}

}  // namespace halfclosed
