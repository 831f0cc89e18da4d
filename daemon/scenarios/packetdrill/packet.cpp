#include "scenarios/packetdrill/packet.h"

#include <netinet/in.h>

#include <algorithm>
#include <string_view>

namespace halfclosed::scenarios::packetdrill {

namespace {

using Bytes = std::vector<std::byte>;

constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kTcpHeader = 20;
constexpr std::size_t kMostOptionBytes = 40;
constexpr std::uint8_t kHops = 64;
/// Bit n of the header's flags (RFC 9293 section 3.1).
constexpr std::string_view kFlagBits = "FSRP.UEW";
/// The order in which Segment::flags has them.
constexpr std::string_view kFlagOrder = "SFRPUEW.";

void put8(Bytes& bytes, std::uint32_t number) {
    bytes.push_back(static_cast<std::byte>(number));
}
void put16(Bytes& bytes, std::uint32_t number) {
    put8(bytes, number >> 8U & 0xffU);
    put8(bytes, number & 0xffU);
}
void put32(Bytes& bytes, std::uint32_t number) {
    put16(bytes, number >> 16U);
    put16(bytes, number & 0xffffU);
}
void set16(Bytes& bytes, std::size_t place, std::uint32_t number) {
    bytes[place] = static_cast<std::byte>(number >> 8U);
    bytes[place + 1] = static_cast<std::byte>(number & 0xffU);
}

std::uint32_t get8(std::span<const std::byte> bytes, std::size_t place) {
    return std::to_integer<std::uint32_t>(bytes[place]);
}
std::uint32_t get16(std::span<const std::byte> bytes, std::size_t place) {
    return get8(bytes, place) << 8U | get8(bytes, place + 1);
}
std::uint32_t get32(std::span<const std::byte> bytes, std::size_t place) {
    return get16(bytes, place) << 16U | get16(bytes, place + 2);
}

/// RFC 1071, with what was summed before.
std::uint32_t checksum(std::span<const std::byte> bytes, std::uint32_t before = 0) {
    std::uint64_t sum = before;
    for (std::size_t place = 0; place < bytes.size(); place += 2) {
        sum += get8(bytes, place) << 8U | (place + 1 < bytes.size() ? get8(bytes, place + 1) : 0);
    }
    while (sum >> 16U != 0) {
        sum = (sum & 0xffffU) + (sum >> 16U);
    }
    return static_cast<std::uint32_t>(sum);
}

std::span<const std::byte> address_bytes(const Address& address) {
    return std::as_bytes(std::span(address.bytes)).first(address.family == Family::ipv4 ? 4 : 16);
}

void put_address(Bytes& bytes, const Address& address) {
    const auto raw = address_bytes(address);
    bytes.insert(bytes.end(), raw.begin(), raw.end());
}

void put_option(Bytes& bytes, const TcpOption& option) {
    put8(bytes, static_cast<std::uint32_t>(option.kind));
    if (option.kind == TcpOption::Kind::end || option.kind == TcpOption::Kind::nop) {
        return;
    }
    Bytes body;
    for (const std::uint32_t number : option.numbers) {
        if (option.kind == TcpOption::Kind::mss) {
            put16(body, number);
        } else if (option.kind == TcpOption::Kind::sack ||
                   option.kind == TcpOption::Kind::timestamps) {
            put32(body, number);
        } else {
            put8(body, number);
        }
    }
    put8(bytes, static_cast<std::uint32_t>(body.size() + 2));
    bytes.insert(bytes.end(), body.begin(), body.end());
}

/// Padded to whole words, which the header's length is counted in.
Bytes option_bytes(const Segment& segment) {
    Bytes bytes;
    if (segment.options) {
        for (const TcpOption& option : *segment.options) {
            put_option(bytes, option);
        }
    }
    bytes.resize(std::min((bytes.size() + 3) / 4 * 4, kMostOptionBytes));
    return bytes;
}

Bytes tcp_bytes(const Packet& packet) {
    const Segment& segment = packet.segment;
    const Bytes options = option_bytes(segment);
    std::uint32_t flags = 0;
    for (std::size_t bit = 0; bit < kFlagBits.size(); ++bit) {
        flags |= segment.has(kFlagBits[bit]) ? 1U << bit : 0U;
    }
    Bytes bytes;
    put16(bytes, packet.from.port);
    put16(bytes, packet.to.port);
    put32(bytes, segment.sequence);
    put32(bytes, segment.acknowledgement.value_or(0));
    put8(bytes, static_cast<std::uint32_t>((kTcpHeader + options.size()) / 4) << 4U);
    put8(bytes, flags);
    put16(bytes, segment.window.value_or(0));
    put32(bytes, 0);  // checksum, urgent pointer
    bytes.insert(bytes.end(), options.begin(), options.end());
    bytes.resize(bytes.size() + segment.length);
    Bytes pseudo;
    put_address(pseudo, packet.from.address);
    put_address(pseudo, packet.to.address);
    put32(pseudo, static_cast<std::uint32_t>(bytes.size()));
    put32(pseudo, IPPROTO_TCP);
    set16(bytes, 16, ~checksum(bytes, checksum(pseudo)) & 0xffffU);
    return bytes;
}

std::vector<std::uint32_t> numbers_of(TcpOption::Kind kind, std::span<const std::byte> body) {
    const bool longs = kind == TcpOption::Kind::timestamps || kind == TcpOption::Kind::sack;
    const std::size_t width = kind == TcpOption::Kind::mss ? 2 : longs ? 4 : 1;
    std::vector<std::uint32_t> numbers;
    for (std::size_t place = 0; place + width <= body.size(); place += width) {
        numbers.push_back(width == 1   ? get8(body, place)
                          : width == 2 ? get16(body, place)
                                       : get32(body, place));
    }
    return numbers;
}

/// Nothing if an option is cut short.
std::optional<std::vector<TcpOption>> decode_options(std::span<const std::byte> bytes) {
    std::vector<TcpOption> options;
    for (std::size_t place = 0; place < bytes.size();) {
        const auto kind = static_cast<TcpOption::Kind>(get8(bytes, place));
        std::size_t length = 1;
        if (kind != TcpOption::Kind::end && kind != TcpOption::Kind::nop) {
            length = place + 1 < bytes.size() ? get8(bytes, place + 1) : 0;
            if (length < 2 || place + length > bytes.size()) {
                return std::nullopt;
            }
        }
        options.push_back({kind, length < 3
                                     ? std::vector<std::uint32_t>{}
                                     : numbers_of(kind, bytes.subspan(place + 2, length - 2))});
        place += length;
    }
    return options;
}

Address address_of(Family family, std::span<const std::byte> bytes) {
    Address address{family, {}};
    std::transform(bytes.begin(), bytes.end(), address.bytes.begin(),
                   [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
    return address;
}

std::optional<Packet> decode_tcp(Packet packet, std::span<const std::byte> tcp) {
    if (tcp.size() < kTcpHeader) {
        return std::nullopt;
    }
    const std::size_t header = std::size_t{get8(tcp, 12) >> 4U} * 4;
    if (header < kTcpHeader || header > tcp.size()) {
        return std::nullopt;
    }
    packet.from.port = static_cast<std::uint16_t>(get16(tcp, 0));
    packet.to.port = static_cast<std::uint16_t>(get16(tcp, 2));
    Segment& segment = packet.segment;
    segment.sequence = get32(tcp, 4);
    segment.length = static_cast<std::uint32_t>(tcp.size() - header);
    for (const char flag : kFlagOrder) {
        if ((get8(tcp, 13) >> kFlagBits.find(flag) & 1U) != 0) {
            segment.flags += flag;
        }
    }
    if (segment.has('.')) {
        segment.acknowledgement = get32(tcp, 8);
    }
    segment.window = static_cast<std::uint16_t>(get16(tcp, 14));
    segment.options = decode_options(tcp.subspan(kTcpHeader, header - kTcpHeader));
    return segment.options ? std::optional(packet) : std::nullopt;
}

}  // namespace

std::vector<std::byte> encode(const Packet& packet) {
    const Bytes tcp = tcp_bytes(packet);
    Bytes bytes;
    if (packet.from.address.family == Family::ipv4) {
        put16(bytes, 0x4500);  // version 4, a header of five words
        put16(bytes, static_cast<std::uint32_t>(kIpv4Header + tcp.size()));
        put32(bytes, 0x4000);  // "do not fragment"
        put8(bytes, kHops);
        put8(bytes, IPPROTO_TCP);
        put16(bytes, 0);
    } else {
        put32(bytes, 0x60000000);  // version 6
        put16(bytes, static_cast<std::uint32_t>(tcp.size()));
        put8(bytes, IPPROTO_TCP);
        put8(bytes, kHops);
    }
    put_address(bytes, packet.from.address);
    put_address(bytes, packet.to.address);
    if (packet.from.address.family == Family::ipv4) {
        set16(bytes, 10, ~checksum(bytes) & 0xffffU);
    }
    bytes.insert(bytes.end(), tcp.begin(), tcp.end());
    return bytes;
}

std::optional<Packet> decode(std::span<const std::byte> bytes) {
    if (bytes.empty()) {
        return std::nullopt;
    }
    Packet packet;
    const std::uint32_t version = get8(bytes, 0) >> 4U;
    if (version == 4 && bytes.size() >= kIpv4Header) {
        constexpr std::uint32_t kFragment = 0x3fff;  // "more fragments", and the offset
        const std::size_t header = std::size_t{get8(bytes, 0) & 0xfU} * 4;
        const std::size_t total = get16(bytes, 2);
        if (header < kIpv4Header || total < header || total > bytes.size() ||
            (get16(bytes, 6) & kFragment) != 0 || get8(bytes, 9) != IPPROTO_TCP) {
            return std::nullopt;
        }
        packet.from.address = address_of(Family::ipv4, bytes.subspan(12, 4));
        packet.to.address = address_of(Family::ipv4, bytes.subspan(16, 4));
        return decode_tcp(packet, bytes.subspan(header, total - header));
    }
    if (version == 6 && bytes.size() >= kIpv6Header) {
        const std::size_t length = get16(bytes, 4);
        if (get8(bytes, 6) != IPPROTO_TCP || kIpv6Header + length > bytes.size()) {
            return std::nullopt;
        }
        packet.from.address = address_of(Family::ipv6, bytes.subspan(8, 16));
        packet.to.address = address_of(Family::ipv6, bytes.subspan(24, 16));
        return decode_tcp(packet, bytes.subspan(kIpv6Header, length));
    }
    return std::nullopt;
}

}  // namespace halfclosed::scenarios::packetdrill
