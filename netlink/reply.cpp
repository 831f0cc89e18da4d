#include "netlink/reply.h"

#include <linux/inet_diag.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace halfclosed::netlink {

namespace {

/// include/linux/err.h: MAX_ERRNO.
constexpr std::int32_t kLargestErrno = 4095;

constexpr std::uint16_t kConntrack = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;

/// NLMSG_ALIGN in the width of a length: the macro's own mask has 32 bits.
constexpr std::size_t aligned(std::size_t length) {
    return (length + (NLMSG_ALIGNTO - 1)) & ~std::size_t{NLMSG_ALIGNTO - 1};
}

}  // namespace

bool is_refused(std::span<const std::byte> datagram, std::uint32_t sequence, int error) {
    nlmsghdr header{};
    std::int32_t number = 0;
    if (datagram.size() < sizeof header + sizeof number) {
        return false;
    }
    std::memcpy(&header, datagram.data(), sizeof header);
    std::memcpy(&number, datagram.data() + sizeof header, sizeof number);
    return header.nlmsg_type == NLMSG_ERROR && header.nlmsg_seq == sequence &&
           header.nlmsg_len >= sizeof header + sizeof number &&
           header.nlmsg_len <= datagram.size() && number == -error;
}

Reply::Reply(std::string_view attempt, std::uint32_t sequence)
    : attempt_(attempt), sequence_(sequence) {
}

std::span<const std::byte> Reply::consume(std::span<const std::byte> bytes,
                                          const PayloadSink& sink) {
    while (!complete_ && !bytes.empty()) {
        nlmsghdr header{};
        if (bytes.size() < sizeof header) {
            fail(Reason::truncated, "it ends inside a message header");
        }
        std::memcpy(&header, bytes.data(), sizeof header);
        if (header.nlmsg_len < sizeof header) {
            fail(Reason::malformed, "a message of " + std::to_string(header.nlmsg_len) + " bytes");
        }
        if (header.nlmsg_len > bytes.size()) {
            fail(Reason::truncated, "a message of " + std::to_string(header.nlmsg_len) +
                                        " bytes, of which " + std::to_string(bytes.size()) +
                                        " came");
        }
        if (header.nlmsg_seq != sequence_) {
            fail(Reason::wrong_sequence, "an answer to request " +
                                             std::to_string(header.nlmsg_seq) + ", not to " +
                                             std::to_string(sequence_));
        }
        const auto payload = bytes.subspan(sizeof header, header.nlmsg_len - sizeof header);
        take(header.nlmsg_type, header.nlmsg_flags, payload, sink);
        bytes = bytes.subspan(std::min(aligned(header.nlmsg_len), bytes.size()));
    }
    return bytes;
}

void Reply::take(std::uint16_t type, std::uint16_t flags, std::span<const std::byte> payload,
                 const PayloadSink& sink) {
    if ((flags & NLM_F_DUMP_INTR) != 0) {
        fail(Reason::interrupted, "the kernel calls it inconsistent (NLM_F_DUMP_INTR)");
    }
    switch (type) {
        case NLMSG_DONE:
            // netlink_dump() puts the errno of a dump that failed midway here, not into
            // NLMSG_ERROR.
            throw_error_in(payload);
            complete_ = true;
            break;
        case NLMSG_ERROR:
            throw_error_in(payload);
            fail(Reason::malformed, "an acknowledgement that was not asked for");
        case NLMSG_OVERRUN:
            fail(Reason::truncated, "the kernel lost a part of it (NLMSG_OVERRUN)");
        case SOCK_DIAG_BY_FAMILY:
        case TCPDIAG_GETSOCK:
        case kConntrack:
            sink(payload);
            break;
        default:
            break;  // NLMSG_NOOP, and what later kernels may add
    }
}

/// NLMSG_ERROR and NLMSG_DONE begin with an int, 0 or a negative errno.
void Reply::throw_error_in(std::span<const std::byte> payload) const {
    std::int32_t error = 0;
    if (payload.size() < sizeof error) {
        fail(Reason::malformed, "an end without its error number");
    }
    std::memcpy(&error, payload.data(), sizeof error);
    if (error > 0 || error < -kLargestErrno) {
        fail(Reason::malformed, "an end with the error number " + std::to_string(error));
    }
    if (error < 0) {
        throw Error::from_errno(Reason::kernel_error, std::string(attempt_), -error);
    }
}

void Reply::fail(Reason reason, const std::string& why) const {
    throw Error(reason, std::string(attempt_), why);
}

}  // namespace halfclosed::netlink
