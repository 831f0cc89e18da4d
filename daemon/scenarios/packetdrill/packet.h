#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "records/endpoint.h"
#include "scenarios/packetdrill/segment.h"

namespace halfclosed::scenarios::packetdrill {

/// An IPv4 or IPv6 packet with a TCP segment, as a TUN device carries it.
struct Packet {
    Endpoint from;
    Endpoint to;  ///< of the same family
    Segment segment;

    bool operator==(const Packet&) const = default;
};

/// The bytes, with checksums (RFC 791 section 3.1, RFC 8200 section 8.1, RFC 9293 section 3.1); a window that is not
/// given is 0, options that are not given are none, and timestamps and what follows are cut off after 40 bytes of options.
std::vector<std::byte> encode(const Packet& packet);

/// Nothing for anything that is not a whole, unfragmented packet with TCP.
std::optional<Packet> decode(std::span<const std::byte> bytes);

}  // namespace halfclosed::scenarios::packetdrill
