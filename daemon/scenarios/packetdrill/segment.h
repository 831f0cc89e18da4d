#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace halfclosed::scenarios::packetdrill {

/// An option of a TCP header (RFC 9293 section 3.1).
struct TcpOption {
    /// The kinds that IANA has assigned. Others are kept as they came, their bytes in `numbers`.
    enum class Kind : std::uint8_t {
        end = 0,
        nop = 1,
        mss = 2,
        window_scale = 3,
        sack_permitted = 4,
        sack = 5,
        timestamps = 8,
    };

    Kind kind = Kind::nop;
    std::vector<std::uint32_t> numbers;  ///< mss 1460; wscale 7; TS val, ecr; sack left, right, …

    bool operator==(const TcpOption&) const = default;
};

/// A segment as scripts write it: "F. 1:1(0) ack 2 win 257 <nop,nop,TS val 100 ecr 200>". Its numbers are those of the
/// script, or of the wire; the payload is zeroes.
struct Segment {
    std::string flags;  ///< of "SFRPUEW.", each once, in this order
    std::uint32_t sequence = 0;
    std::uint32_t length = 0;  ///< of the payload, in bytes
    std::optional<std::uint32_t> acknowledgement;
    std::optional<std::uint16_t> window;  ///< as in the header; nothing: whatever it is
    /// Nothing: "<...>", whatever they are.
    std::optional<std::vector<TcpOption>> options{std::in_place};

    bool has(char flag) const { return flags.find(flag) != std::string::npos; }
    /// The next sequence number after it: SYN and FIN take one each.
    std::uint32_t end() const {
        return sequence + length + (has('S') ? 1 : 0) + (has('F') ? 1 : 0);
    }

    bool operator==(const Segment&) const = default;
};

/// As a script writes it.
std::string to_string(const Segment& segment);

/// What is judged of a segment that the kernel sent.
struct Strictness {
    /// Windows, and which options there are: what another system than the script's own chooses otherwise.
    bool windows_and_options = true;
};

/// Whether the segment is what a script expects. Timestamps are compared by the caller's translation; PSH is ignored
/// where the expected segment was sent in pieces.
bool matches(const Segment& expected, const Segment& sent, const Strictness& strictness);

}  // namespace halfclosed::scenarios::packetdrill
