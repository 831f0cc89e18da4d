#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "scenarios/trace/trace.h"

struct pcap;

namespace halfclosed::scenarios {

/// Captures the TCP segments on the loopback interface of the current network namespace. Needs CAP_NET_RAW over it.
class PacketCapture {
 public:
    /// What is kept of a frame: the headers of Ethernet, IPv6 and TCP with all options fit, and a line of text.
    static constexpr int kSnapLength = 192;

    /// `port` is the server's. Throws std::runtime_error with libpcap's message.
    explicit PacketCapture(std::uint16_t port);
    ~PacketCapture();
    PacketCapture(const PacketCapture&) = delete;
    PacketCapture& operator=(const PacketCapture&) = delete;

    /// The segments captured since the last call.
    std::vector<Packet> take();

    /// How many packets the kernel dropped for lack of room.
    std::uint64_t lost() const;

 private:
    struct Close {
        void operator()(pcap* capture) const;
    };

    std::unique_ptr<pcap, Close> capture_;
    std::uint16_t port_;
};

}  // namespace halfclosed::scenarios
