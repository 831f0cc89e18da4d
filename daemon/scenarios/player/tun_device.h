#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "posix/file.h"
#include "records/endpoint.h"

namespace halfclosed::scenarios {

/// The link of a script: what the kernel sends to the peer comes out of it, and what is put into it has come from the
/// peer. It is the way to every address.
class TunDevice {
 public:
    struct Addresses {
        Address local;   ///< of the device
        Address remote;  ///< of the peer; of the same family
        unsigned prefix = 16;
        unsigned mtu = 1500;
    };

    /// Throws std::system_error that names the attempt.
    explicit TunDevice(const Addresses& addresses);

    using Clock = std::chrono::steady_clock;
    struct Sent {
        std::vector<std::byte> packet;
        Clock::time_point at;  ///< when the kernel sent it, by its own stamp
    };

    /// Becomes readable with a packet.
    int descriptor() const { return tap_.get(); }

    /// A packet that the kernel has sent, if there is one.
    std::optional<Sent> receive();

    /// The kernel has processed it when this returns. Throws std::system_error.
    void send(std::span<const std::byte> packet);

 private:
    void drain();

    posix::Descriptor device_;
    posix::Descriptor tap_;  ///< a packet socket: it stamps, and loses nothing while nobody reads
    std::vector<std::byte> buffer_;
};

}  // namespace halfclosed::scenarios
