// Any bytes in place of an IP packet, as a TUN device and a capture of the lab have it. Both readers say the same of a
// packet that the player takes, and what the player writes of it is read as the same packet.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "scenarios/packetdrill/packet.h"
#include "scenarios/trace/segment.h"

namespace {

using Bytes = std::vector<std::byte>;
namespace scenarios = halfclosed::scenarios;

/// In an Ethernet frame, as loopback has it.
Bytes framed(std::span<const std::byte> packet) {
    constexpr std::size_t kAddresses = 12;
    const bool ipv6 = !packet.empty() && (packet.front() >> 4U) == std::byte{6};
    const auto type = ipv6 ? std::array{std::byte{0x86}, std::byte{0xdd}}
                           : std::array{std::byte{0x08}, std::byte{0x00}};
    Bytes frame(kAddresses);
    frame.insert(frame.end(), type.begin(), type.end());
    frame.insert(frame.end(), packet.begin(), packet.end());
    return frame;
}

bool same(const scenarios::packetdrill::Packet& packet, const scenarios::Segment& segment) {
    return packet.from.port == segment.from_port && packet.to.port == segment.to_port &&
           packet.segment.sequence == segment.sequence && packet.segment.length == segment.length;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    scenarios::decode_segment(bytes);
    const auto segment = scenarios::decode_segment(framed(bytes));
    const auto packet = scenarios::packetdrill::decode(bytes);
    if (!packet) {
        return 0;
    }
    const Bytes written = encode(*packet);
    const auto again = scenarios::packetdrill::decode(written);
    if (!segment || !same(*packet, *segment) || !again || encode(*again) != written) {
        std::abort();
    }
    return 0;
}
