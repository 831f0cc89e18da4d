#include "scenarios/packetdrill/translation.h"

#include <algorithm>
#include <vector>

namespace halfclosed::scenarios::packetdrill {

namespace {

TcpOption* find(Segment& segment, TcpOption::Kind kind) {
    if (!segment.options) {
        return nullptr;
    }
    const auto found =
        std::find_if(segment.options->begin(), segment.options->end(),
                     [kind](const TcpOption& option) { return option.kind == kind; });
    return found != segment.options->end() ? &*found : nullptr;
}

std::optional<std::uint32_t> timestamp(Segment segment) {
    const TcpOption* const option = find(segment, TcpOption::Kind::timestamps);
    return option != nullptr && option->numbers.size() == 2 ? std::optional(option->numbers[0])
                                                            : std::nullopt;
}

}  // namespace

Segment Translation::to_wire(const Segment& segment) const {
    Segment wire = segment;
    if (wire.acknowledgement) {
        *wire.acknowledgement += sequence_;
    }
    if (TcpOption* const sack = find(wire, TcpOption::Kind::sack)) {
        for (std::uint32_t& number : sack->numbers) {
            number += sequence_;
        }
    }
    TcpOption* const echoed = find(wire, TcpOption::Kind::timestamps);
    if (echoed != nullptr && echoed->numbers.size() == 2 && segment.acknowledgement) {
        echoed->numbers[1] += timestamp_.value_or(0);
    }
    return wire;
}

void Translation::learn(const Segment& sent, const Segment& expected) {
    if (sent.has('S') && expected.has('S')) {
        sequence_ = sent.sequence - expected.sequence;
    }
    const auto on_wire = timestamp(sent);
    const auto in_script = timestamp(expected);
    if (on_wire && in_script && !timestamp_) {
        timestamp_ = *on_wire - *in_script;
    }
}

Segment Translation::to_script(const Segment& sent, const Segment* expected,
                               std::uint32_t tolerance_ms) {
    if (expected != nullptr) {
        learn(sent, *expected);
    }
    Segment segment = sent;
    segment.sequence -= sequence_;
    TcpOption* const stamped = find(segment, TcpOption::Kind::timestamps);
    if (stamped != nullptr && stamped->numbers.size() == 2) {
        stamped->numbers[0] -= timestamp_.value_or(0);
        const auto in_script = expected != nullptr ? timestamp(*expected) : std::nullopt;
        if (in_script && stamped->numbers[0] - *in_script + tolerance_ms <= 2 * tolerance_ms) {
            stamped->numbers[0] = *in_script;
        }
    }
    return segment;
}

}  // namespace halfclosed::scenarios::packetdrill
