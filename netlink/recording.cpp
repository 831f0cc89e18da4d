#include "netlink/recording.h"

#include <linux/netlink.h>

#include <cstring>

#include "netlink/decode.h"
#include "netlink/reply.h"

namespace halfclosed::netlink {

std::vector<SocketRecord> read_recording(std::span<const std::byte> stream,
                                         const std::string& name) {
    std::vector<SocketRecord> records;
    if (stream.empty()) {
        throw Error(Reason::truncated, name, "it is empty");
    }
    while (!stream.empty()) {
        nlmsghdr first{};
        if (stream.size() < sizeof first) {
            throw Error(Reason::truncated, name, "it ends inside a message header");
        }
        std::memcpy(&first, stream.data(), sizeof first);
        Reply reply(name, first.nlmsg_seq);
        stream = reply.consume(stream, [&records](std::span<const std::byte> payload) {
            records.push_back(decode(payload).record);
        });
        if (!reply.complete()) {
            throw Error(Reason::truncated, name, "it ends before the end of the dump (NLMSG_DONE)");
        }
    }
    return records;
}

}  // namespace halfclosed::netlink
