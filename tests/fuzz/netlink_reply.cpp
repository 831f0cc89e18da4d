// Any bytes in place of the datagram that answers a get, of sock_diag or of nf_conntrack: what a complete reply leaves is
// a part of it, and a message is decoded or refused with netlink::Error.

#include <linux/netlink.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

#include "attempt.h"
#include "netlink/conntrack_message.h"
#include "netlink/decode.h"
#include "netlink/error.h"
#include "netlink/reply.h"

using namespace halfclosed::netlink;

namespace {

std::uint32_t sequence_of(std::span<const std::byte> datagram) {
    nlmsghdr header{};
    if (datagram.size() >= sizeof header) {
        std::memcpy(&header, datagram.data(), sizeof header);
    }
    return header.nlmsg_seq;
}

void take_apart(std::span<const std::byte> payload) {
    attempt<Error>([&] { decode_conntrack(payload); });
    attempt<Error>([&] { decode(payload); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto datagram = std::as_bytes(std::span(data, size));
    const std::uint32_t sequence = sequence_of(datagram);
    is_refused(datagram, sequence, ENOENT);
    attempt<Error>([&] {
        Reply reply("fuzz", sequence);
        const auto rest = reply.consume(datagram, take_apart);
        if (rest.size() > size || (!reply.complete() && !rest.empty())) {
            std::abort();
        }
    });
    return 0;
}
