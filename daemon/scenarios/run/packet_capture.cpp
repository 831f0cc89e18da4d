#include "scenarios/run/packet_capture.h"

#include <pcap/pcap.h>

#include <array>
#include <chrono>
#include <ctime>
#include <span>
#include <stdexcept>
#include <string>

#include "posix/clock.h"
#include "scenarios/trace/segment.h"

namespace halfclosed::scenarios {

namespace {

constexpr int kBufferBytes = 256 * 1024;

/// The kernel stamps packets with CLOCK_REALTIME, and the trace has CLOCK_BOOTTIME: how much later the latter
/// is. Taken anew each time, for the former may be set.
std::chrono::nanoseconds boot_clock_offset() {
    timespec real{};
    clock_gettime(CLOCK_REALTIME, &real);
    return posix::boot_clock_now() - std::chrono::seconds{real.tv_sec} -
           std::chrono::nanoseconds{real.tv_nsec};
}

}  // namespace

void PacketCapture::Close::operator()(pcap* capture) const {
    pcap_close(capture);
}

PacketCapture::PacketCapture(std::uint16_t port) : port_(port) {
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    capture_.reset(pcap_create("lo", error.data()));
    if (capture_ == nullptr) {
        throw std::runtime_error(std::string("capture on lo: ") + error.data());
    }
    pcap* const capture = capture_.get();
    pcap_set_snaplen(capture, kSnapLength);
    pcap_set_buffer_size(capture, kBufferBytes);
    pcap_set_immediate_mode(capture, 1);
    pcap_set_tstamp_precision(capture, PCAP_TSTAMP_PRECISION_NANO);
    if (pcap_activate(capture) < 0 || pcap_setnonblock(capture, 1, error.data()) < 0 ||
        pcap_datalink(capture) != DLT_EN10MB) {
        throw std::runtime_error(std::string("capture on lo: ") + pcap_geterr(capture));
    }
}

PacketCapture::~PacketCapture() = default;

std::vector<Packet> PacketCapture::take() {
    std::vector<Packet> packets;
    const std::chrono::nanoseconds offset = boot_clock_offset();
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    while (pcap_next_ex(capture_.get(), &header, &bytes) == 1) {
        const auto segment =
            decode_segment(std::as_bytes(std::span(bytes, std::size_t{header->caplen})));
        if (!segment || (segment->from_port != port_ && segment->to_port != port_)) {
            continue;
        }
        // With PCAP_TSTAMP_PRECISION_NANO tv_usec has nanoseconds (pcap_set_tstamp_precision(3pcap)).
        const auto stamped =
            std::chrono::seconds{header->ts.tv_sec} + std::chrono::nanoseconds{header->ts.tv_usec};
        const auto* const kept = reinterpret_cast<const char*>(bytes);
        packets.push_back(
            {instant(stamped + offset), segment->from_port == port_ ? Side::server : Side::client,
             segment->flags, segment->length, Frame{stamped, header->len, {kept, header->caplen}}});
    }
    return packets;
}

std::uint64_t PacketCapture::lost() const {
    pcap_stat statistics{};
    pcap_stats(capture_.get(), &statistics);
    return std::uint64_t{statistics.ps_drop} + statistics.ps_ifdrop;
}

}  // namespace halfclosed::scenarios
