#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace halfclosed::scenarios {

/// What the trace needs of a TCP segment.
struct Segment {
    std::uint16_t from_port = 0;
    std::uint16_t to_port = 0;
    std::string flags;         ///< as tcpdump(1) writes them: "S", "S.", ".", "P.", "F.", "R"
    std::uint32_t length = 0;  ///< bytes of payload, also if the frame was cut short in the capture
    std::uint32_t sequence = 0;         ///< of its first byte
    std::uint32_t acknowledgement = 0;  ///< the next byte that its sender expects; with ACK only

    bool operator==(const Segment&) const = default;
};

/// Decodes an Ethernet frame (the loopback interface has them too) with IPv4 or IPv6 and TCP. Nothing for anything
/// else, for fragments, and if a header is cut short.
std::optional<Segment> decode_segment(std::span<const std::byte> frame);

}  // namespace halfclosed::scenarios
