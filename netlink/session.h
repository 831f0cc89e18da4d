#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "netlink/channel.h"
#include "netlink/decode.h"
#include "netlink/error.h"
#include "netlink/reply.h"
#include "netlink/request.h"

namespace halfclosed::netlink {

class MptcpSubflows;

using RecordSink = std::function<void(const SocketRecord&)>;

/// What a get said of a socket: nothing when it is gone.
using AnswerSink = std::function<void(const SocketIdentity&, const std::optional<DecodedSocket>&)>;

/// A conversation with the kernel's sock_diag about the TCP sockets of one network namespace: the
/// calling thread's. After a failure the next call opens a new netlink socket, so a thread that has
/// a session does not change its namespace, unless it calls leave_namespace() in between: a netlink
/// socket keeps the namespace that it was made in alive. Needs no privilege. Not for use by two
/// threads at a time.
class Session {
 public:
    /// Throws Error{socket} if there is no netlink at all.
    Session();
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Hands every socket that matches to `sink`, IPv4 and IPv6. A socket may come twice when the
    /// table changes meanwhile, and may be in a state that was not asked for: the kernel tests the
    /// state before it fills the message. Throws Error when the dump is not complete: then what the
    /// sink was given must be thrown away.
    void dump(const Query& query, const RecordSink& sink);

    /// As dump(), with the MPTCP connections before the TCP sockets; each of these that carries one
    /// of those is a Protocol::mptcp_subflow, whatever state its connection is in. A kernel without
    /// MPTCP has no such sockets, and is asked again after a minute: it may load the module.
    void dump_with_mptcp(const Query& query, const RecordSink& sink);

    /// As dump_with_mptcp(), but of the TCP sockets only the listeners are looked for, and those that are `known` are
    /// asked for one by one; one that is gone is left out, and so is one in a state that was not asked for, but for
    /// TIME-WAIT: it was in another when it became known. Those that are `told` need not be asked for. For few sockets
    /// among many this is much cheaper than a walk.
    void get_with_mptcp(const Query& query, std::span<const SocketIdentity> known,
                        std::span<const SocketRecord> told, const RecordSink& sink);

    /// As dump(), but the raw payloads are neither decoded nor copied: what a dump costs without
    /// user space.
    void dump_raw(const Query& query, const PayloadSink& sink);

    /// The namespace of the last netlink socket.
    NamespaceId netns() const { return netns_; }

    /// Closes the netlink socket. The next call opens one in the namespace that the thread is in by then; what the
    /// session has learnt of the kernel stays.
    void leave_namespace() { channel_.close(); }

    /// As the next call would: opens the netlink socket, if there is none. Throws Error{socket}.
    void enter_namespace();

    /// Whether there may be MPTCP connections in the namespace: where there are none, the kernel is not asked for them,
    /// which takes a walk through tables of their own. Until it is told otherwise a session expects some.
    void expect_mptcp(bool expected) { expects_mptcp_ = expected; }

    /// Whether the last dump_with_mptcp() that asked was told of MPTCP by the kernel.
    bool has_mptcp() const { return !no_mptcp_until_; }

    /// The socket with this very cookie, or nothing when it is gone. Throws Error on anything else.
    std::optional<DecodedSocket> get(const SocketIdentity& socket, bool with_tcp_info = false);

    /// As get() of each, in any order, but asks for up to kGetsAtOnce of them with one datagram: about half the cost.
    void get_each(std::span<const SocketIdentity> sockets, bool with_tcp_info,
                  const AnswerSink& sink);

    /// The answers to so many fit into the buffer of any netlink socket.
    static constexpr std::size_t kGetsAtOnce = 32;

    /// From now on every datagram of a dump that is a good part of it is also written to `file`, as
    /// `ss -D` does; nullptr: no more.
    void tee(std::FILE* file) { tee_ = file; }

    /// Fixes how both families are asked for; unset, the cheaper one that the kernel has.
    void use(Walk walk) { walk_ = walk; }

    /// Datagrams dropped so far because their sender was not the kernel.
    std::uint64_t foreign_datagrams() const { return channel_.foreign_datagrams(); }

 private:
    void walk(const Query& query, Walk walk, const PayloadSink& sink);
    void run_dump(std::span<const std::byte> request, const char* attempt, const PayloadSink& sink);
    void get_several(std::span<const SocketIdentity> sockets, bool with_tcp_info,
                     const AnswerSink& sink);
    std::optional<DecodedSocket> receive_answer(const SocketIdentity& socket,
                                                std::uint32_t sequence, std::size_t expected = 1);
    void dump_mptcp(const Query& query, MptcpSubflows& subflows, const RecordSink& sink);
    std::optional<DecodedSocket> get_mptcp(const SocketIdentity& socket);
    void converse(const std::function<void()>& exchange);

    Channel channel_;
    std::optional<Walk> walk_;
    bool expects_mptcp_ = true;
    std::optional<std::chrono::steady_clock::time_point> no_mptcp_until_;
    NamespaceId netns_{};
    std::FILE* tee_ = nullptr;
    std::uint32_t sequence_ = 0;
};

}  // namespace halfclosed::netlink
