#include "diag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "diag_message.h"

namespace year {

namespace {

/// include/uapi/linux/in.h
constexpr std::uint32_t kMptcp = 262;

/// The kernel fills datagrams up to about so much.
constexpr std::size_t kDatagram = 32'000;

constexpr std::uint32_t kHalfClosed = 1U << 4U | 1U << 5U | 1U << 8U | 1U << 9U | 1U << 11U;

[[noreturn]] void not_known(const char* what) {
    std::fprintf(stderr, "year: the program asks for what is not generated: %s\n", what);
    std::_Exit(99);
}

/// net/ipv4/inet_diag.c:inet_diag_bc_run, for what compares ports.
bool passes(std::span<const std::byte> program, std::uint16_t local, std::uint16_t remote) {
    std::size_t at = 0;
    while (at < program.size()) {
        inet_diag_bc_op operation{};
        std::memcpy(&operation, program.data() + at, sizeof operation);
        std::uint16_t argument = 0;
        if (at + 2 * sizeof operation <= program.size()) {
            inet_diag_bc_op second{};
            std::memcpy(&second, program.data() + at + sizeof operation, sizeof second);
            argument = second.no;
        }
        bool yes = false;
        switch (operation.code) {
            case INET_DIAG_BC_JMP:
                break;
            case INET_DIAG_BC_S_EQ:
                yes = local == argument;
                break;
            case INET_DIAG_BC_D_EQ:
                yes = remote == argument;
                break;
            case INET_DIAG_BC_S_GE:
                yes = local >= argument;
                break;
            case INET_DIAG_BC_S_LE:
                yes = local <= argument;
                break;
            case INET_DIAG_BC_D_GE:
                yes = remote >= argument;
                break;
            case INET_DIAG_BC_D_LE:
                yes = remote <= argument;
                break;
            default:
                not_known("an operation of a filter");
        }
        at += yes ? operation.yes : operation.no;
    }
    return at == program.size();
}

}  // namespace

/// One message, taken apart.
struct Diag::Request {
    nlmsghdr header{};
    std::uint32_t states = 0;
    std::uint32_t extensions = 0;
    inet_diag_sockid id{};
    std::uint32_t protocol = 0;
    std::span<const std::byte> filter;

    explicit Request(std::span<const std::byte> bytes) {
        std::memcpy(&header, bytes.data(), sizeof header);
        std::span<const std::byte> rest =
            bytes.subspan(sizeof header, header.nlmsg_len - sizeof header);
        if (header.nlmsg_type == TCPDIAG_GETSOCK) {
            inet_diag_req request{};
            std::memcpy(&request, rest.data(), sizeof request);
            states = request.idiag_states;
            extensions = request.idiag_ext;
            rest = rest.subspan(NLMSG_ALIGN(sizeof request));
        } else if (header.nlmsg_type == SOCK_DIAG_BY_FAMILY) {
            inet_diag_req_v2 request{};
            std::memcpy(&request, rest.data(), sizeof request);
            states = request.idiag_states;
            extensions = request.idiag_ext;
            id = request.id;
            rest = rest.subspan(NLMSG_ALIGN(sizeof request));
        } else {
            not_known("a type of message");
        }
        while (rest.size() >= NLA_HDRLEN) {
            nlattr attribute{};
            std::memcpy(&attribute, rest.data(), sizeof attribute);
            const auto value = rest.subspan(NLA_HDRLEN, attribute.nla_len - NLA_HDRLEN);
            if (attribute.nla_type == INET_DIAG_REQ_BYTECODE) {
                filter = value;
            } else if (attribute.nla_type == INET_DIAG_REQ_PROTOCOL) {
                std::memcpy(&protocol, value.data(), sizeof protocol);
            } else {
                not_known("an attribute of a request");
            }
            rest = rest.subspan(std::min<std::size_t>(NLA_ALIGN(attribute.nla_len), rest.size()));
        }
    }

    std::string refusal(int error) const {
        nlmsgerr body{-error, header};
        std::string payload;
        put(payload, &body, sizeof body);
        std::string datagram;
        put_message(datagram, NLMSG_ERROR, 0, header.nlmsg_seq, payload);
        return datagram;
    }
};

void Diag::open(int socket) {
    if (socket >= kMostSockets) {
        not_known("a socket with so high a number");
    }
    open_[socket] = true;
    waiting_[socket].clear();
}

void Diag::close(int socket) {
    if (is_open(socket)) {
        open_[socket] = false;
        waiting_[socket].clear();
    }
}

bool Diag::is_open(int socket) const {
    return socket >= 0 && socket < kMostSockets && open_[socket];
}

std::string Diag::take(int socket) {
    std::deque<std::string>& waiting = waiting_[socket];
    if (waiting.empty()) {
        return {};
    }
    std::string first = std::move(waiting.front());
    waiting.pop_front();
    return first;
}

void Diag::answer(int socket, std::span<const std::byte> bytes, const Machine& machine,
                  Ledger& ledger) {
    while (bytes.size() >= sizeof(nlmsghdr)) {
        const Request request(bytes);
        if (request.protocol == kMptcp) {
            waiting_[socket].push_back(request.refusal(ENOENT));
        } else if ((request.header.nlmsg_flags & NLM_F_DUMP) != 0) {
            dump(request, machine, ledger, waiting_[socket]);
        } else {
            get(request, machine, waiting_[socket]);
        }
        bytes = bytes.subspan(
            std::min<std::size_t>(NLMSG_ALIGN(request.header.nlmsg_len), bytes.size()));
    }
}

void Diag::dump(const Request& request, const Machine& machine, Ledger& ledger,
                std::deque<std::string>& answers) {
    if (request.header.nlmsg_type != TCPDIAG_GETSOCK) {
        not_known("a dump of one family");
    }
    const bool all = (request.states & 1U << 1U) != 0;
    if (!all && (request.states & kHalfClosed) != kHalfClosed) {
        not_known("a dump of other states");
    }
    ledger.look(machine, all ? Ledger::Look::census : Ledger::Look::closing);
    std::string datagram;
    const auto tell = [&](const std::string& payload) {
        if (datagram.size() + payload.size() + NLMSG_HDRLEN > kDatagram) {
            answers.push_back(std::move(datagram));
            datagram.clear();
        }
        put_message(datagram, request.header.nlmsg_type, NLM_F_MULTI, request.header.nlmsg_seq,
                    payload);
    };
    const auto wanted = [&](State state, std::uint16_t local, std::uint16_t remote) {
        return (request.states >> static_cast<unsigned>(state) & 1U) != 0 &&
               passes(request.filter, local, remote);
    };
    for (const Listener& listener : kListeners) {
        if (wanted(State::listen, listener.port, 0)) {
            tell(message(listener));
        }
    }
    for (const Connection& each : machine.connections()) {
        if (each.used() && each.state != State::close &&
            wanted(each.state, each.local_port, each.remote_port)) {
            tell(message(each, machine.now(), request.extensions));
        }
    }
    const std::int32_t success = 0;
    put_message(datagram, NLMSG_DONE, NLM_F_MULTI, request.header.nlmsg_seq,
                std::string(reinterpret_cast<const char*>(&success), sizeof success));
    answers.push_back(std::move(datagram));
}

void Diag::get(const Request& request, const Machine& machine, std::deque<std::string>& answers) {
    const std::uint64_t cookie =
        std::uint64_t{request.id.idiag_cookie[1]} << 32U | request.id.idiag_cookie[0];
    for (const Connection& each : machine.connections()) {
        if (each.cookie == cookie && each.state != State::close &&
            each.local_port == ntohs(request.id.idiag_sport) &&
            each.remote_port == ntohs(request.id.idiag_dport)) {
            std::string datagram;
            put_message(datagram, SOCK_DIAG_BY_FAMILY, 0, request.header.nlmsg_seq,
                        message(each, machine.now(), request.extensions));
            answers.push_back(std::move(datagram));
            return;
        }
    }
    answers.push_back(request.refusal(ENOENT));
}

}  // namespace year
