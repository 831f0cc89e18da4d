#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace halfclosed::netlink {

using Bytes = std::vector<std::byte>;

/// A value as it lies in memory.
template <typename Value>
Bytes bytes_of(const Value& value) {
    const auto view = std::as_bytes(std::span(&value, 1));
    return {view.begin(), view.end()};
}

template <typename... More>
Bytes join(Bytes first, const More&... more) {
    (first.insert(first.end(), more.begin(), more.end()), ...);
    return first;
}

/// Filled up with zeros to a multiple of four.
inline Bytes padded(Bytes bytes) {
    bytes.resize((bytes.size() + 3) / 4 * 4);
    return bytes;
}

/// A netlink message. `length` in its header is what it says, whatever is there.
inline Bytes message_that_claims(std::uint32_t length, std::uint16_t type, std::uint16_t flags,
                                 std::uint32_t sequence, const Bytes& payload) {
    return padded(join(bytes_of(nlmsghdr{length, type, flags, sequence, 0}), payload));
}

inline Bytes message(std::uint16_t type, std::uint32_t sequence, const Bytes& payload,
                     std::uint16_t flags = 0) {
    const auto length = static_cast<std::uint32_t>(sizeof(nlmsghdr) + payload.size());
    return message_that_claims(length, type, flags, sequence, payload);
}

/// NLMSG_DONE as netlink_dump() makes it.
inline Bytes done(std::uint32_t sequence, std::int32_t error = 0) {
    return message(NLMSG_DONE, sequence, bytes_of(error), NLM_F_MULTI);
}

/// NLMSG_ERROR as netlink_ack() makes it: the error, and the header of the request.
inline Bytes refusal(std::uint32_t sequence, std::int32_t error) {
    return message(NLMSG_ERROR, sequence, join(bytes_of(error), bytes_of(nlmsghdr{})));
}

inline Bytes attribute(std::uint16_t type, const Bytes& value) {
    const auto length = static_cast<std::uint16_t>(sizeof(nlattr) + value.size());
    return padded(join(bytes_of(nlattr{length, type}), value));
}

/// A stream that was recorded from a kernel.
inline Bytes recorded(const std::string& name) {
    const std::string path = std::string(HALFCLOSED_FIXTURES "/netlink/") + name;
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> content{std::istreambuf_iterator<char>(file), {}};
    if (!file || content.empty()) {
        throw std::runtime_error("cannot read " + path);
    }
    const auto view = std::as_bytes(std::span(content));
    return {view.begin(), view.end()};
}

}  // namespace halfclosed::netlink
