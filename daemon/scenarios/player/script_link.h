#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include "scenarios/packetdrill/packet.h"
#include "scenarios/packetdrill/translation.h"
#include "scenarios/player/tun_device.h"

namespace halfclosed::scenarios {

/// The connection of a script on the wire: what it says goes in, and what the kernel says comes out, in the script's
/// numbers.
class ScriptLink {
 public:
    using Clock = std::chrono::steady_clock;
    struct Sent {
        packetdrill::Segment segment;
        Clock::time_point at;  ///< when the kernel sent it
    };

    /// `local` and `remote` as long as no connection from here has told other ports. Throws std::system_error.
    ScriptLink(const TunDevice::Addresses& addresses, const Endpoint& local,
               const Endpoint& remote);

    const Endpoint& local() const { return local_; }
    const Endpoint& remote() const { return remote_; }

    /// Throws std::system_error.
    void inject(const packetdrill::Segment& segment);

    /// Reads what has come, until then; returns early when something is there that take() has not had.
    void listen(Clock::time_point until);

    /// The next segment that the kernel sent, beside the one that is expected in its place. One that is longer than the
    /// MSS comes in pieces: they are put together as long as `until`. With a tolerance that is not shorter than the
    /// kernel's retransmission timeout a segment that it sends again is passed over, unless it is the expected one: we may
    /// have been that late.
    std::optional<Sent> take(const packetdrill::Segment& expected, Clock::time_point until,
                             std::uint32_t tolerance_ms);

 private:
    struct Arrival {
        packetdrill::Packet packet;
        Clock::time_point at;
    };
    void read();
    bool is_repeated(const packetdrill::Segment& segment) const;
    void pass_repeated(const packetdrill::Segment& expected, std::uint32_t tolerance_ms);
    void wait(const packetdrill::Segment& expected, Clock::time_point until,
              std::uint32_t tolerance_ms);

    TunDevice device_;
    Endpoint local_;
    Endpoint remote_;
    packetdrill::Translation translation_;
    std::deque<Arrival> arrivals_;
    std::optional<std::uint32_t> syn_;       ///< its number on the wire
    std::optional<std::uint32_t> sent_end_;  ///< on the wire, of what take() has returned
};

}  // namespace halfclosed::scenarios
