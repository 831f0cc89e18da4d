#include "scenarios/player/script_link.h"

#include <poll.h>

#include <algorithm>
#include <ctime>

#include "scenarios/packetdrill/sequence.h"

namespace halfclosed::scenarios {

namespace {

using packetdrill::Segment;

/// TCP_RTO_MIN (include/net/tcp.h), in milliseconds.
constexpr std::uint32_t kRetransmissionTimeout = 200;

void wait_readable(int descriptor, ScriptLink::Clock::duration most) {
    const auto nanoseconds = std::max<std::int64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(most).count(), 0);
    const timespec timeout{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
    pollfd waiting{descriptor, POLLIN, 0};
    ppoll(&waiting, 1, &timeout, nullptr);
}

/// Whether `next` goes on where the pieces so far end.
bool continues(const Segment& pieces, const Segment& next) {
    return !pieces.has('S') && !pieces.has('F') && next.sequence == pieces.end();
}

void append(Segment& pieces, const Segment& next) {
    Segment whole = next;
    whole.sequence = pieces.sequence;
    whole.length += pieces.length;
    if (pieces.has('P') && !whole.has('P')) {
        whole.flags.insert(whole.flags.find('.'), 1, 'P');
    }
    pieces = whole;
}

}  // namespace

ScriptLink::ScriptLink(const TunDevice::Addresses& addresses, const Endpoint& local,
                       const Endpoint& remote)
    : device_(addresses), local_(local), remote_(remote) {
}

void ScriptLink::inject(const Segment& segment) {
    device_.send(packetdrill::encode({remote_, local_, translation_.to_wire(segment)}));
}

/// The kernel itself sends other things than TCP: neighbour discovery, multicast reports.
void ScriptLink::read() {
    for (auto sent = device_.receive(); sent; sent = device_.receive()) {
        const auto packet = packetdrill::decode(sent->packet);
        if (packet && packet->to.address == remote_.address) {
            if (packet->segment.flags == "S") {
                local_ = packet->from;
                remote_ = packet->to;
            }
            arrivals_.push_back({*packet, sent->at});
        }
    }
}

void ScriptLink::listen(Clock::time_point until) {
    const std::size_t before = arrivals_.size();
    read();
    while (arrivals_.size() == before && Clock::now() < until) {
        wait_readable(device_.descriptor(), until - Clock::now());
        read();
    }
}

bool ScriptLink::is_repeated(const Segment& segment) const {
    if (segment.has('S')) {
        return syn_ == segment.sequence;
    }
    const bool takes_numbers = segment.length > 0 || segment.has('F');
    return takes_numbers && sent_end_ && !packetdrill::before(*sent_end_, segment.end());
}

void ScriptLink::pass_repeated(const Segment& expected, std::uint32_t tolerance_ms) {
    while (tolerance_ms >= kRetransmissionTimeout && !arrivals_.empty() &&
           is_repeated(arrivals_.front().packet.segment)) {
        const Segment first =
            translation_.to_script(arrivals_.front().packet.segment, nullptr, tolerance_ms);
        if (first.sequence == expected.sequence && first.flags == expected.flags) {
            return;
        }
        arrivals_.pop_front();
    }
}

void ScriptLink::wait(const Segment& expected, Clock::time_point until,
                      std::uint32_t tolerance_ms) {
    pass_repeated(expected, tolerance_ms);
    while (arrivals_.empty() && Clock::now() < until) {
        listen(until);
        pass_repeated(expected, tolerance_ms);
    }
}

std::optional<ScriptLink::Sent> ScriptLink::take(const Segment& expected, Clock::time_point until,
                                                 std::uint32_t tolerance_ms) {
    wait(expected, until, tolerance_ms);
    if (arrivals_.empty()) {
        return std::nullopt;
    }
    const Arrival first = arrivals_.front();
    arrivals_.pop_front();
    Segment whole = first.packet.segment;
    while (whole.length > 0 && whole.length < expected.length) {
        sent_end_ = whole.end();
        wait(expected, until, tolerance_ms);
        if (arrivals_.empty() || !continues(whole, arrivals_.front().packet.segment) ||
            whole.length + arrivals_.front().packet.segment.length > expected.length) {
            break;
        }
        append(whole, arrivals_.front().packet.segment);
        arrivals_.pop_front();
    }
    if (whole.has('S')) {
        syn_ = whole.sequence;
        sent_end_.reset();
    }
    if (!sent_end_ || packetdrill::before(*sent_end_, whole.end())) {
        sent_end_ = whole.end();
    }
    return Sent{translation_.to_script(whole, &expected, tolerance_ms), first.at};
}

}  // namespace halfclosed::scenarios
