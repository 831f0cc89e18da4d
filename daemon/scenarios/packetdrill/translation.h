#pragma once

#include <optional>

#include "scenarios/packetdrill/segment.h"

namespace halfclosed::scenarios::packetdrill {

/// Between a script's numbers and those of the wire. The kernel chooses its own initial sequence number and timestamps:
/// both are known by the first segment that has them. The peer's are the script's.
class Translation {
 public:
    /// A segment of the peer's, as it must be on the wire.
    Segment to_wire(const Segment& segment) const;

    /// A segment of the kernel's, in the script's numbers. `expected` is what the script has in its place: what the two
    /// call by different numbers for the first time is the same from then on. Timestamps within `tolerance_ms` of the
    /// expected ones are taken for these.
    Segment to_script(const Segment& sent, const Segment* expected, std::uint32_t tolerance_ms);

 private:
    void learn(const Segment& sent, const Segment& expected);

    std::uint32_t sequence_ = 0;  ///< the wire's less the script's
    std::optional<std::uint32_t> timestamp_;
};

}  // namespace halfclosed::scenarios::packetdrill
