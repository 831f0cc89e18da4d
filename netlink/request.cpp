#include "netlink/request.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "netlink/filter.h"

namespace halfclosed::netlink {

namespace {

/// INET_DIAG_REQ_PROTOCOL carries the protocol that does not fit into a byte. A kernel before 5.9 does not know the
/// attribute and looks at the byte: one that no protocol has, so that it refuses (RFC 3692: for experiments).
constexpr unsigned char kNoProtocol = 253;

/// linux/in.h: IPPROTO_MPTCP, newer than netinet/in.h may be.
constexpr std::uint32_t kMptcp = 262;

unsigned char address_family(Family family) {
    return family == Family::ipv4 ? AF_INET : AF_INET6;
}

/// A datagram under construction: libmnl puts the parts one behind the other.
class Datagram {
 public:
    Datagram(std::uint16_t type, unsigned flags, std::uint32_t sequence, std::size_t room)
        : bytes_(MNL_ALIGN(sizeof(nlmsghdr)) + room), header_(mnl_nlmsg_put_header(bytes_.data())) {
        header_->nlmsg_type = type;
        header_->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
        header_->nlmsg_seq = sequence;
    }

    template <typename Struct>
    void put(const Struct& value) {
        std::memcpy(mnl_nlmsg_put_extra_header(header_, sizeof value), &value, sizeof value);
    }

    void put_attribute(std::uint16_t type, const void* value, std::size_t size) {
        mnl_attr_put(header_, type, size, value);
    }

    std::vector<std::byte> take() {
        bytes_.resize(header_->nlmsg_len);
        return std::move(bytes_);
    }

 private:
    std::vector<std::byte> bytes_;
    nlmsghdr* header_;
};

inet_diag_sockid socket_id(const SocketIdentity& socket) {
    inet_diag_sockid id{};
    id.idiag_sport = htons(socket.local.port);
    id.idiag_dport = htons(socket.remote.port);
    std::memcpy(id.idiag_src, socket.local.address.bytes.data(), sizeof id.idiag_src);
    std::memcpy(id.idiag_dst, socket.remote.address.bytes.data(), sizeof id.idiag_dst);
    id.idiag_if = socket.interface;
    const auto cookie = static_cast<std::uint64_t>(socket.cookie);
    id.idiag_cookie[0] = static_cast<std::uint32_t>(cookie);
    id.idiag_cookie[1] = static_cast<std::uint32_t>(cookie >> 32U);
    return id;
}

}  // namespace

std::vector<std::byte> dump_request(const Query& query, Walk walk, Family family,
                                    std::uint32_t sequence) {
    const std::vector<std::byte> filter = compile(query.ports);
    const bool mptcp = query.protocol == Protocol::mptcp;
    // The older of the two request structs is the longer one.
    const std::size_t room = std::max(sizeof(inet_diag_req), sizeof(inet_diag_req_v2)) +
                             MNL_ATTR_HDRLEN + MNL_ALIGN(filter.size()) + MNL_ATTR_HDRLEN +
                             sizeof kMptcp;
    const bool legacy = walk == Walk::both_at_once && !mptcp;
    Datagram datagram(legacy ? TCPDIAG_GETSOCK : SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, sequence, room);
    if (legacy) {
        // net/ipv4/inet_diag.c:inet_diag_dump_compat() ignores the family and walks for both.
        inet_diag_req request{};
        request.idiag_family = AF_INET;
        request.idiag_states = query.states.bits();
        datagram.put(request);
    } else {
        inet_diag_req_v2 request{};
        request.sdiag_family = address_family(family);
        request.sdiag_protocol = mptcp ? kNoProtocol : std::uint8_t{IPPROTO_TCP};
        request.idiag_states = query.states.bits();
        if (mptcp) {
            request.idiag_ext = 1U << (INET_DIAG_INFO - 1U);  // for the token: see decode()
        }
        datagram.put(request);
    }
    if (mptcp) {
        datagram.put_attribute(INET_DIAG_REQ_PROTOCOL, &kMptcp, sizeof kMptcp);
    }
    if (!filter.empty()) {
        datagram.put_attribute(INET_DIAG_REQ_BYTECODE, filter.data(), filter.size());
    }
    return datagram.take();
}

void append_get_request(std::vector<std::byte>& datagram, const SocketIdentity& socket,
                        bool with_tcp_info, std::uint32_t sequence) {
    struct {
        nlmsghdr header;
        inet_diag_req_v2 body;
    } request{};
    request.header = {sizeof request, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, sequence, 0};
    request.body.sdiag_family = address_family(socket.family);
    request.body.sdiag_protocol = IPPROTO_TCP;
    request.body.idiag_states = kAllStates.bits();
    request.body.id = socket_id(socket);
    if (with_tcp_info) {
        request.body.idiag_ext = 1U << (INET_DIAG_INFO - 1U);
    }
    static_assert(sizeof request == NLMSG_ALIGN(sizeof request));
    const auto* bytes = reinterpret_cast<const std::byte*>(&request);
    datagram.insert(datagram.end(), bytes, bytes + sizeof request);
}

std::vector<std::byte> get_request(const SocketIdentity& socket, bool with_tcp_info,
                                   std::uint32_t sequence) {
    std::vector<std::byte> datagram;
    append_get_request(datagram, socket, with_tcp_info, sequence);
    return datagram;
}

}  // namespace halfclosed::netlink
