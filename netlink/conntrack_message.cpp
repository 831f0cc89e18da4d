#include "netlink/conntrack_message.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>

#include "netlink/error.h"

namespace halfclosed::netlink {

namespace {

using Attributes = std::function<void(unsigned type, std::span<const std::byte> value)>;

[[noreturn]] void malformed_connection(const std::string& why) {
    throw Error(Reason::malformed, "conntrack message", why);
}

void for_each_attribute(std::span<const std::byte> rest, const Attributes& take) {
    while (!rest.empty()) {
        nlattr header{};
        if (rest.size() < NLA_HDRLEN) {
            malformed_connection("it ends inside an attribute's header");
        }
        std::memcpy(&header, rest.data(), sizeof header);
        if (header.nla_len < NLA_HDRLEN || header.nla_len > rest.size()) {
            malformed_connection("an attribute of " + std::to_string(header.nla_len) +
                                 " bytes where " + std::to_string(rest.size()) + " are left");
        }
        take(header.nla_type & static_cast<unsigned>(NLA_TYPE_MASK),
             rest.subspan(NLA_HDRLEN, header.nla_len - NLA_HDRLEN));
        rest = rest.subspan(std::min<std::size_t>(NLA_ALIGN(header.nla_len), rest.size()));
    }
}

void take_address(std::span<const std::byte> value, Family family, Address& address) {
    const std::size_t length = family == Family::ipv4 ? 4 : 16;
    if (value.size() != length) {
        malformed_connection("an address of " + std::to_string(value.size()) + " bytes");
    }
    address.family = family;
    std::memcpy(address.bytes.data(), value.data(), length);
}

std::uint16_t port(std::span<const std::byte> value) {
    std::uint16_t port = 0;
    if (value.size() != sizeof port) {
        malformed_connection("a port of " + std::to_string(value.size()) + " bytes");
    }
    std::memcpy(&port, value.data(), sizeof port);
    return ntohs(port);
}

ConnectionEnds tuple(std::span<const std::byte> attributes) {
    ConnectionEnds ends;
    for_each_attribute(attributes, [&](unsigned part, std::span<const std::byte> inner) {
        if (part == CTA_TUPLE_IP) {
            for_each_attribute(inner, [&](unsigned type, std::span<const std::byte> value) {
                switch (type) {
                    case CTA_IP_V4_SRC:
                        return take_address(value, Family::ipv4, ends.local.address);
                    case CTA_IP_V4_DST:
                        return take_address(value, Family::ipv4, ends.remote.address);
                    case CTA_IP_V6_SRC:
                        return take_address(value, Family::ipv6, ends.local.address);
                    case CTA_IP_V6_DST:
                        return take_address(value, Family::ipv6, ends.remote.address);
                    default:
                        return;
                }
            });
        } else if (part == CTA_TUPLE_PROTO) {
            for_each_attribute(inner, [&](unsigned type, std::span<const std::byte> value) {
                if (type == CTA_PROTO_SRC_PORT) {
                    ends.local.port = port(value);
                } else if (type == CTA_PROTO_DST_PORT) {
                    ends.remote.port = port(value);
                }
            });
        }
    });
    return ends;
}

bool is_mapped(const Address& address) {
    const auto start = Address{Family::ipv4, {}}.as_ipv6();
    return address.family == Family::ipv6 &&
           std::equal(start.begin(), start.begin() + 12, address.bytes.begin());
}

/// As it is in the header of a segment.
Address on_the_wire(const Address& address) {
    if (!is_mapped(address)) {
        return address;
    }
    Address ipv4;
    std::copy_n(address.bytes.begin() + 12, 4, ipv4.bytes.begin());
    return ipv4;
}

}  // namespace

std::vector<std::byte> conntrack_request(const ConnectionEnds& direction, std::uint32_t sequence) {
    const Address source = on_the_wire(direction.local.address);
    const Address target = on_the_wire(direction.remote.address);
    const bool ipv4 = source.family == Family::ipv4;
    const std::size_t length = ipv4 ? 4 : 16;
    std::vector<std::byte> bytes(256);
    nlmsghdr* header = mnl_nlmsg_put_header(bytes.data());
    header->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET;
    header->nlmsg_flags = NLM_F_REQUEST;
    header->nlmsg_seq = sequence;
    nfgenmsg family{};
    family.nfgen_family = ipv4 ? AF_INET : AF_INET6;
    family.version = NFNETLINK_V0;
    std::memcpy(mnl_nlmsg_put_extra_header(header, sizeof family), &family, sizeof family);
    nlattr* const tuple = mnl_attr_nest_start(header, CTA_TUPLE_ORIG);
    nlattr* const addresses = mnl_attr_nest_start(header, CTA_TUPLE_IP);
    mnl_attr_put(header, ipv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, length, source.bytes.data());
    mnl_attr_put(header, ipv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, length, target.bytes.data());
    mnl_attr_nest_end(header, addresses);
    nlattr* const ports = mnl_attr_nest_start(header, CTA_TUPLE_PROTO);
    mnl_attr_put_u8(header, CTA_PROTO_NUM, IPPROTO_TCP);
    mnl_attr_put_u16(header, CTA_PROTO_SRC_PORT, htons(direction.local.port));
    mnl_attr_put_u16(header, CTA_PROTO_DST_PORT, htons(direction.remote.port));
    mnl_attr_nest_end(header, ports);
    mnl_attr_nest_end(header, tuple);
    bytes.resize(header->nlmsg_len);
    return bytes;
}

TrackedDirections decode_conntrack(std::span<const std::byte> payload) {
    if (payload.size() < sizeof(nfgenmsg)) {
        malformed_connection("a connection of " + std::to_string(payload.size()) + " bytes");
    }
    TrackedDirections directions;
    unsigned found = 0;
    for_each_attribute(payload.subspan(sizeof(nfgenmsg)),
                       [&](unsigned type, std::span<const std::byte> value) {
                           if (type == CTA_TUPLE_ORIG) {
                               directions.original = tuple(value);
                               ++found;
                           } else if (type == CTA_TUPLE_REPLY) {
                               directions.reply = tuple(value);
                               ++found;
                           }
                       });
    if (found != 2) {
        malformed_connection("not one tuple for each direction");
    }
    return directions;
}

}  // namespace halfclosed::netlink
