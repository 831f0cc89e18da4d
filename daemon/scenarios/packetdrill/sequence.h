#pragma once

#include <cstdint>

namespace halfclosed::scenarios::packetdrill {

/// Sequence numbers wrap (RFC 9293 section 3.4).
inline bool before(std::uint32_t left, std::uint32_t right) {
    return static_cast<std::int32_t>(left - right) < 0;
}

}  // namespace halfclosed::scenarios::packetdrill
