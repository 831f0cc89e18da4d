#include "scenarios/trace/segment.h"

#include <netinet/in.h>

#include <array>
#include <utility>

namespace halfclosed::scenarios {

namespace {

constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;

/// Numbers in network byte order, taken off the front. Nothing once the bytes are used up.
class Bytes {
 public:
    explicit Bytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

    std::optional<std::uint8_t> byte_at(std::size_t place) const {
        return place < bytes_.size() ? std::optional(std::to_integer<std::uint8_t>(bytes_[place]))
                                     : std::nullopt;
    }
    std::optional<std::uint16_t> word_at(std::size_t place) const {
        const auto high = byte_at(place);
        const auto low = byte_at(place + 1);
        if (!high || !low) {
            return std::nullopt;
        }
        return static_cast<std::uint16_t>(*high << 8U | *low);
    }
    std::optional<std::uint32_t> long_at(std::size_t place) const {
        const auto high = word_at(place);
        const auto low = word_at(place + 2);
        if (!high || !low) {
            return std::nullopt;
        }
        return std::uint32_t{*high} << 16U | *low;
    }
    std::optional<Bytes> from(std::size_t place) const {
        return place <= bytes_.size() ? std::optional(Bytes(bytes_.subspan(place))) : std::nullopt;
    }

 private:
    std::span<const std::byte> bytes_;
};

/// The TCP header, and how many bytes it and its payload have by the IP header.
struct Payload {
    Bytes tcp;
    std::uint32_t length;
};

/// RFC 791 section 3.1.
std::optional<Payload> of_ipv4(const Bytes& ip) {
    constexpr std::uint16_t kFragmentMask = 0x3fff;  // "more fragments", and the offset
    const auto version = ip.byte_at(0);
    const auto total = ip.word_at(2);
    const auto fragment = ip.word_at(6);
    const auto protocol = ip.byte_at(9);
    if (!version || *version >> 4U != 4 || !total || !fragment || !protocol ||
        *protocol != IPPROTO_TCP || (*fragment & kFragmentMask) != 0) {
        return std::nullopt;
    }
    const std::uint32_t header = (*version & 0x0fU) * 4U;
    const auto tcp = ip.from(header);
    if (!tcp || *total < header) {
        return std::nullopt;
    }
    return Payload{*tcp, *total - header};
}

/// RFC 8200 section 3. Linux puts no extension header before the TCP of an ordinary connection.
std::optional<Payload> of_ipv6(const Bytes& ip) {
    constexpr std::size_t kHeader = 40;
    const auto length = ip.word_at(4);
    const auto next = ip.byte_at(6);
    const auto tcp = ip.from(kHeader);
    if (!length || !next || *next != IPPROTO_TCP || !tcp) {
        return std::nullopt;
    }
    return Payload{*tcp, *length};
}

std::string flag_letters(std::uint8_t flags) {
    static constexpr std::array<std::pair<unsigned, char>, 5> kLetters{
        {{0x01, 'F'}, {0x02, 'S'}, {0x04, 'R'}, {0x08, 'P'}, {0x10, '.'}}};
    std::string letters;
    for (const auto& [bit, letter] : kLetters) {
        if ((flags & bit) != 0) {
            letters += letter;
        }
    }
    return letters;
}

}  // namespace

std::optional<Segment> decode_segment(std::span<const std::byte> frame) {
    constexpr std::size_t kTypePlace = 12;
    constexpr std::size_t kEthernetHeader = 14;
    const Bytes ethernet(frame);
    const auto type = ethernet.word_at(kTypePlace);
    const auto ip = ethernet.from(kEthernetHeader);
    if (!type || !ip || (*type != kEtherTypeIpv4 && *type != kEtherTypeIpv6)) {
        return std::nullopt;
    }
    const auto payload = *type == kEtherTypeIpv4 ? of_ipv4(*ip) : of_ipv6(*ip);
    if (!payload) {
        return std::nullopt;
    }
    // RFC 9293 section 3.1.
    const auto from = payload->tcp.word_at(0);
    const auto to = payload->tcp.word_at(2);
    const auto sequence = payload->tcp.long_at(4);
    const auto acknowledgement = payload->tcp.long_at(8);
    const auto offset = payload->tcp.byte_at(12);
    const auto flags = payload->tcp.byte_at(13);
    if (!from || !to || !sequence || !acknowledgement || !offset || !flags) {
        return std::nullopt;
    }
    const std::uint32_t header = (*offset >> 4U) * 4U;
    if (payload->length < header) {
        return std::nullopt;
    }
    return Segment{*from,           *to, flag_letters(*flags), payload->length - header, *sequence,
                   *acknowledgement};
}

}  // namespace halfclosed::scenarios
